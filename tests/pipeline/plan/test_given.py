from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image
from support.clips import COPIED

from vidstyle.errors import InputError, RangeError
from vidstyle.options.groups import MotionOptions, SourceOptions
from vidstyle.options.values import Time
from vidstyle.pipeline.plan.given import GivenFrame, digest_of
from vidstyle.pipeline.plan.jobs import plan
from vidstyle.pipeline.plan.keys import keys_of
from vidstyle.pipeline.plan.survey import resolve
from vidstyle.pipeline.work.ledger import Ledger


def picture(path, width=48, height=32, color=(9, 99, 199)):
    Image.new("RGB", (width, height), color).save(path)
    return path


@pytest.fixture
def resolved(short, style):
    """Resolve the short film, 6 frames of 48 x 32, with keyframes by their times."""

    def make(*keyframes, path=short, start=None, output="out.mp4"):
        motion = MotionOptions(keyframe=tuple(f"{time}={file}" for time, file in keyframes))
        options = replace(COPIED, motion=motion, source=SourceOptions(start=start))
        return resolve(plan([path], [style], Path(output), options)[0])

    return make


def test_no_keyframe_is_given_by_default(resolved):
    assert resolved().given == ()


def test_pictures_become_frames_in_order(resolved, tmp_path):
    early, late = picture(tmp_path / "early.png"), picture(tmp_path / "late.png")
    # The fourth frame is shown at 0.1001 s.
    spec = resolved(("0.1", late), ("0", early))
    assert spec.given == (GivenFrame(0, early), GivenFrame(3, late))


def test_time_may_be_a_frame(resolved, tmp_path):
    file = picture(tmp_path / "edited.png")
    assert resolved(("5f", file)).given == (GivenFrame(5, file),)


def test_frame_is_counted_from_the_beginning_of_the_source(resolved, tmp_path):
    file = picture(tmp_path / "edited.png")
    assert resolved(("3f", file), start=Time(frame=2)).given == (GivenFrame(3, file),)


@pytest.mark.parametrize(
    ("time", "start", "painted"),
    [("6f", None, "0 to 5"), ("99", None, "0 to 5"), ("1f", Time(frame=2), "2 to 5")],
)
def test_time_outside_the_painted_range_is_refused(resolved, tmp_path, time, start, painted):
    file = picture(tmp_path / "edited.png")
    fault = rf"invalid --keyframe {time}=.*edited\.png: .*short\.mp4', frames {painted};"
    with pytest.raises(RangeError, match=fault):
        resolved((time, file), start=start)


def test_missing_picture_is_refused_by_name(resolved, tmp_path):
    with pytest.raises(InputError, match=r"missing\.png'"):
        resolved(("0", tmp_path / "missing.png"))


def test_picture_that_is_a_film_is_refused_by_name(resolved, short):
    with pytest.raises(InputError, match=r"short\.mp4' is not a readable image"):
        resolved(("0", short))


@pytest.mark.parametrize("size", [(24, 16), (96, 64), (481, 320)])
def test_picture_may_have_any_size_of_the_shape(resolved, tmp_path, size):
    file = picture(tmp_path / "edited.png", *size)
    assert resolved(("0", file)).given == (GivenFrame(0, file),)


@pytest.mark.parametrize("size", [(32, 48), (48, 36), (56, 32)])
def test_picture_of_another_shape_is_refused_with_both_sizes(resolved, tmp_path, size):
    file = picture(tmp_path / "edited.png", *size)
    fault = rf"edited\.png' is {size[0]} x {size[1]} pixels, another shape than the frame of 48 x 32;"
    with pytest.raises(InputError, match=fault):
        resolved(("0", file))


def test_two_pictures_of_one_frame_are_refused_by_name(resolved, tmp_path):
    one, other = picture(tmp_path / "one.png"), picture(tmp_path / "other.png")
    with pytest.raises(InputError, match=r"one\.png' and .*other\.png' are both of frame 3;"):
        resolved(("0.1", other), ("3f", one))


def test_keyframe_of_a_photo_is_refused(resolved, tmp_path):
    photo, file = picture(tmp_path / "photo.png"), picture(tmp_path / "edited.png")
    with pytest.raises(InputError, match=r"photo\.png' is a photo, which has no times; omit --keyframe"):
        resolved(("0", file), path=photo, output="out.png")


def test_digest_of_no_keyframe_is_empty():
    assert digest_of(()) == ""


def test_digest_differs_by_content_and_by_frame_and_not_by_name(tmp_path):
    one, other = picture(tmp_path / "one.png"), picture(tmp_path / "other.png", color=(1, 2, 3))
    copy = tmp_path / "copy.png"
    copy.write_bytes(one.read_bytes())
    given = [
        (GivenFrame(0, one),),
        (GivenFrame(0, other),),
        (GivenFrame(1, one),),
        (GivenFrame(0, one), GivenFrame(1, one)),
    ]
    assert len({digest_of(each) for each in given}) == 4
    assert digest_of(given[0]) == digest_of([GivenFrame(0, copy)])


def test_digest_of_a_picture_that_vanished_is_refused_by_name(tmp_path):
    with pytest.raises(InputError, match=r"gone\.png' cannot be read \(No such file"):
        digest_of([GivenFrame(0, tmp_path / "gone.png")])


def test_keyframe_changes_the_key_of_the_result_and_not_that_of_the_frames(resolved, tmp_path):
    file = picture(tmp_path / "edited.png")
    keys = [keys_of(spec, Ledger(tmp_path)) for spec in (resolved(), resolved(("0", file)))]
    picture(file, color=(1, 2, 3))
    keys.append(keys_of(resolved(("0", file)), Ledger(tmp_path)))
    assert len({key.frames for key in keys}) == 1
    assert len({key.result for key in keys}) == 3
