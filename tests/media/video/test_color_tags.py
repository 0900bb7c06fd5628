import pytest
from support.clips import H264

from vidstyle.media.video.color_tags import ColorTags
from vidstyle.media.video.probe import probe_video


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


def test_frames_stored_as_rgb_get_a_matrix(draw):
    path = draw(
        "rgb.mkv", "-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=0.2", "-pix_fmt", "bgr0", "-c:v", "ffv1"
    )
    assert probe_video(path).color.matrix == "bt709"
