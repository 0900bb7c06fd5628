import pytest

from vidstyle.events import Losses, StopRequest


def test_losses_add_up_to_their_total():
    assert Losses(content=1.0, style=2.0, tv=3.0, temporal=4.0).total == 10.0


@pytest.mark.parametrize(
    ("times", "after_frame", "now"), [(0, False, False), (1, True, False), (2, True, True), (3, True, True)]
)
def test_second_request_to_stop_is_more_urgent(times, after_frame, now):
    stop = StopRequest()
    for _ in range(times):
        stop()
    assert (stop.after_frame, stop.now) == (after_frame, now)
