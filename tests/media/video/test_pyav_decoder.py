from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from support.clips import CORNERS, H264, decoded_by_ffmpeg

from vidstyle.media.geometry import fit
from vidstyle.media.video.probe import probe_video
from vidstyle.media.video.reader import VideoReader
from vidstyle.media.video.video import Decoder

INTERLEAVE = ("-vf", "tinterlace=interleave_top,setfield=tff", *H264, "-flags", "+ildct+ilme")
FIELDS = ("-f", "lavfi", "-i", "testsrc2=s=64x48:r=50:d=0.4", *INTERLEAVE)


def frames_of(video, *bounds):
    frame = fit(video.width, video.height, video.pixel_aspect, None, even=False)
    with VideoReader(video, frame, *bounds) as reader:
        return list(reader)


@pytest.mark.parametrize("matrix", ["bt601", "bt709", "bt2020"])
@pytest.mark.parametrize("levels", ["tv", "pc"])
def test_colours_of_ten_bits_match_ffmpeg(draw, tmp_path, matrix, levels):
    tag = {"bt601": "smpte170m", "bt709": "bt709", "bt2020": "bt2020nc"}[matrix]
    tags = f"setparams=colorspace={tag}:range={levels}"
    convert = f"scale=out_color_matrix={matrix}:out_range={levels},format=yuv444p10le,{tags}"
    path = draw(
        f"ten-{tag}-{levels}.mkv", "-filter_complex", f"{CORNERS},hue=h=20:s=0.7,{convert}", "-c:v", "ffv1"
    )
    video = probe_video(path)
    assert (video.depth, video.decoder) == (10, Decoder.PYAV)
    (image,) = frames_of(video, 2, 3)
    patches = (slice(8, 40, 24), slice(8, 56, 32))
    assert np.abs(image[patches] * 255 - decoded_by_ffmpeg(path, tmp_path)[patches]).max() <= 3


@pytest.mark.parametrize("levels", ["tv", "pc"])
@pytest.mark.parametrize("pixels", ["yuv420p", "yuv422p", "yuv444p", "yuv420p10le", "yuv444p10le"])
def test_greys_are_not_rounded_down(draw, pixels, levels):
    deep = 4 if pixels.endswith("10le") else 1
    black, white = (0, 255 if deep == 1 else 1023) if levels == "pc" else (16 * deep, 235 * deep)
    luma = f"lum='if(lt(X,32),{black},{white})':cb={128 * deep}:cr={128 * deep}"
    source = f"color=s=64x48:r=25:d=0.04,format={pixels},geq={luma},setparams=range={levels}:colorspace=bt709"
    path = draw(f"greys-{pixels}-{levels}.mkv", "-f", "lavfi", "-i", source, "-c:v", "ffv1")
    (image,) = frames_of(replace(probe_video(path), decoder=Decoder.PYAV))
    np.testing.assert_allclose(image[24, [8, 56]] * 255, [[0] * 3, [255] * 3], atol=0.1)


def test_ten_bits_are_more_than_eight(draw):
    ramp = "color=s=64x8:r=25:d=0.04,format=yuv444p10le,geq=lum='500+X':cb=512:cr=512"
    path = draw("ramp.mkv", "-f", "lavfi", "-i", ramp, "-c:v", "ffv1")
    (image,) = frames_of(probe_video(path))
    assert len(np.unique(image[4, :, 1])) == 64


def test_fields_become_whole_frames_one_for_each(draw):
    path = draw("interlaced.mp4", *FIELDS)
    video = probe_video(path)
    assert video.interlaced
    frames = frames_of(video)
    assert len(frames) == video.frames == 10
    # Lines of two times alternate: combs at what moves.
    whole = frames_of(
        probe_video(draw("whole-frames.mp4", "-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=0.4", *H264))
    )

    def combs(image):
        return np.abs(image[1:-1:2] - (image[:-2:2] + image[2::2]) / 2).mean()

    combed = frames_of(replace(video, interlaced=False))
    assert combs(frames[5]) < 1.5 * combs(whole[5]) < combs(combed[5])


@pytest.mark.parametrize(
    ("name", "encoder"),
    [
        ("alpha.webm", ("-c:v", "libvpx-vp9", "-pix_fmt", "yuva420p", "-auto-alt-ref", 0)),
        ("alpha.mov", ("-c:v", "prores_ks", "-profile:v", 4, "-pix_fmt", "yuva444p10le")),
        ("alpha.mkv", ("-c:v", "ffv1", "-pix_fmt", "bgra")),
    ],
)
def test_transparency_is_read_and_composited_on_the_background(draw, name, encoder):
    half = "color=red:s=64x48:r=25:d=0.2,format=rgba,geq=r=255:g=0:b=0:a='if(lt(X,32),0,128)'"
    video = probe_video(draw(name, "-f", "lavfi", "-i", half, *encoder))
    assert video.alpha
    image = frames_of(replace(video, background=(0, 0, 255)))[1]
    assert image[24, 8] == pytest.approx([0, 0, 1], abs=0.03)
    assert image[24, 56] == pytest.approx([0.5, 0, 0.5], abs=0.03)
    frame = fit(64, 48, Fraction(1), None, even=False)
    with VideoReader(video, frame, 1, 2) as reader:
        (alpha,) = reader.alphas()
    assert alpha[24, [8, 56]] == pytest.approx([0, 0.5], abs=0.02)


def test_kept_transparency_has_no_fringe_of_the_background(draw):
    edge = "color=red:s=64x48:r=25:d=0.04,format=rgba,geq=r=255:g=0:b=0:a='if(lt(X,31),0,255)'"
    video = probe_video(draw("edge.mkv", "-f", "lavfi", "-i", edge, "-c:v", "ffv1", "-pix_fmt", "bgra"))
    with VideoReader(replace(video, keeps_alpha=True), fit(64, 48, Fraction(1), 32, even=False)) as reader:
        (image,) = reader
    assert image[12, 15] == pytest.approx([1, 0, 0], abs=0.01)  # Half of it is transparent.
    assert image[12, 5] == pytest.approx([1, 1, 1])


def test_range_of_interlaced_video_gives_the_same_frames_as_the_whole(draw):
    video = probe_video(draw("interlaced.mp4", *FIELDS))
    assert np.array_equal(frames_of(video, 4, 7), frames_of(video)[4:7])
