import pytest

from vidstyle.errors import DeviceFullError, PainterError
from vidstyle.neural.device.retry import retry_smaller


class Painter:
    """Painter with tiles of some sizes, on a device with memory for those up to a size."""

    def __init__(self, sides, limit):
        self.sides, self.limit, self.side = list(sides), limit, 1000
        self.asked = []

    def use_smaller_tiles(self, height, width):
        self.asked.append((height, width))
        self.side = self.sides.pop(0) if self.sides else None
        return self.side

    def paint(self):
        if self.side > self.limit:
            raise DeviceFullError("It is full.")
        return f"painted at {self.side}"


def test_run_that_fits_is_made_once():
    painter = Painter([512], limit=2000)
    assert retry_smaller(painter, 30, 40, painter.paint) == "painted at 1000"
    assert painter.asked == []


def test_tiles_become_smaller_until_they_fit_and_each_retry_is_reported():
    painter, retries = Painter([512, 256], limit=256), []
    assert retry_smaller(painter, 30, 40, painter.paint, retries.append) == "painted at 256"
    assert retries == [512, 256]
    assert painter.asked == [(30, 40)] * 2


def test_error_is_raised_where_no_tiles_fit():
    painter, retries = Painter([512], limit=100), []
    with pytest.raises(DeviceFullError, match="It is full"):
        retry_smaller(painter, 30, 40, painter.paint, retries.append)
    assert retries == [512]


def test_other_failures_are_not_retried():
    painter = Painter([512], limit=100)

    def fail():
        raise PainterError("A wire fell off.")

    with pytest.raises(PainterError, match="wire"):
        retry_smaller(painter, 30, 40, fail)
    assert painter.asked == []
