"""Formats of sources and results, through the whole pipeline."""

import re
from dataclasses import replace
from fractions import Fraction

import av
import numpy as np
import pytest
from PIL import Image
from support.clips import COPIED, H264, decoded_by_ffmpeg

from vidstyle import events as ev
from vidstyle.errors import DecodeError, Interrupted, OutputError
from vidstyle.events import StopRequest
from vidstyle.media.video.probe import probe_video
from vidstyle.options.groups import SourceOptions
from vidstyle.options.media import EncodeOptions, PictureOptions, Rate
from vidstyle.options.values import Time
from vidstyle.pipeline.run import stylize


@pytest.fixture
def through(style, tmp_path):
    """Copy a film through the whole pipeline; returns the result and the notices."""

    def make(source, output="out.mp4", *, encode=None, start=None, end=None, **given):
        notices = []
        options = replace(
            COPIED,
            pictures=PictureOptions(**given),
            encode=encode or EncodeOptions(),
            source=SourceOptions(start=start and Time.parse(start), end=end and Time.parse(end)),
        )
        stylize(source, style, tmp_path / output, options=options, observer=notices.append)
        return tmp_path / output, " ".join(event.message for event in notices if isinstance(event, ev.Notice))

    return make


def test_requested_frame_rate_is_kept_and_reported(clip, through):
    result, notices = through(clip, fps=Rate(Fraction(30000, 1001)))
    film = probe_video(result)
    assert (film.rate, film.frames, film.variable) == (Fraction(30000, 1001), 30, False)
    assert "for 30000/1001 frames per second" in notices
    with av.open(str(result)) as container:
        assert abs(container.duration / av.time_base - 1) < 0.04


def test_part_at_another_rate_begins_where_the_source_does(clip, through):
    film = probe_video(through(clip, start="10f", end="20f", fps=Rate(Fraction(50)))[0])
    assert (film.frames, film.rate) == (20, 50)


def test_interlaced_film_is_deinterlaced_and_says_so(draw, through):
    source = draw(
        "fields.mp4", "-f", "lavfi", "-i", "testsrc2=s=64x48:r=50:d=0.4",
        "-vf", "tinterlace=interleave_top,setfield=tff", *H264, "-flags", "+ildct+ilme",
    )  # fmt: skip
    result, notices = through(source)
    assert "deinterlaced (bwdif)" in notices
    film = probe_video(result)
    assert (film.frames, film.interlaced) == (10, False)


@pytest.fixture
def late(draw, tmp_path):
    """Draw an interlaced film whose first four frames are marked progressive, as in recorded broadcasts."""
    bars = "color=s=64x48:r=50:d=0.4,format=gray,geq=lum='255*lt(mod(X+4*N,32),16)'"
    result = draw(
        "in.mkv", "-f", "lavfi", "-i", bars, "-vf", "tinterlace=interleave_top,setfield=tff",
        "-pix_fmt", "yuv420p", "-c:v", "mpeg2video", "-q:v", 2, "-bf", 0, "-flags", "+ildct+ilme",
    )  # fmt: skip
    data = bytearray(result.read_bytes())
    heads = [found.start() for found in re.finditer(rb"\x00\x00\x01\xb5[\x80-\x8f]", data)]
    for head in heads[:4]:
        data[head + 8] |= 0x80  # progressive_frame of the picture's coding extension, ISO/IEC 13818-2.
    film = tmp_path / "late.mkv"
    film.write_bytes(data)
    return film


def test_late_interlaced_frames_are_deinterlaced_too(late, through):
    assert not probe_video(late).interlaced
    result, notices = through(late, "out.mkv", encode=EncodeOptions(codec="ffv1"))
    assert "deinterlaced (bwdif)" in notices
    with av.open(str(late)) as source, av.open(str(result)) as copied:
        pairs = zip(source.decode(video=0), copied.decode(video=0), strict=True)
        far = [
            np.abs(a.to_ndarray(format="gray").astype(int) - b.to_ndarray(format="gray")).mean()
            for a, b in pairs
        ]
    # Progressive frames are unchanged, and in the others only the lines of one field are new.
    assert max(far[:4]) < 2
    assert min(far[4:]) > 10


def test_film_with_undecodable_frames_is_refused_before_painting(draw, style, tmp_path):
    fields = ("tinterlace=interleave_top,setfield=tff", "-flags", "+ildct+ilme")
    parts = [
        draw(f"{rate}.mkv", "-f", "lavfi", "-i", f"testsrc2=s=64x48:r={rate}:d=0.2", "-c:v", "mpeg2video",
             "-vf", *filters)
        for rate, filters in [(25, ["null"]), (50, fields)]
    ]  # fmt: skip
    listed = tmp_path / "parts.txt"
    listed.write_text("".join(f"file {part}\n" for part in parts))
    film = draw("in.mkv", "-f", "concat", "-safe", 0, "-i", listed, "-c", "copy")
    notices = []
    with pytest.raises(DecodeError, match="gives only 9 of its 10 frames"):
        stylize(film, style, tmp_path / "out.mkv", options=COPIED, observer=notices.append)
    assert not [event for event in notices if isinstance(event, ev.FrameDone)]
    damaged = replace(COPIED, source=SourceOptions(allow_damaged=True))
    assert stylize(film, style, tmp_path / "out.mkv", options=damaged).frames == 9


def test_resumed_run_remembers_late_interlaced_frames(late, style, tmp_path):
    stop = StopRequest()

    def first_frame(event):
        if isinstance(event, ev.FrameDone):
            stop()

    with pytest.raises(Interrupted):
        stylize(late, style, tmp_path / "out.mkv", options=COPIED, observer=first_frame, stop=stop)
    notices = []
    stylize(late, style, tmp_path / "out.mkv", options=COPIED, observer=notices.append)
    assert any("deinterlaced" in event.message for event in notices if isinstance(event, ev.Notice))
    stylize(late, style, tmp_path / "again.mkv", options=COPIED)
    assert (tmp_path / "out.mkv").read_bytes() == (tmp_path / "again.mkv").read_bytes()


@pytest.mark.parametrize(("transfer", "name"), [("smpte2084", "PQ"), ("arib-std-b67", "HLG")])
def test_high_dynamic_range_is_tone_mapped_and_says_so(draw, through, tmp_path, transfer, name):
    tags = f"setparams=color_trc={transfer}:colorspace=bt2020nc:color_primaries=bt2020:range=tv"
    # PQ of 100 cd/m^2; HLG of 84, by the same number.
    grey = "color=s=64x48:r=25:d=0.2,format=yuv420p10le,geq=lum='64+876*0.508':cb=512:cr=512"
    result, notices = through(
        draw(f"grey-{name}.mkv", "-f", "lavfi", "-i", grey, "-vf", tags, "-c:v", "ffv1")
    )
    assert f"HDR ({name}) is tone-mapped to SDR (ITU-R BT.2390)" in notices
    assert probe_video(result).color.transfer == "bt709"
    light = 100 if name == "PQ" else 1000 * (0.508**2 / 3 + 0.0021) ** 1.2
    shown = decoded_by_ffmpeg(result, tmp_path)[24, 32] / 255
    assert shown == pytest.approx([(light / 203) ** (1 / 2.4)] * 3, abs=0.02)


def test_ten_bits_are_kept_from_source_to_result(draw, through):
    ramp = "color=s=64x48:r=25:d=0.2,format=yuv444p10le,geq=lum='400+X':cb=512:cr=512"
    source = draw("ramp10.mkv", "-f", "lavfi", "-i", ramp, "-c:v", "ffv1")
    result, _ = through(source, "out.mkv", encode=EncodeOptions(codec="ffv1", bit_depth=10))
    with av.open(str(result)) as container:
        image = next(container.decode(video=0)).to_ndarray(format="rgb48le")
    assert len(np.unique(image[24, :, 1])) == 64


def test_film_without_alpha_shows_the_background_and_says_so(draw, through, tmp_path):
    half = "color=red:s=64x48:r=25:d=0.2,format=rgba,geq=r=255:g=0:b=0:a='if(lt(X,32),0,255)'"
    source = draw("half.mkv", "-f", "lavfi", "-i", half, "-c:v", "ffv1", "-pix_fmt", "bgra")
    result, notices = through(source, background="#00ff00")
    assert "show the --background" in notices
    assert np.abs(decoded_by_ffmpeg(result, tmp_path)[24, [8, 56]] - [[0, 255, 0], [255, 0, 0]]).max() < 12
    result, notices = through(source, "out.webm")
    assert "--background" not in notices
    assert probe_video(result).alpha


def test_image_sequence_becomes_a_film(through, tmp_path):
    folder = tmp_path / "frames"
    folder.mkdir()
    for number in range(98, 104):
        Image.new("RGB", (64, 48), (2 * number,) * 3).save(folder / f"{number}.png")
    film = probe_video(through(folder / "%d.png", sequence_fps=Rate(Fraction(24000, 1001)))[0])
    assert (film.frames, film.rate, film.audio) == (6, Fraction(24000, 1001), ())
    assert probe_video(through(folder, "folder.mov", sequence=True)[0]).rate == 24


@pytest.mark.parametrize("kind", ["gif", "webp", "png"])
def test_delays_of_animated_images_are_kept(through, tmp_path, kind):
    images = [Image.new("RGB", (64, 48), colour) for colour in ("red", "lime", "blue", "white")]
    source = tmp_path / f"animated.{kind}"
    images[0].save(source, save_all=True, append_images=images[1:], duration=[100, 500, 50, 1000])
    film = probe_video(through(source)[0])
    assert [round(stamp * 1000) for stamp in film.timestamps] == [0, 100, 600, 650]
    assert abs(film.duration - Fraction(1650, 1000)) <= Fraction(1, 1000)


@pytest.mark.parametrize(("loop", "plays"), [(None, 1), (0, 0), (2, 3)])
def test_animation_keeps_its_number_of_loops(through, tmp_path, loop, plays):
    images = [Image.new("RGB", (64, 48), colour) for colour in ("red", "lime")]
    source = tmp_path / "in.gif"
    again = {} if loop is None else {"loop": loop}
    images[0].save(source, save_all=True, append_images=images[1:], duration=100, **again)
    for kind, notices in [("gif", loop), ("webp", plays), ("apng", plays)]:
        with Image.open(through(source, f"out.{kind}")[0]) as image:
            assert image.info.get("loop") == notices


def test_film_becomes_a_folder_of_images_and_says_so(clip, through, tmp_path):
    result, notices = through(clip, "frames")
    assert len(list(result.glob("*.png"))) == 25
    assert "omitted, since a folder does not support them: audio (aac)" in notices
    assert "stores no frame times (25 frames per second)" in notices
    with pytest.raises(OutputError, match="folders are never replaced"):
        through(clip, "frames", end="10f")
    (tmp_path / "frames" / "000001.png").unlink()
    with pytest.raises(OutputError, match="folders are never replaced"):
        through(clip, "frames")


def test_animation_can_be_written_from_an_animation(through, clip):
    result, notices = through(clip, "out.gif")
    assert probe_video(result).frames == 25
    assert "omitted, since .gif does not support them: audio (aac)" in notices
    assert probe_video(through(result, "again.webp")[0]).duration == 1
