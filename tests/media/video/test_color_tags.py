from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from support.clips import H264
from support.patches import PATCHES, draw_patches, patches_of

from vidstyle.errors import ProbeError
from vidstyle.media.geometry import FrameSize
from vidstyle.media.video.color_tags import ColorTags, assume_matrix, matrix_code, read_color_tags
from vidstyle.media.video.probe import probe_video
from vidstyle.media.video.reader import VideoReader
from vidstyle.media.video.video import Decoder
from vidstyle.options.media import ColorMatrix

SIZES = {"720p": (1280, 720), "1080p": (1920, 1080), "576p": (720, 576), "480p": (720, 480)}
HD = {"720p", "1080p"}


def frame_of(width, height, colorspace=2, pixels="yuv420p"):
    frame = av.VideoFrame(width, height, pixels)
    frame.colorspace = colorspace
    return frame


@pytest.mark.parametrize(
    ("width", "height", "matrix"),
    [
        (1280, 720, ColorMatrix.BT709),
        (1920, 1080, ColorMatrix.BT709),
        (960, 720, ColorMatrix.BT709),
        (1280, 534, ColorMatrix.BT709),
        (720, 1280, ColorMatrix.BT709),
        (1278, 718, ColorMatrix.BT601),
        (720, 576, ColorMatrix.BT601),
        (640, 480, ColorMatrix.BT601),
    ],
)
def test_matrix_without_a_tag_is_assumed_by_size(width, height, matrix):
    assert assume_matrix(frame_of(width, height)) is matrix
    # 3 is a reserved code point.
    assert assume_matrix(frame_of(width, height, 3)) is matrix


@pytest.mark.parametrize("choice", [ColorMatrix.BT601, ColorMatrix.BT709, ColorMatrix.BT2020])
def test_chosen_matrix_replaces_the_assumed_one_only(choice):
    assert assume_matrix(frame_of(1280, 720), choice) is choice
    assert assume_matrix(frame_of(1280, 720, 6), choice) is None
    assert assume_matrix(frame_of(1280, 720, pixels="gbrp"), choice) is None


def test_assumed_tags_leave_those_that_are_known():
    frame = frame_of(1280, 720)
    frame.color_primaries = 9
    assert read_color_tags(frame, Path("in.mp4")) == ColorTags("bt709", "bt2020", "bt709", "tv")
    assert read_color_tags(frame, Path("in.mp4"), ColorMatrix.BT601).matrix == "smpte170m"


def test_unusual_matrix_is_refused_whatever_is_chosen():
    with pytest.raises(ProbeError, match=r"unusual colour matrix \(11\); convert it"):
        read_color_tags(frame_of(64, 48, 11), Path("in.mp4"), ColorMatrix.BT709)


@pytest.mark.parametrize(
    ("assumed", "code"),
    [(ColorMatrix.BT601, 6), (ColorMatrix.BT709, 1), (ColorMatrix.BT2020, 9)],
)
def test_matrix_has_the_code_point_of_the_standard(assumed, code):
    assert matrix_code(assumed) == code


@pytest.mark.parametrize("pixels", ["yuv444p", "yuv444p10le"])
@pytest.mark.parametrize("name", SIZES)
def test_film_without_tags_has_its_colours(draw, name, pixels):
    drawn = "bt709" if name in HD else "bt601"
    video = probe_video(draw_patches(draw, SIZES[name], drawn, pixels))
    assert video.color.matrix == ("bt709" if name in HD else "smpte170m")
    assert np.abs(patches_of(video) - PATCHES).max() <= 3
    expected = Decoder.PYAV if name in HD or pixels != "yuv444p" else Decoder.OPENCV
    assert video.decoder is expected


@pytest.mark.parametrize("drawn", ["bt601", "bt709", "bt2020"])
@pytest.mark.parametrize("name", ["720p", "480p"])
def test_chosen_matrix_decodes_a_film_without_tags(draw, name, drawn):
    path = draw_patches(draw, SIZES[name], drawn)
    video = probe_video(path, color_matrix=ColorMatrix(drawn))
    assert np.abs(patches_of(video) - PATCHES).max() <= 3
    assert video.assumed_matrix is ColorMatrix(drawn)


@pytest.mark.parametrize(
    ("primaries", "transfer", "decoder"),
    [
        ("bt709", "bt709", Decoder.OPENCV),
        ("smpte170m", "smpte170m", Decoder.OPENCV),
        ("bt470bg", "bt470bg", Decoder.OPENCV),
        ("bt709", "iec61966-2-1", Decoder.OPENCV),
        ("smpte432", "bt709", Decoder.PYAV),
        ("bt2020", "bt2020-10", Decoder.PYAV),
        ("bt709", "log100", Decoder.PYAV),
    ],
)
def test_primaries_and_transfer_are_passed_on_without_a_conversion(draw, primaries, transfer, decoder):
    tags = f":color_primaries={primaries}:color_trc={transfer}"
    video = probe_video(draw_patches(draw, (64, 48), "bt709", tagged=True, tags=tags))
    assert (video.color.primaries, video.color.transfer, video.decoder) == (primaries, transfer, decoder)
    assert np.abs(patches_of(video) - PATCHES).max() <= 3


@pytest.mark.parametrize("drawn", ["bt601", "bt709", "bt2020"])
@pytest.mark.parametrize("name", ["720p", "480p"])
def test_tagged_film_stays_as_tagged(draw, name, drawn):
    path = draw_patches(draw, SIZES[name], drawn, tagged=True)
    for choice in ColorMatrix:
        video = probe_video(path, color_matrix=choice)
        assert video.color.matrix == {"bt601": "smpte170m", "bt709": "bt709", "bt2020": "bt2020nc"}[drawn]
        assert video.assumed_matrix is None
    assert np.abs(patches_of(video) - PATCHES).max() <= 3


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ((), ("smpte170m", "unknown", "unknown", "tv")),
        (
            ("-vf", "setparams=colorspace=bt709:color_primaries=bt709:color_trc=bt709:range=tv"),
            ("bt709", "bt709", "bt709", "tv"),
        ),
        (("-vf", "setparams=colorspace=bt470bg:range=pc"), ("bt470bg", "unknown", "unknown", "pc")),
    ],
)
def test_color_tags_are_read(draw, tags, expected):
    video = probe_video(
        draw(
            f"tags-{'-'.join(expected)}.mp4", "-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=0.2", *tags, *H264
        )
    )
    color = video.color
    assert (color.matrix, color.primaries, color.transfer, color.range) == expected


@pytest.mark.parametrize(("transfer", "name"), [("smpte2084", "PQ"), ("arib-std-b67", "HLG")])
def test_hdr_is_named_and_becomes_bt709(draw, transfer, name):
    path = draw(
        f"{name}.mkv",
        "-f",
        "lavfi",
        "-i",
        "testsrc2=s=64x48:r=25:d=0.2",
        "-vf",
        f"setparams=color_trc={transfer}",
        *H264,
    )
    video = probe_video(path)
    assert (video.hdr, video.color) == (name, ColorTags("bt709", "bt709", "bt709", "tv"))


@pytest.mark.parametrize("transfer", ["smpte2084", "arib-std-b67"])
def test_hdr_without_a_matrix_is_read_as_bt2020(draw, transfer):
    frames = []
    for tag in ("", ":colorspace=bt2020nc"):
        path = draw(
            f"{transfer}{len(tag)}.mkv",
            "-f",
            "lavfi",
            "-i",
            "testsrc2=s=64x48:r=25:d=0.08",
            "-vf",
            "scale=out_color_matrix=bt2020,format=yuv420p,"
            f"setparams=color_trc={transfer}{tag or ':colorspace=unknown'}",
            *H264,
        )
        video = probe_video(path)
        assert video.assumed_matrix is (None if tag else ColorMatrix.BT2020)
        with VideoReader(video, FrameSize(64, 48, Fraction(1))) as reader:
            frames.append(next(iter(reader)))
    assert np.array_equal(*frames)


def test_frames_stored_as_rgb_get_a_matrix(draw):
    path = draw(
        "rgb.mkv", "-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=0.2", "-pix_fmt", "bgr0", "-c:v", "ffv1"
    )
    assert probe_video(path).color.matrix == "bt709"
