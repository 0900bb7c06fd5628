from dataclasses import replace

import pytest

from vidstyle.options.groups import Options, PaintOptions
from vidstyle.pipeline.paint.scales import full_iterations, scales, work_of


def options(**paint):
    return Options(paint=PaintOptions(first_iterations=90, **paint))


@pytest.mark.parametrize(
    ("size", "sizes"),
    [
        ((512, 341), [(512, 341, 90)]),
        ((640, 640), [(640, 640, 90)]),
        ((641, 300), [(321, 150, 90), (641, 300, 30)]),
        ((1025, 769), [(513, 385, 90), (1025, 769, 30)]),
        ((3000, 4000), [(375, 500, 90), (750, 1000, 30), (1500, 2000, 30), (3000, 4000, 30)]),
    ],
)
def test_large_image_is_painted_at_half_its_size_first(size, sizes):
    assert [tuple(scale) for scale in scales(*size, options())] == sizes


def test_none_is_smaller_than_the_network_needs():
    assert [scale.height for scale in scales(3000, 40, options())] == [20, 40]


def test_it_can_be_left_off_or_begin_at_another_size():
    assert len(scales(4000, 3000, options(coarse_size=0))) == 1
    assert [scale.width for scale in scales(400, 300, options(coarse_size=100))] == [100, 200, 400]


def test_work_at_all_sizes_is_counted_in_iterations_at_the_last():
    sizes = scales(1000, 800, options())
    assert work_of(sizes) == 500 * 400 * 90 + 1000 * 800 * 30
    assert full_iterations(sizes) == 53  # 90 / 4 + 30, rounded up.
    assert full_iterations([sizes[-1]._replace(iterations=7)]) == 7


def test_share_of_an_iteration_is_one():
    few = replace(options(), paint=PaintOptions(first_iterations=1))
    assert [scale.iterations for scale in scales(1000, 800, few)] == [1, 1]
