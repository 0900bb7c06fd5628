from contextlib import contextmanager

import numpy as np
import pytest
from PIL import Image
from support.clips import COPIED

from vidstyle.pipeline.paint.passes import Pass, in_order, open_source
from vidstyle.pipeline.plan.jobs import plan
from vidstyle.pipeline.plan.survey import resolve

IMAGES = [np.full((2, 3, 3), index, np.float32) for index in range(10)]


class Film:
    def __init__(self):
        self.opened = []

    @contextmanager
    def __call__(self, index):
        self.opened.append(index)
        yield iter(IMAGES[index:])


def test_every_other_pass_goes_backward():
    assert list(Pass(1, 2, 6).indices) == [2, 3, 4, 5]
    assert list(Pass(2, 2, 6).indices) == [5, 4, 3, 2]
    assert list(Pass(3, 2, 6).indices) == [2, 3, 4, 5]


def test_painted_predecessors_lie_within_the_shot():
    forward, backward = Pass(1, 2, 6), Pass(2, 2, 6)
    assert [forward.before(index, 2) for index in forward.indices] == [None, None, 2, 3]
    assert [backward.before(index, 2) for index in backward.indices] == [None, None, 5, 4]


@pytest.mark.parametrize("held", [1, 2, 3, 100])
@pytest.mark.parametrize(
    "indices", [range(10), range(9, -1, -1), range(7, 2, -1), range(4, 3, -1), range(3, 7)]
)
def test_frames_come_in_the_order_that_is_asked_for(indices, held):
    film = Film()
    found = list(in_order(film, indices, held * IMAGES[0].nbytes))
    assert [index for index, _ in found] == list(indices)
    assert all((image == index).all() for index, image in found)


def test_going_backward_holds_no_more_than_it_may():
    film = Film()
    list(in_order(film, range(9, -1, -1), 4 * IMAGES[0].nbytes))
    # The first is read to learn its size.
    assert film.opened == [9, 5, 1, 0]


def test_photo_is_read_once(style, tmp_path):
    path = tmp_path / "photo.png"
    Image.new("RGB", (40, 30), (255, 0, 51)).save(path)
    (job,) = plan([path], [style], tmp_path / "out.png", COPIED)
    spec = resolve(job)
    with open_source(spec)(0) as images:
        (image,) = images
    np.testing.assert_allclose(image[0, 0], [1, 0, 0.2], atol=1e-6)
    path.unlink()
    with open_source(spec, image)(0) as images:
        assert next(iter(images)) is image


def test_film_is_opened_at_any_frame_of_its_part(short, style, tmp_path):
    (job,) = plan([short], [style], tmp_path / "out.mp4", COPIED)
    source = open_source(resolve(job))
    with source(0) as images:
        whole = list(images)
    with source(4) as images:
        rest = list(images)
    assert (len(whole), len(rest)) == (6, 2)
    np.testing.assert_array_equal(rest[0], whole[4])


def test_pass_over_keyframes_paints_these_in_its_direction():
    forward, backward = Pass(1, 2, 9, (2, 5, 8)), Pass(2, 2, 9, (2, 5, 8))
    assert (list(forward.indices), list(backward.indices)) == ([2, 5, 8], [8, 5, 2])
    assert [forward.before(8, distance) for distance in (1, 2, 3)] == [5, 2, None]
    assert [backward.before(2, distance) for distance in (1, 2, 3)] == [5, 8, None]


def test_frames_between_keyframes_come_in_the_order_of_the_pass():
    forward, backward = Pass(1, 2, 9, (2, 5, 8)), Pass(2, 2, 9, (2, 5, 8))
    assert [list(forward.between(index)) for index in (2, 5, 8)] == [[], [3, 4], [6, 7]]
    assert [list(backward.between(index)) for index in (2, 5, 8)] == [[4, 3], [7, 6], []]
    assert list(Pass(1, 2, 9).between(5)) == []


def test_part_of_a_shot_has_its_journal_and_its_own_direction():
    part = Pass(1, 4, 9, (4, 8), backward=True, shot_start=2)
    assert (part.is_backward, part.journal, list(part.frames)) == (True, 2, [8, 7, 6, 5, 4])
    assert (Pass(1, 4, 9).is_backward, Pass(2, 4, 9).is_backward, Pass(1, 4, 9).journal) == (False, True, 4)
