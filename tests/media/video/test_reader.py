from dataclasses import replace

import numpy as np
import pytest
from support.clips import CORNERS, H264, decoded_by_ffmpeg

from vidstyle.errors import DecodeError
from vidstyle.media.geometry import fit
from vidstyle.media.video.probe import probe_video
from vidstyle.media.video.reader import VideoReader

RED, LIME, BLUE, WHITE = (1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 1, 1)


def frames_of(path, *bounds, longer_side=None):
    video = probe_video(path)
    frame = fit(video.width, video.height, video.pixel_aspect, longer_side, even=True)
    with VideoReader(video, frame, *bounds) as reader:
        return list(reader)


def corners_of(image):
    height, width = image.shape[:2]
    rows, columns = (height // 4, 3 * height // 4), (width // 4, 3 * width // 4)
    return [tuple(np.rint(image[y, x]).astype(int).tolist()) for y in rows for x in columns]


@pytest.fixture(scope="session")
def flat(draw):
    return draw("corners.mp4", "-filter_complex", CORNERS, *H264)


@pytest.mark.parametrize(
    ("turn", "upright"),
    [
        (["-display_rotation", 90], [LIME, WHITE, RED, BLUE]),
        (["-display_rotation", 180], [WHITE, BLUE, LIME, RED]),
        (["-display_rotation", 270], [BLUE, RED, WHITE, LIME]),
        (["-display_hflip"], [LIME, RED, WHITE, BLUE]),
        (["-display_vflip"], [BLUE, WHITE, RED, LIME]),
        (["-display_rotation", 90, "-display_hflip"], None),
        (["-display_rotation", 270, "-display_vflip"], None),
    ],
)
def test_rotated_and_mirrored_videos_are_read_upright(draw, flat, tmp_path, turn, upright):
    path = draw(f"turned{'-'.join(map(str, turn))}.mp4", *turn, "-i", flat, "-c", "copy")
    image = frames_of(path)[0]
    shown = decoded_by_ffmpeg(path, tmp_path)
    assert image.shape == shown.shape
    assert corners_of(image) == corners_of(shown / 255)
    if upright:
        assert corners_of(image) == upright


def test_shrunk_frames_are_averaged(flat):
    small = frames_of(flat, longer_side=2)[0]
    assert small.shape == (2, 2, 3)
    assert corners_of(small) == [RED, LIME, BLUE, WHITE]


def test_wide_pixels_become_square(draw):
    path = draw("wide.mp4", "-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=0.2,setsar=3/2", *H264)
    image = frames_of(path)[0]
    assert image.shape == (48, 96, 3)
    assert 0 <= image.min() <= image.max() <= 1


@pytest.mark.parametrize("matrix", ["bt601", "bt709"])
@pytest.mark.parametrize("levels", ["tv", "pc"])
def test_colours_match_ffmpeg(draw, tmp_path, matrix, levels):
    tag = {"bt601": "smpte170m", "bt709": "bt709"}[matrix]
    tags = f"setparams=colorspace={tag}:range={levels}"
    convert = f"scale=out_color_matrix={matrix}:out_range={levels},format=yuv444p,{tags}"
    path = draw(
        f"patches-{tag}-{levels}.mkv",
        "-filter_complex",
        f"{CORNERS},hue=h=20:s=0.7,{convert}",
        "-c:v",
        "libx264",
        "-qp",
        0,
    )
    ours = frames_of(path)[0] * 255
    assert np.abs(ours - decoded_by_ffmpeg(path, tmp_path)).max() <= 3


def test_codec_unknown_to_opencv_is_read_by_pyav(draw, tmp_path):
    picture = "color=0x6432c8:s=64x64:r=25:d=0.2"
    film = draw("in.mp4", "-f", "lavfi", "-i", picture, "-c:v", "libaom-av1", "-cpu-used", 8, "-crf", 10)
    frames = frames_of(film)
    assert len(frames) == 5
    assert np.abs(frames[4] * 255 - decoded_by_ffmpeg(film, tmp_path)).max() <= 3


def test_variable_frame_rate_gives_each_frame_once(variable):
    assert len(frames_of(variable)) == 32


def test_frames_before_an_edit_list_are_omitted(draw):
    long = draw("long.mp4", "-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=2", *H264, "-g", 50)
    edited = draw("edited.mp4", "-ss", 1, "-i", long, "-c", "copy")
    assert np.array_equal(frames_of(edited), frames_of(long)[25:])


def test_truncated_video_is_an_error_and_not_an_early_end(draw, tmp_path):
    path = draw(
        "solid.mp4", "-f", "lavfi", "-i", "testsrc2=s=160x120:r=25:d=2", *H264, "-movflags", "+faststart"
    )
    video = probe_video(path)
    frame = fit(video.width, video.height, video.pixel_aspect, None, even=True)
    broken = tmp_path / "broken.mp4"
    data = path.read_bytes()
    broken.write_bytes(data[: len(data) * 6 // 10])
    with (
        pytest.raises(DecodeError, match=r"gives only \d+ of its 50 frames: it is damaged at \d"),
        VideoReader(replace(video, path=broken), frame) as reader,
    ):
        list(reader)
