import cv2
import numpy as np
import pytest
from support.clips import H264

from vidstyle.errors import Interrupted, RangeError
from vidstyle.media.video.probe import probe_video
from vidstyle.media.video.shots import _CutDetector, find_shots
from vidstyle.options.values import Cuts

WIDTH, HEIGHT = 128, 72
BLACK, WHITE = np.zeros((HEIGHT, WIDTH, 3), np.uint8), np.full((HEIGHT, WIDTH, 3), 255, np.uint8)
AT_25 = {"flash": 4, "spans": [12, 24]}


def scene(seed):
    """An image of large and small blobs of colour, wider than a frame."""
    noise = np.random.default_rng(seed)
    image = sum(
        size**0.8 * cv2.GaussianBlur(noise.normal(0, 1, (HEIGHT + 40, 800, 3)), (0, 0), size)
        for size in (2, 8, 24)
    )
    return np.clip(128 + 45 * (image - image.mean()) / image.std(), 0, 255).astype(np.uint8)


def pan(image, frames, speed=1, begin=0):
    return [image[20 : 20 + HEIGHT, begin + speed * i : begin + speed * i + WIDTH] for i in range(frames)]


def mix(one, other, share):
    return cv2.addWeighted(one, 1 - share, other, share, 0)


def cross_fade(ones, others, begin, length):
    return [
        mix(one, other, min(1, max(0, (i - begin) / length)))
        for i, (one, other) in enumerate(zip(ones, others, strict=True))
    ]


def cuts_in(frames):
    detector = _CutDetector(**AT_25)
    for frame in frames:
        detector.process(np.ascontiguousarray(frame))
    return sorted(detector.cuts())


def grey(frames):
    return [np.repeat(frame.mean(axis=-1, keepdims=True), 3, axis=-1).astype(np.uint8) for frame in frames]


@pytest.fixture(scope="module")
def scenes():
    return [scene(seed) for seed in (3, 4, 5)]


@pytest.fixture(scope="module")
def three_shots(scenes):
    return [frame for image, speed in zip(scenes, (1, 3, 2), strict=True) for frame in pan(image, 12, speed)]


@pytest.fixture(scope="module")
def video(three_shots, tmp_path_factory):
    from vidstyle.media.encode.ffmpeg import run

    folder = tmp_path_factory.mktemp("shots")
    (folder / "raw").write_bytes(b"".join(frame.tobytes() for frame in three_shots))
    raw = ("-f", "rawvideo", "-pix_fmt", "bgr24", "-s", f"{WIDTH}x{HEIGHT}", "-r", 25, "-i", folder / "raw")
    run([*raw, *H264, folder / "video.mp4"], what="draw")
    return probe_video(folder / "video.mp4")


def test_hard_cuts_between_moving_shots_are_found(three_shots):
    assert cuts_in(three_shots) == [12, 24]


def test_cuts_in_grey_and_dark_videos_are_found(three_shots):
    assert cuts_in(grey(three_shots)) == [12, 24]
    assert cuts_in([(frame * 0.2).astype(np.uint8) for frame in three_shots]) == [12, 24]


def test_cut_next_to_either_end_is_found(scenes):
    one, other, _ = scenes
    assert cuts_in([BLACK, *pan(one, 10)]) == [1]
    assert cuts_in([*pan(one, 10), *pan(other, 1)]) == [10]


@pytest.mark.parametrize("light", [WHITE, BLACK], ids=["white", "black"])
@pytest.mark.parametrize("length", [1, 2, 3])
def test_flash_is_not_a_cut(scenes, light, length):
    frames = pan(scenes[0], 24)
    frames[10 : 10 + length] = [light] * length
    assert cuts_in(frames) == []


def test_fading_flash_is_not_a_cut(scenes):
    frames = pan(scenes[0], 24)
    frames[10:13] = [
        mix(frame, WHITE, share) for frame, share in zip(frames[10:13], (0.7, 0.4, 0.2), strict=True)
    ]
    assert cuts_in(frames) == []


@pytest.mark.parametrize("speed", [4, 12, 24])
def test_fast_pan_is_not_a_cut(scenes, speed):
    assert cuts_in(pan(scenes[0], 24, speed)) == []


def test_whip_pan_between_two_still_views_is_not_a_cut(scenes):
    one = scenes[0]
    assert cuts_in([*pan(one, 10, 0), *pan(one, 6, 20), *pan(one, 10, 0, 120)]) == []


def test_waving_foreground_is_not_a_cut(scenes):
    one, other, _ = scenes
    frames = [frame.copy() for frame in pan(one, 30, 0)]
    for i, frame in enumerate(frames):
        left = round(36 + 30 * np.sin(1.2 * i))
        frame[10:60, left : left + 50] = other[10:60, :50]
    assert cuts_in(frames) == []


def test_lamp_that_is_switched_on_is_not_a_cut(scenes):
    frames = pan(scenes[0], 24)
    assert (
        cuts_in([frame if i >= 12 else (frame * 0.4).astype(np.uint8) for i, frame in enumerate(frames)])
        == []
    )


@pytest.mark.parametrize("blank", [BLACK, WHITE], ids=["black", "white"])
def test_fade_through_black_or_white_is_cut_where_the_next_scene_appears(scenes, blank):
    one, other, _ = scenes
    out = cross_fade(pan(one, 24), [blank] * 24, 8, 12)
    into = cross_fade([blank] * 24, pan(other, 24), 0, 12)
    [cut] = cuts_in([*out, *into])
    assert 24 <= cut <= 28


def test_cross_fade_is_cut_once_in_its_middle(scenes):
    one, other, _ = scenes
    [cut] = cuts_in(cross_fade(pan(one, 40), pan(other, 40), 12, 14))
    assert 15 <= cut <= 23


def test_shots_are_in_source_frames_and_cover_the_range(video):
    assert find_shots(video, 0, 36, Cuts()) == [(0, 12), (12, 24), (24, 36)]
    assert find_shots(video, 5, 20, Cuts()) == [(5, 12), (12, 20)]
    assert find_shots(video, 12, 24, Cuts()) == [(12, 24)]


def test_given_cuts_are_used_as_they_are(video):
    assert find_shots(video, 2, 36, Cuts.parse("10f,1")) == [(2, 10), (10, 25), (25, 36)]
    assert find_shots(video, 2, 36, Cuts.parse("2f")) == [(2, 36)]
    assert find_shots(video, 2, 36, Cuts.parse("off")) == [(2, 36)]


@pytest.mark.parametrize(("cuts", "time"), [("1,99", "99"), ("36f", "36f"), ("0.04", "0.04"), ("30f,1", "1")])
def test_cut_outside_or_out_of_order_is_refused_by_its_time(video, cuts, time):
    with pytest.raises(RangeError, match=f"--cuts {time}: "):
        find_shots(video, 5, 36, Cuts.parse(cuts))


def test_shot_detection_can_be_stopped(video):
    with pytest.raises(Interrupted):
        find_shots(video, 0, 36, Cuts(), should_stop=lambda: True)
