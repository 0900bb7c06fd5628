import os
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from support.clips import BEEP, CORNERS, FLASH, H264, brightening, decoded_by_ffmpeg, packets_of, sound_of

from vidstyle.errors import EncodeError, Interrupted, OutputError, UsageError
from vidstyle.media.encode import writer
from vidstyle.media.encode.writer import check_output
from vidstyle.media.video.probe import FrameSize, probe_video
from vidstyle.media.video.reader import VideoReader
from vidstyle.options.media import EncodeOptions

CONTAINERS = ["mp4", "mov", "mkv"]


@pytest.mark.parametrize("container", CONTAINERS)
@pytest.mark.parametrize("rate", ["25", "30000/1001", "24000/1001", "12", "7/3"])
def test_frame_rate_is_the_same_fraction(draw, copy, container, rate):
    source = draw(
        f"rate-{rate.replace('/', '-')}.mp4", "-f", "lavfi", "-i", f"testsrc2=s=64x48:r={rate}:d=1.4", *H264
    )
    before, after = probe_video(source), probe_video(copy(source, f"out.{container}"))
    assert after.rate == before.rate == Fraction(rate)
    assert (after.frames, after.duration, after.variable) == (before.frames, before.duration, False)


def test_frames_are_the_painted_ones_in_order(draw, copy):
    brighter = "color=s=64x48:r=25:d=1,format=yuv420p,geq=lum='16+8*N':cb=128:cr=128"
    written = copy(draw("brighter.mp4", "-f", "lavfi", "-i", brighter, *H264))
    with VideoReader(probe_video(written), FrameSize(64, 48, Fraction(1))) as reader:
        levels = [round(float(image.mean()) * 219 + 16) for image in reader]
    assert np.abs(np.array(levels) - [16 + 8 * index for index in range(25)]).max() < 4


@pytest.mark.parametrize("container", CONTAINERS)
def test_audio_is_copied_bit_for_bit(clip, copy, container):
    written = copy(clip, f"out.{container}")
    assert packets_of(written) == packets_of(clip)
    assert np.array_equal(sound_of(written).samples[:, :47000], sound_of(clip).samples[:, :47000])


def test_unsupported_audio_is_converted_to_aac(draw, copy):
    source = draw(
        "pcm.mkv", "-f", "lavfi", "-i", FLASH, "-f", "lavfi", "-i", BEEP, *H264, "-c:a", "pcm_s16le"
    )
    assert probe_video(copy(source, "out.mp4")).audio == ("aac",)
    assert probe_video(copy(source, "out.mkv")).audio == ("pcm_s16le",)
    assert abs(sound_of(copy(source, "out.mp4")).onset - 0.4) < 0.002


@pytest.mark.parametrize("container", CONTAINERS)
@pytest.mark.parametrize("late", ["picture", "sound", "neither"])
@pytest.mark.parametrize("source_container", ["mp4", "mkv", "ts"])
def test_audio_and_frames_stay_in_sync(draw, copy, container, late, source_container):
    picture, sound = ("-f", "lavfi", "-i", FLASH), ("-f", "lavfi", "-i", BEEP)
    # Not a multiple of a frame: the picture's own clock must hold it.
    shift = ("-itsoffset", "0.313")
    inputs = {
        "picture": (*sound, *shift, *picture),
        "sound": (*picture, *shift, *sound),
        "neither": (*picture, *sound),
    }[late]
    ticks = ("-enc_time_base:v", "1:1000", "-fps_mode", "passthrough") if late == "picture" else ()
    source = draw(f"step-{late}.{source_container}", *inputs, *H264, "-c:a", "aac", *ticks)
    written = copy(source, f"out.{container}")
    before, after = (brightening(path) - sound_of(path).onset for path in (source, written))
    assert after == pytest.approx(before, abs=0.0015)
    assert (
        packets_of(written) == packets_of(source) or source_container == "ts"
    )  # TS frames its AAC differently.


@pytest.mark.parametrize("container", CONTAINERS)
@pytest.mark.parametrize("late", ["picture", "sound", "neither"])
def test_part_keeps_its_audio(draw, copy, container, late):
    picture, sound = ("-f", "lavfi", "-i", FLASH), ("-f", "lavfi", "-i", BEEP)
    shift = ("-itsoffset", "0.32")
    inputs = {
        "picture": (*sound, *shift, *picture),
        "sound": (*picture, *shift, *sound),
        "neither": (*picture, *sound),
    }[late]
    source = draw(f"part-{late}.mkv", *inputs, *H264, "-c:a", "aac")
    written = copy(source, f"out.{container}", 5, 25)
    film, sound_made = probe_video(written), sound_of(written)
    assert (film.frames, film.rate, film.offset, film.audio) == (20, 25, 0, ("aac",))
    assert brightening(written) == pytest.approx(0.2, abs=0.0011)
    if late == "picture":  # The sound has begun before the part does.
        assert sound_made.onset == pytest.approx(0, abs=0.02)
    else:
        gap = brightening(source) - sound_of(source).onset
        assert brightening(written) - sound_made.onset == pytest.approx(gap, abs=0.003)
    end = float(sound_made.begin) + sound_made.samples.shape[1] / sound_made.rate
    assert end == pytest.approx(0.8, abs=0.0225)  # An AAC frame is 21 ms.


def test_part_after_the_end_of_the_audio_is_silent(draw, copy):
    source = draw(
        "short-sound.mp4",
        "-f",
        "lavfi",
        "-i",
        FLASH,
        "-f",
        "lavfi",
        "-i",
        "sine=d=0.3:r=48000",
        *H264,
        "-c:a",
        "aac",
    )
    written = copy(source, "out.mp4", 20, 30)
    assert probe_video(written).audio == ("aac",)
    assert np.abs(sound_of(written).samples).max() < 0.001


def test_audio_tracks_keep_order_and_language(draw, copy):
    sounds = [
        argument for pitch in (440, 880) for argument in ("-f", "lavfi", "-i", f"sine={pitch}:d=1:r=48000")
    ]
    source = draw(
        "tracks.mkv", "-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=1", *sounds,
        "-map", 0, "-map", 1, "-map", 2, *H264, "-c:a", "aac",
        "-metadata:s:a:0", "language=deu", "-metadata:s:a:1", "language=fra",
    )  # fmt: skip
    for bounds in ((0, 25), (5, 15)):
        with av.open(str(copy(source, "out.mp4", *bounds))) as container:
            assert [track.metadata["language"] for track in container.streams.audio] == ["deu", "fra"]


@pytest.mark.parametrize("container", CONTAINERS)
def test_variable_frame_times_are_kept_within_a_millisecond(variable, copy, container):
    for start, stop in ((0, 32), (10, 32)):
        before, after = probe_video(variable), probe_video(copy(variable, f"out.{container}", start, stop))
        due = [time - before.timestamps[start] for time in before.timestamps[start:stop]]
        assert after.frames == len(due)
        assert max(abs(a - b) for a, b in zip(after.timestamps, due, strict=True)) <= Fraction(1, 1000)
        # Matroska does not store how long the last picture stays.
        assert container == "mkv" or abs(
            after.duration - (before.duration - before.timestamps[start])
        ) <= Fraction(2, 1000)


def test_variable_rate_stays_in_sync_with_audio(draw, copy):
    chosen = FLASH.replace("r=25", "r=50") + ",select='not(mod(n,7))+eq(n,20)'"
    source = draw(
        "varying-step.mp4",
        "-f",
        "lavfi",
        "-i",
        chosen,
        "-f",
        "lavfi",
        "-i",
        BEEP,
        "-fps_mode",
        "passthrough",
        *H264,
        "-c:a",
        "aac",
    )
    written = copy(source)
    assert probe_video(source).variable
    assert packets_of(written) == packets_of(source)
    assert brightening(written) - sound_of(written).onset == pytest.approx(
        brightening(source) - sound_of(source).onset, abs=0.001
    )


@pytest.mark.parametrize("container", CONTAINERS)
def test_single_frame_is_a_film(clip, copy, container):
    film = probe_video(copy(clip, f"out.{container}", 3, 4))
    assert (film.frames, film.timestamps) == (1, (0,))


@pytest.mark.parametrize("matrix", ["bt601", "bt709"])
@pytest.mark.parametrize("levels", ["tv", "pc"])
@pytest.mark.parametrize("container", ["mp4", "mkv"])
def test_colours_and_tags_match_the_source(draw, copy, tmp_path, matrix, levels, container):
    tag = {"bt601": "smpte170m", "bt709": "bt709"}[matrix]
    convert = f"scale=out_color_matrix={matrix}:out_range={levels},format=yuv420p"
    tags = f"setparams=colorspace={tag}:color_primaries={tag}:color_trc={tag}:range={levels}"
    source = draw(
        f"colours-{tag}-{levels}.mp4",
        "-filter_complex",
        f"{CORNERS},hue=h=20:s=0.7,{convert},{tags}",
        "-c:v",
        "libx264",
        "-qp",
        0,
    )
    written = copy(source, f"out.{container}")
    assert probe_video(written).color == probe_video(source).color
    assert probe_video(written).color.matrix == tag
    before, after = (decoded_by_ffmpeg(path, tmp_path).astype(int) for path in (source, written))
    patches = (slice(8, 40, 24), slice(8, 56, 32))  # Away from the edges, which no codec keeps.
    assert np.abs(before[patches] - after[patches]).max() <= 3


def test_untagged_film_is_tagged_as_it_was_decoded(clip, copy):
    with av.open(str(copy(clip))) as container:
        context = container.streams.video[0].codec_context
        assert (context.colorspace, context.color_range) == (6, 1)  # SMPTE 170M, limited.


@pytest.mark.parametrize("container", CONTAINERS)
@pytest.mark.parametrize(
    ("size", "aspect"), [("64x48", "4/3"), ("161x121", "1"), ("176x144", "128/117"), ("90x60", "8/9")]
)
def test_display_aspect_is_kept(draw, copy, container, size, aspect):
    name = f"shape-{size}-{aspect.replace('/', '-')}.mkv"
    source = draw(
        name, "-f", "lavfi", "-i", f"testsrc2=s={size}:r=25:d=0.2,setsar={aspect}:max=1000", "-c:v", "ffv1"
    )
    before, after = probe_video(source), probe_video(copy(source, f"out.{container}"))
    shapes = [Fraction(v.width, v.height) * v.pixel_aspect for v in (before, after)]
    assert after.width % 2 == after.height % 2 == 0
    # Matroska stores the displayed width in whole pixels.
    assert shapes[0] == shapes[1] or (
        container == "mkv" and abs(shapes[0] - shapes[1]) <= Fraction(1, 2 * after.height)
    )


def test_rotated_film_is_not_rotated_again(draw, copy):
    flat = draw("corners.mp4", "-filter_complex", CORNERS, *H264)
    film = probe_video(copy(draw("turned90.mp4", "-display_rotation", 90, "-i", flat, "-c", "copy")))
    assert (film.width, film.height, film.rotation) == (48, 64, 0)


@pytest.mark.parametrize("sound", [True, False])
def test_title_and_chapters_are_kept(draw, copy, tmp_path, sound):
    notes = tmp_path / "notes.txt"
    notes.write_text(
        ";FFMETADATA1\ntitle=Ein Film\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=500\ntitle=One\n"
    )
    pictures = ("-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=1")
    sounds = ("-f", "lavfi", "-i", "sine=d=1") if sound else ()
    source = draw(
        f"chapters{sound}.mkv", *pictures, *sounds, "-i", notes, "-map_metadata", 2 if sound else 1, *H264
    )
    with av.open(str(copy(source))) as container:
        assert container.metadata["title"] == "Ein Film"
        assert [chapter["metadata"]["title"] for chapter in container.chapters()] == ["One"]
    with av.open(str(copy(source, "part.mp4", 5, 10))) as container:
        assert container.metadata["title"] == "Ein Film"
        (chapter,) = container.chapters()
        assert (chapter["metadata"]["title"], chapter["start"]) == ("One", 0)
        assert chapter["end"] * chapter["time_base"] == Fraction(1, 5)


def test_same_frames_give_same_bytes(clip, copy):
    assert copy(clip, "a.mp4").read_bytes() == copy(clip, "b.mp4").read_bytes()
    assert copy(clip, "a.mkv").read_bytes() == copy(clip, "b.mkv").read_bytes()


def test_mp4_index_comes_first(clip, copy):
    data = copy(clip).read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")


def left_behind(folder):
    return [
        path.name for path in folder.iterdir() if path.name.startswith(".") or path.suffix in {".mp4", ".mkv"}
    ]


def test_killed_ffmpeg_leaves_no_film(clip, copy, tmp_path, monkeypatch):
    fake = tmp_path / "ffmpeg"
    # The last film among its arguments is the output.
    find = 'for word; do case "$word" in *.mp4) written="$word";; esac; done'
    fake.write_text(f'#!/bin/sh\n{find}\necho half > "$made"\nkill -9 $$\n')
    fake.chmod(0o755)
    monkeypatch.setenv("VIDSTYLE_FFMPEG", str(fake))
    with pytest.raises(EncodeError, match="killed"):
        copy(clip)
    assert left_behind(tmp_path) == []


def test_interruption_leaves_no_film_and_keeps_the_old_one(clip, copy, tmp_path):
    (tmp_path / "out.mp4").write_text("old")
    with pytest.raises(Interrupted):
        copy(clip, should_stop=lambda: True)
    assert left_behind(tmp_path) == ["out.mp4"]
    assert (tmp_path / "out.mp4").read_text() == "old"


@pytest.mark.parametrize("fault", ["missing", "damaged"])
def test_missing_or_damaged_frame_is_an_error(clip, copy, tmp_path, monkeypatch, fault):
    real = writer.run

    def spoil(*arguments, **options):
        frame = tmp_path / "50%d frames" / "000020.png"
        frame.unlink() if fault == "missing" else frame.write_bytes(b"")
        real(*arguments, **options)

    monkeypatch.setattr(writer, "run", spoil)
    with pytest.raises(EncodeError, match=r"out\.mp4"):
        copy(clip)
    assert left_behind(tmp_path) == []


def test_odd_output_names_are_written(clip, copy, tmp_path):
    for name in (
        b"50%d.mp4",
        b"-x.mp4",
        b"a:b.mp4",
        b"'q'.mkv",
        b"new\nline.mov",
        b"\xff.mp4",
        b"x" * 251 + b".mp4",
    ):
        assert copy(clip, os.fsdecode(name)).stat().st_size > 1000
    assert [path for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_output_is_checked_before_the_work(tmp_path):
    (tmp_path / "folder.mp4").mkdir()
    frame = FrameSize(64, 48, Fraction(1))
    for name, error, words in (
        ("out.ogg", UsageError, r"\.mp4, \.mov, \.mkv"),
        ("missing/out.mp4", OutputError, "create it"),
        ("folder.mp4", OutputError, "is a folder"),
    ):
        with pytest.raises(error, match=words):
            check_output(tmp_path / name, frame)
    check_output(tmp_path / "out.MP4", frame)
    assert [path.name for path in tmp_path.iterdir()] == ["folder.mp4"]


def test_unwritable_folder_is_named():
    with pytest.raises(OutputError, match="cannot be written"):
        check_output(Path("/proc/out.mp4"), FrameSize(64, 48, Fraction(1)))


def test_ffmpeg_without_the_encoder_is_named(tmp_path, monkeypatch):
    fake = tmp_path / "ffmpeg"
    fake.write_text("#!/bin/sh\necho ' A....D aac  AAC'\n")
    fake.chmod(0o755)
    monkeypatch.setenv("VIDSTYLE_FFMPEG", str(fake))
    with pytest.raises(EncodeError, match="libx264"):
        check_output(tmp_path / "out.mp4", FrameSize(64, 48, Fraction(1)))


def seen(path):
    """Read the streams, chapters and subtitles of a film."""
    video = probe_video(path)
    with av.open(str(path)) as container:
        texts = [
            (round(packet.pts * packet.time_base * 1000), bytes(packet))
            for stream in container.streams.subtitles[:1]
            for packet in container.demux(stream)
            if packet.size > 2
        ]
    return [str(stream) for stream in video.streams], [chapter.title for chapter in video.chapters], texts


def test_all_streams_of_matroska_go_along(laden, copy):
    assert seen(copy(laden, "out.mkv")) == seen(laden)
    assert packets_of(copy(laden, "out.mkv"), 1) == packets_of(laden, 1)
    assert dict(probe_video(copy(laden, "out.mkv")).labels)["language"] == "jpn"


@pytest.mark.parametrize(
    ("container", "streams"),
    [
        ("mp4", ["audio (aac)", "audio (flac)", "subtitle (mov_text)", "data (timecode)", "cover (mjpeg)"]),
        ("mov", ["audio (aac)", "audio (alac)", "subtitle (mov_text)", "data (timecode)"]),
        ("webm", ["audio (opus)", "audio (opus)", "subtitle (webvtt)"]),
    ],
)
def test_streams_that_other_containers_support_go_along(laden, copy, container, streams):
    found, chapters, texts = seen(copy(laden, f"out.{container}"))
    assert found == streams
    assert chapters == ["One", "a=b;c"]
    assert [at for at, _ in texts] == [0, 600]
    assert all(word in text for word, (_, text) in zip((b"Hello", b"World"), texts, strict=True))


@pytest.mark.parametrize("container", ["mkv", "mp4", "webm"])
def test_part_keeps_its_subtitles_and_chapters(laden, copy, container):
    _, chapters, texts = seen(copy(laden, f"out.{container}", 5, 20))
    assert chapters == ["One", "a=b;c"]
    assert [at for at, _ in texts] == [0, 400]
    assert seen(copy(laden, f"none.{container}", 23, 25))[1:] == (["a=b;c"], [])


def test_cover_stays_a_cover(laden, copy):
    first = copy(laden, "one.mkv")
    second = copy(copy(first, "two.mp4"), "three.mkv")
    assert [" ".join(seen(path)[0]).count("cover (") for path in (first, second)] == [1, 1]


def test_phone_tags_are_kept(draw, copy):
    source = draw(
        "phone.mkv", "-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=0.2", *H264,
        "-metadata", "com.apple.quicktime.make=Acme",
        "-metadata", "creation_time=2024-05-06T07:08:09.000000Z",
    )  # fmt: skip
    for container in CONTAINERS:
        with av.open(str(copy(source, f"out.{container}"))) as film:
            tags = {name.lower(): value for name, value in film.metadata.items()}
        assert tags["com.apple.quicktime.make"] == "Acme"
        assert tags["creation_time"].startswith("2024-05-06T07:08:09")


@pytest.mark.parametrize(
    ("name", "codec", "depth", "found"),
    [
        ("out.mp4", "h264", 10, ("h264", "yuv420p10le")),
        ("out.mp4", "h265", 8, ("hevc", "yuv420p")),
        ("out.mov", "h265", 10, ("hevc", "yuv420p10le")),
        ("out.mp4", "av1", 8, ("av1", "yuv420p")),
        ("out.webm", "av1", 10, ("av1", "yuv420p10le")),
        ("out.webm", None, 8, ("vp9", "yuv420p")),
        ("out.mkv", "vp9", 10, ("vp9", "yuv420p10le")),
        ("out.mov", "prores", 8, ("prores", "yuv422p10le")),
        ("out.mkv", "ffv1", 8, ("ffv1", "bgr0")),
        ("out.mkv", "ffv1", 16, ("ffv1", "gbrp16le")),
    ],
)
def test_codecs_and_depths_are_as_requested(clip, copy, name, codec, depth, found):
    encode = EncodeOptions(codec=codec, bit_depth=depth)
    check_output(clip.with_name(name), FrameSize(64, 48, Fraction(1)), encode)
    written = copy(clip, name, 0, 5, encode=encode)
    with av.open(str(written)) as container:
        context = container.streams.video[0].codec_context
        assert (context.codec.canonical_name, context.pix_fmt) == found
        assert context.codec_tag == "hvc1" or codec != "h265"
    video = probe_video(written)
    assert (video.rate, video.frames, video.variable) == (25, 5, False)
    assert copy(clip, f"again-{name}", 0, 5, encode=encode).read_bytes() == written.read_bytes()


def test_frames_too_narrow_for_the_encoder_are_refused(tmp_path):
    with pytest.raises(EncodeError, match=r"cannot encode 62 x 96 pixels: the width must be at least 64"):
        check_output(tmp_path / "out.mp4", FrameSize(62, 96, Fraction(1)), EncodeOptions(codec="h265"))


def test_ffv1_of_16_bits_loses_nothing(short, copy):
    written = copy(short, "out.mkv", encode=EncodeOptions(codec="ffv1", bit_depth=16))
    video = probe_video(short)
    with VideoReader(video, FrameSize(48, 32, Fraction(1))) as before, av.open(str(written)) as container:
        for image, frame in zip(before, container.decode(video=0), strict=True):
            assert np.abs(frame.to_ndarray(format="rgb48le") / 65535 - image).max() < 1e-4


def test_unknown_encoder_options_are_found_beforehand(tmp_path):
    frame = FrameSize(64, 48, Fraction(1))
    for encode in (
        EncodeOptions(encoder_option=("preset=nosuch",)),
        EncodeOptions(encoder_option=("nosuch=1",)),
        EncodeOptions(codec="h264_nvenc"),
    ):
        with pytest.raises(EncodeError, match=r"failed to encode with (libx264|h264_nvenc)"):
            check_output(tmp_path / "out.mp4", frame, encode)


def test_surround_sound_becomes_opus(draw, copy):
    source = draw(
        "surround.mkv", "-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=0.4",
        "-f", "lavfi", "-i", "sine=d=0.4:r=48000",
        *H264, "-c:a", "flac", "-af", "pan=5.1(side)|c0=c0|c3=c0",
    )  # fmt: skip
    with av.open(str(copy(source, "out.webm"))) as container:
        (track,) = container.streams.audio
        assert (track.codec_context.name, track.codec_context.channels) == ("opus", 6)


@pytest.mark.parametrize("codec", ["pcm_s16le", "flac"])
def test_lossless_audio_of_a_part_stays_lossless(draw, copy, codec):
    source = draw(f"{codec}.mkv", "-f", "lavfi", "-i", FLASH, "-f", "lavfi", "-i", BEEP, *H264, "-c:a", codec)
    written = sound_of(copy(source, "out.mkv", 5, 20))
    assert probe_video(source).audio == (codec,)
    assert np.array_equal(written.samples, sound_of(source).samples[:, 9600:38400])
