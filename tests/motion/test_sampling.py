import numpy as np

from vidstyle.motion.sampling import sample_positions, warp_lanczos


def test_positions_are_those_that_the_flow_leads_to():
    flow = np.zeros((2, 3, 2), np.float32)
    flow[0, 1] = 0.5, -1
    x, y = sample_positions(flow)
    assert (x[0, 1], y[0, 1]) == (1.5, -1)
    assert (x[1, 2], y[1, 2]) == (2, 1)


def test_values_between_two_pixels_lie_between_them():
    ramp = np.tile(np.linspace(0, 1, 16, dtype=np.float32), (12, 1))
    flow = np.zeros((12, 16, 2), np.float32)
    flow[..., 0] = 0.5
    halfway = (ramp[:, 4:11] + ramp[:, 5:12]) / 2
    np.testing.assert_allclose(warp_lanczos(ramp, flow)[:, 4:11], halfway, atol=1e-3)
