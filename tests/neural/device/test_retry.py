import pytest

from vidstyle.errors import DeviceFullError, PainterError
from vidstyle.neural.device.retry import retry_smaller


class Painter:
    """One that has windows of some sides, and a device that holds those up to a side."""

    def __init__(self, sides, holds):
        self.sides, self.holds, self.side = list(sides), holds, 1000
        self.asked = []

    def use_smaller_tiles(self, height, width):
        self.asked.append((height, width))
        self.side = self.sides.pop(0) if self.sides else None
        return self.side

    def paint(self):
        if self.side > self.holds:
            raise DeviceFullError("It is full.")
        return f"painted at {self.side}"


def test_what_fits_is_done_once():
    painter = Painter([512], holds=2000)
    assert retry_smaller(painter, 30, 40, painter.paint) == "painted at 1000"
    assert painter.asked == []


def test_windows_become_smaller_until_they_fit_and_each_time_it_is_told():
    painter, told = Painter([512, 256], holds=256), []
    assert retry_smaller(painter, 30, 40, painter.paint, told.append) == "painted at 256"
    assert told == [512, 256]
    assert painter.asked == [(30, 40)] * 2


def test_where_no_windows_fit_the_error_stays():
    painter, told = Painter([512], holds=100), []
    with pytest.raises(DeviceFullError, match="It is full"):
        retry_smaller(painter, 30, 40, painter.paint, told.append)
    assert told == [512]


def test_another_failure_is_no_reason_for_windows():
    painter = Painter([512], holds=100)

    def fail():
        raise PainterError("A wire fell off.")

    with pytest.raises(PainterError, match="wire"):
        retry_smaller(painter, 30, 40, fail)
    assert painter.asked == []
