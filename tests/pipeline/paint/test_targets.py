import numpy as np

from vidstyle.imaging.oklab import to_grey
from vidstyle.neural.objective.style_targets import Region
from vidstyle.pipeline.paint.scales import Scale
from vidstyle.pipeline.paint.targets import TargetSource

FRAME = np.random.default_rng(6).random((6, 8, 3), np.float32)
SCALE = Scale(8, 6, 5)


def test_frame_without_masks_has_the_style_everywhere_and_starts_from_its_content():
    targets = TargetSource((Region(()),), SCALE).for_frame(3, FRAME, initial=True, features=(1,))
    assert targets.content is FRAME
    assert targets.style[0].mask is None
    assert (targets.initial, targets.protect, targets.features) == (None, None, (1,))


def test_grey_targets_have_grey_content_and_grey_noise():
    targets = TargetSource((Region(()),), SCALE, grey=True, seed=3).for_frame(3, FRAME, initial=True)
    np.testing.assert_array_equal(targets.content, to_grey(FRAME))
    np.testing.assert_allclose(targets.initial, to_grey(targets.initial), atol=2e-3)


def test_initial_image_is_given_to_first_frames_alone():
    start = np.zeros((3, 4, 3), np.float32)
    source = TargetSource((Region(()),), SCALE, start=start)
    assert source.for_frame(0, FRAME).initial is None
    assert source.for_frame(0, FRAME, initial=True).initial.shape == FRAME.shape
    assert not source.starts_from_source
