import dataclasses
import shutil
import sys
from pathlib import Path
from typing import NamedTuple

import pytest
from PIL import Image
from support import raw_files
from support.clips import COPIED, H264, QUICK

from vidstyle.errors import InputError, OutputError, ProbeError, RangeError
from vidstyle.motion.keyframes import longest_span
from vidstyle.neural.benchmark import Rate
from vidstyle.neural.device.hardware import resolve_precision
from vidstyle.neural.device.memory import ENCODE_BYTES, MemoryPlan, memory_needed
from vidstyle.options.groups import MotionOptions, PainterKind, SourceOptions
from vidstyle.options.media import EncodeOptions
from vidstyle.options.style import StyleOptions
from vidstyle.options.values import Cuts, PaintEvery, Tile, Time
from vidstyle.pipeline.estimate import estimate as estimating
from vidstyle.pipeline.estimate.duration import SAFETY
from vidstyle.pipeline.estimate.estimate import BETWEEN_BYTES_PER_PIXEL, SPANS, check_room, estimate
from vidstyle.pipeline.painters.copying import CopyingPainter
from vidstyle.pipeline.plan.jobs import plan
from vidstyle.pipeline.plan.survey import resolve
from vidstyle.pipeline.work.workdir import ExistingWork


def estimated(path, style, options=QUICK, **source):
    options = dataclasses.replace(options, source=SourceOptions(**source))
    return estimate(plan([path], [style], Path("out.mp4"), options)[0])


def test_size_and_frames_are_those_of_the_result(short, style):
    found = estimated(short, style, start=Time(frame=2))
    assert (found.width, found.height, found.frames) == (48, 32, 4)


def test_memory_grows_with_size_and_not_with_length(short, clip, style):
    small, large = estimated(short, style), estimated(clip, style)
    assert large.memory_bytes > small.memory_bytes
    every = dataclasses.replace(QUICK, motion=MotionOptions(paint_every=PaintEvery(1)))
    whole, part = (estimated(clip, style, every, end=end) for end in (None, Time(frame=1)))
    assert whole.memory_bytes == part.memory_bytes


def test_frames_between_keyframes_take_memory_up_to_the_longest_span(clip, style):
    def spaced(frames):
        options = dataclasses.replace(QUICK, motion=MotionOptions(paint_every=PaintEvery(frames)))
        return estimated(clip, style, options).memory_bytes

    per_frame = SPANS * BETWEEN_BYTES_PER_PIXEL * 64 * 48
    assert spaced(4) - spaced(3) == per_frame
    assert spaced(2) - spaced(1) == 2 * per_frame


def test_copying_needs_less_memory_than_painting(short, style):
    assert estimated(short, style, COPIED).memory_bytes < estimated(short, style).memory_bytes


def test_style_far_larger_than_painting_takes_memory(short, style):
    def scaled(scale):
        whole = dataclasses.replace(QUICK.machine, tile=Tile(auto=False))
        options = dataclasses.replace(QUICK, style=StyleOptions(style_scale=scale), machine=whole)
        return estimated(short, style, options).memory_bytes

    assert scaled(0.5) == scaled(1)
    assert scaled(20) - scaled(10) == ENCODE_BYTES * (960 * 720 - 480 * 360)


def test_disk_holds_every_frame_in_16_bits(short, style):
    assert estimated(short, style).disk_bytes == 6 * 48 * 32 * 3 * 2


def test_backward_pass_takes_memory_for_its_frames(short, style):
    again = dataclasses.replace(QUICK, motion=MotionOptions(passes=2))
    more = estimated(short, style, again).memory_bytes - estimated(short, style).memory_bytes
    assert more == 6 * 48 * 32 * 3 * 4


def test_cut_audio_and_converted_streams_are_noted(draw, short, style, tmp_path):
    subtitles = tmp_path / "words.srt"
    subtitles.write_text("1\n00:00:00,000 --> 00:00:00,100\nWords\n")
    film = draw("subtitled.mkv", "-i", short, "-i", subtitles, *H264, "-c:a", "copy", "-c:s", "srt")
    assert estimated(film, style).notes == ("subtitle (subrip) is converted to MP4 timed text for .mp4",)
    assert estimated(film, style, end=Time(frame=3)).notes[0] == (
        "audio is cut to match, and encoded again as AAC"
    )
    assert estimated(short, style).notes == ()


def test_style_that_is_read_from_a_preview_is_noted(short, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "rawpy", None)
    (tmp_path / "style.nef").write_bytes(raw_files.nef(raw_files.jpeg(96, 64)))
    (note,) = [note for note in estimated(short, tmp_path / "style.nef").notes if "style.nef" in note]
    assert "painted from its embedded preview of 96 x 64 pixels" in note


def test_multipage_tiff_is_noted(tmp_path, style):
    page = Image.new("RGB", (32, 24), "red")
    page.save(tmp_path / "scan.tif", save_all=True, append_images=[page, page])
    found = estimate(plan(tmp_path / "scan.tif", style, tmp_path / "out.tif", COPIED)[0])
    assert found.notes == ("only the first of 3 pages is painted",)


class Timed:
    """A painter that takes a second per iteration and nothing else, and the cache that holds it."""

    uses_style = True

    def __init__(self):
        self.rates = []

    def painter(self, options, _largest):
        return CopyingPainter() if options.painter is PainterKind.NONE else self

    def style(self, *_):
        return (object(),)

    def texture(self, *_):
        return None

    def rate(self, *_, **__):
        return Rate(1.0, 0.0)


def test_time_is_estimated_for_one_shot_and_each_further_one(short, style, tmp_path):
    cold, warm = SAFETY * 4, SAFETY * 3  # 3 and 2 iterations, and the start of each.

    def times(options, path=short, name="out.mp4"):
        found = estimate(plan([path], [style], tmp_path / name, options)[0], Timed())
        return found.seconds, found.seconds_a_shot

    assert times(QUICK) == pytest.approx((cold + 5 * warm, cold - warm))
    known = dataclasses.replace(QUICK, source=SourceOptions(cuts=Cuts.parse("2f")))
    assert times(known) == (pytest.approx(2 * cold + 4 * warm), None)
    again = dataclasses.replace(known, motion=MotionOptions(passes=2))
    assert times(again)[0] == pytest.approx(2 * cold + 10 * warm)
    assert times(QUICK, style, "out.png") == (cold, None)
    assert times(COPIED) == (None, None)


def test_refused_job_is_not_timed(job, free):
    free(0)
    assert estimate(dataclasses.replace(job, options=QUICK), Timed()).seconds is None


def test_job_that_cannot_start_raises_its_fault(short, style, tmp_path):
    jobs = plan([tmp_path / "missing.mp4", short], [style], tmp_path, COPIED)
    with pytest.raises(ProbeError, match=r"missing\.mp4"):
        estimate(jobs[0])
    with pytest.raises(RangeError):
        estimated(short, style, start=Time(frame=99))


class Usage(NamedTuple):
    """Of a disk, in bytes."""

    total: int
    used: int
    free: int


@pytest.fixture
def job(clip, style, tmp_path):
    return plan([clip], [style], tmp_path / "out.mp4", COPIED)[0]


@pytest.fixture
def free(monkeypatch):
    """Set the free bytes of the disk."""
    return lambda amount: monkeypatch.setattr(shutil, "disk_usage", lambda _folder: Usage(10**12, 0, amount))


def test_job_with_enough_room_is_accepted(job):
    check_room(resolve(job))


def test_full_disk_is_refused_with_the_sum(job, free):
    needed = round(25 * 64 * 48 * 4.5)
    free(needed - 1)
    with pytest.raises(OutputError) as caught:
        check_room(resolve(job))
    assert str(caught.value).startswith(
        f"not enough disk space for '{job.output}': 25 frames of 64 x 48 pixels (4.5 bytes per pixel) need "
        f"0.000322 GiB, "
        "0.000322 GiB are free; "
    )
    free(needed)
    check_room(resolve(job))


def test_existing_frames_take_no_space(job, free):
    free(round(10 * 64 * 48 * 4.5))
    with pytest.raises(OutputError):
        check_room(resolve(job), ExistingWork(14))
    check_room(resolve(job), ExistingWork(15))


def test_image_that_exceeds_memory_is_refused_with_the_sum(clip, style, tmp_path, monkeypatch):
    job = plan([clip], [style], tmp_path / "out.mp4", QUICK)[0]
    precision = resolve_precision(QUICK.machine)
    between = SPANS * longest_span(resolve(job).video.rate) * 64 * 48 * BETWEEN_BYTES_PER_PIXEL
    needed = memory_needed(48, 64, precision, MemoryPlan()).total_bytes + 64 * 48 * 64 + between
    monkeypatch.setattr("vidstyle.neural.device.hardware.has_gpu", lambda: False)
    monkeypatch.setattr(estimating, "memory_limit", lambda: needed - 1)
    terms = (
        r"900 MiB, \d+ bytes for each of 64 x 48 pixels, \d+ for each of 3072 that the network sees at once, "
        r"\d+ MiB for the frames between keyframes"
    )
    with pytest.raises(
        InputError,
        match=rf"not enough memory for .*clip\.mp4': {terms} and 64 .* need .* GiB, the machine has",
    ):
        check_room(resolve(job))
    monkeypatch.setattr(estimating, "memory_limit", lambda: needed)
    check_room(resolve(job))


def test_estimate_tries_the_encoder(clip, style, tmp_path):
    options = dataclasses.replace(COPIED, encode=EncodeOptions(encoder_option=("preset=nonsense",)))
    (job,) = plan([clip], [style], tmp_path / "out.mp4", options)
    assert "would be refused: ffmpeg failed to encode with libx264" in estimate(job).notes[-1]


def test_estimate_notes_what_would_be_refused(job, free):
    assert not [note for note in estimate(job).notes if "refused" in note]
    free(0)
    (note,) = [note for note in estimate(job).notes if "refused" in note]
    assert note.startswith("would be refused: ")
    assert "not enough disk" in note
