import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from fractions import Fraction
from functools import partial
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image
from support.clips import COPIED, QUICK, packets_of, sound_of
from support.painting import paint_image

import vidstyle
from vidstyle import events as ev
from vidstyle.cli.app import main
from vidstyle.errors import DecodeError, InputError, Interrupted, OutputError, ProbeError
from vidstyle.events import Status, StopRequest
from vidstyle.options.groups import Options, SourceOptions
from vidstyle.options.values import Cuts
from vidstyle.pipeline.job import RunContext
from vidstyle.pipeline.paint.painter_cache import PainterCache
from vidstyle.pipeline.plan.jobs import plan
from vidstyle.pipeline.run import stylize, stylize_many

pytestmark = pytest.mark.usefixtures("promptly")


@pytest.fixture
def album(tmp_path):
    """Three photos and, in their midst, one that is none."""
    folder = tmp_path / "album"
    folder.mkdir()
    for name, colour in (("a", "red"), ("c", "green"), ("d", "blue")):
        Image.new("RGB", (32, 24), colour).save(folder / f"{name}.png")
    (folder / "b.png").write_text("no picture")
    return folder


@pytest.fixture
def paint_album(album, style, tmp_path):
    """Paint the album, and give each job's status and every event."""

    def paint(**options):
        jobs = plan([album], [style], tmp_path / "made", COPIED)
        seen = []
        observe = options.pop("observer", lambda _event: None)
        options["observer"] = lambda event: (seen.append(event), observe(event))
        return [result.status.value for result in stylize_many(jobs, **options)], seen

    return paint


def test_one_failure_does_not_stop_the_rest(paint_album, tmp_path):
    statuses, events = paint_album()
    assert statuses == ["done", "failed", "done", "done"]
    failed = [event for event in events if isinstance(event, ev.JobFailed)]
    assert [(event.job, event.input.name) for event in failed] == [(1, "b.png")]
    assert "b.png" in failed[0].error
    assert sorted(path.name for path in (tmp_path / "made").glob("*.png")) == ["a.png", "c.png", "d.png"]


def test_finished_jobs_of_a_batch_are_skipped_the_next_time(paint_album):
    paint_album()
    statuses, events = paint_album()
    assert statuses == ["skipped", "failed", "skipped", "skipped"]
    assert not [event for event in events if isinstance(event, ev.FrameDone)]


def test_fault_that_nobody_thought_of_does_not_stop_the_rest(paint_album, monkeypatch):
    def fail(path, *_arguments):
        if path.name == "c.png":
            raise ZeroDivisionError("division by zero")
        return np.zeros((24, 32, 3), np.float32)

    for module in ("paint.passes", "plan.prepare"):
        monkeypatch.setattr(f"vidstyle.pipeline.{module}.read_photo_isolated", fail)
    statuses, events = paint_album()
    assert statuses == ["done", "failed", "failed", "done"]
    error = [event.error for event in events if isinstance(event, ev.JobFailed)][1]
    assert "c.png' failed for an unforeseen reason, ZeroDivisionError: division by zero" in error


def test_with_debug_an_error_comes_through(paint_album):
    with pytest.raises(ProbeError):
        paint_album(debug=True)


def test_after_a_wish_to_stop_no_other_job_begins(paint_album):
    stop = StopRequest()
    statuses, events = paint_album(stop=stop, observer=lambda e: isinstance(e, ev.Encoding) and stop())
    # The photo at hand was finished; the one that is none still is none.
    assert statuses == ["done", "failed", "interrupted"]
    assert events[-1] == ev.JobInterrupted(2, events[-1].input, 1)


def test_fresh_batch_is_painted_again(paint_album):
    paint_album()
    assert paint_album(fresh=True)[0] == ["done", "failed", "done", "done"]


def test_job_that_is_done_says_so_with_its_means(short, style, tmp_path):
    events = []
    result = stylize(short, style, tmp_path / "out.mp4", options=COPIED, observer=events.append)
    assert (result.status, result.error, result.exit_code) == (Status.DONE, None, 0)
    errors = [figures.warping_error for figures in result.per_frame[1:]]
    assert events[-1] == ev.JobDone(
        0,
        tmp_path / "out.mp4",
        result.seconds,
        6,
        None,
        pytest.approx(np.mean(errors)),
        pytest.approx(result.warping_error_source),
    )


def test_frames_ten_apart_are_compared_within_shots(clip, style, tmp_path):
    def copied(name, cuts):
        options = replace(COPIED, source=SourceOptions(cuts=Cuts.parse(cuts)))
        return stylize(clip, style, tmp_path / name, options=options)

    whole = copied("whole.mp4", "off")
    assert whole.warping_error_10 == pytest.approx(
        whole.warping_error_10_source, rel=1e-4
    )  # Rounded to 16 bits.
    assert whole.warping_error_10 > whole.warping_error > 0
    assert copied("divided.mp4", "8f,16f").warping_error_10 is None


def test_names_may_be_given_as_text(short, style, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert stylize(str(short), [str(style)], options=COPIED).output == Path("short-starry.mp4")
    assert Path("short-starry.mp4").is_file()


def test_single_job_raises_its_error(short, style, tmp_path):
    output = tmp_path / "out.mp4"
    output.write_text("precious")
    with pytest.raises(OutputError, match="already exists"):
        stylize(short, style, output, options=COPIED)
    assert stylize(short, style, output, options=COPIED, overwrite=True).status is Status.DONE


def test_folder_of_several_files_is_no_single_job(album, style):
    with pytest.raises(OutputError, match="is a folder of 4 files"):
        stylize(album, style, options=COPIED)


@pytest.mark.parametrize(
    "work",
    [
        "vidstyle.media.video.reader.VideoReader.__iter__",
        "vidstyle.pipeline.flow_source.find_flows",
        "vidstyle.pipeline.paint.recorder.warping_error",
        "vidstyle.pipeline.paint.recorder.write_frame",
        "vidstyle.pipeline.work.workdir.Workdir.record",
    ],
)
def test_error_in_any_thread_ends_the_job_by_name(short, style, tmp_path, monkeypatch, work):
    def fail(*_arguments, **_options):
        raise DecodeError("something gave way")

    monkeypatch.setattr(work, fail)
    events = []
    jobs = plan([short], [style], tmp_path / "out.mp4", COPIED)
    (result,) = stylize_many(jobs, observer=events.append)
    assert (result.status, result.error, result.exit_code) == (Status.FAILED, "something gave way", 1)
    assert events[-1] == ev.JobFailed(0, short, "something gave way")
    assert not (tmp_path / "out.mp4").exists()


# The real painter.


@pytest.fixture
def real(painters, monkeypatch):
    """Jobs of QUICK options find the painter that is loaded already."""
    monkeypatch.setattr("vidstyle.pipeline.run.RunContext", partial(RunContext, painters=painters))


FLAGS = ["--first-iterations", 3, "--iterations", 2, "--device", "cpu", "--precision", "float32"]


@pytest.fixture(scope="module")
def whole(painters, short, style, tmp_path_factory):
    """The film painted in one go by the command line, its figures beside it."""
    folder = tmp_path_factory.mktemp("whole")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("vidstyle.pipeline.run.RunContext", partial(RunContext, painters=painters))
        words = [short, "--style", style, "-o", folder / "out.mp4", "--stats", folder / "out.json", *FLAGS]
        assert main([str(word) for word in [*words, "--quiet"]]) == 0
    return folder / "out.mp4"


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_painted_film_is_the_same_film(whole, short):
    with av.open(str(whole)) as film:
        assert film.streams.video[0].average_rate == Fraction(30000, 1001)
        frames = [frame.to_ndarray(format="rgb24") for frame in film.decode(video=0)]
    assert [frame.shape for frame in frames] == [(32, 48, 3)] * 6
    assert packets_of(whole) == packets_of(short)
    painted, source = sound_of(whole), sound_of(short)
    np.testing.assert_array_equal(painted.samples, source.samples)
    assert (painted.begin, painted.rate) == (source.begin, source.rate)


def test_figures_of_a_painted_film_are_complete(whole, short):
    stats = json.loads(whole.with_suffix(".json").read_text())
    assert list(stats) == ["version", "settings", "jobs"]
    assert stats["version"] == vidstyle.__version__
    assert stats["settings"]["paint"]["first_iterations"] == 3
    (job,) = stats["jobs"]
    assert job | {"seconds": 0, "stages": 0, "per_frame": 0} == {
        "input": str(short),
        "output": str(whole),
        "status": "done",
        "error": None,
        "width": 48,
        "height": 32,
        "frames": 6,
        "seconds": 0,
        "stages": 0,
        "shots": [[0, 6]],
        "warping_error_10": None,
        "warping_error_10_source": None,
        "per_frame": 0,
    }
    assert set(job["stages"]) == {
        "start",
        "decode",
        "plan",
        "flow",
        "look",
        "paint",
        "fill",
        "wait",
        "save",
        "encode",
    }
    assert all(seconds >= 0 for seconds in job["stages"].values())
    assert job["seconds"] > job["stages"]["paint"] > 0
    assert [frame["index"] for frame in job["per_frame"]] == list(range(6))


def test_figures_of_each_painted_frame_are_complete(whole):
    frames = json.loads(whole.with_suffix(".json").read_text())["jobs"][0]["per_frame"]
    assert [frame["iterations"] for frame in frames] == [3, *[2] * 5]
    for number, frame in enumerate(frames):
        assert frame["resumed"] is False
        terms = frame["loss"]
        assert set(terms) == {"total", "content", "style", "tv", "temporal", "laplacian", "protect"}
        assert terms["total"] == pytest.approx(sum(terms[name] for name in terms if name != "total"))
        known = [frame["warping_error"] is not None, frame["warping_error_source"] is not None]
        assert known == [number > 0] * 2
    assert frames[0]["loss"]["temporal"] == 0


def test_painting_shows_more_of_the_style_than_its_source(painters, whole, short, style):
    painter = painters.painter(QUICK)
    from vidstyle.media.photo.reader import read_photo

    target = painter.prepare([read_photo(style)])

    def style_loss(path):
        with av.open(str(path)) as film:
            picture = next(film.decode(video=0)).to_ndarray(format="rgb24")
        return paint_image(painter, picture.astype(np.float32) / 255, target, iterations=0).losses["style"]

    assert style_loss(whole) < 0.5 * style_loss(short)


@pytest.mark.usefixtures("real")
@pytest.mark.parametrize("frame", [0, 2, 4])
def test_film_stopped_after_a_frame_goes_on_to_the_same_bytes(short, style, tmp_path, whole, frame):
    stop, output = StopRequest(), tmp_path / "out.mp4"

    def observe(event):
        if isinstance(event, ev.Iterated) and event.frame == frame:
            stop()

    with pytest.raises(Interrupted):
        stylize(short, style, output, options=QUICK, stop=stop, observer=observe)
    assert not output.exists()
    result = stylize(short, style, output, options=QUICK)
    assert [figures.resumed for figures in result.per_frame] == [index <= frame for index in range(6)]
    assert digest(output) == digest(whole)


@pytest.mark.usefixtures("real")
def test_photo_is_painted(style, tmp_path):
    photo, output = tmp_path / "in.png", tmp_path / "out.png"
    gradient = np.linspace(0, 255, 40 * 30, dtype=np.uint8).reshape(30, 40, 1).repeat(3, axis=2)
    Image.fromarray(gradient).save(photo)
    result = stylize(photo, style, output, options=QUICK)
    assert (result.frames, result.per_frame[0].iterations) == (1, 3)
    painted = np.asarray(Image.open(output))
    assert painted.shape == (30, 40, 3)
    assert np.abs(painted.astype(int) - gradient).mean() > 5


@pytest.mark.usefixtures("real")
def test_damaged_style_is_named(short, style, tmp_path):
    damaged = tmp_path / "damaged.png"
    damaged.write_bytes(style.read_bytes()[:-400])
    with pytest.raises(InputError, match=r"damaged\.png"):
        stylize(short, damaged, tmp_path / "out.mp4", options=QUICK)


def test_batch_shares_one_painter(style, tmp_path, monkeypatch, painters):
    loaded = []

    class Painter:
        def __new__(cls, paint, machine, recipe):
            loaded.append((paint, machine, recipe))
            return painters.painter(Options(paint, machine=machine))

    monkeypatch.setattr("vidstyle.neural.painter.OptimizingPainter", Painter)
    Image.new("RGB", (40, 30), "red").save(tmp_path / "a.png")
    Image.new("RGB", (40, 30), "blue").save(tmp_path / "b.png")
    jobs = plan([tmp_path / "a.png", tmp_path / "b.png"], [style], tmp_path / "made", QUICK)
    assert [result.status for result in stylize_many(jobs)] == [Status.DONE] * 2
    assert loaded == [(QUICK.paint, QUICK.machine, QUICK.objective)]
    assert [result.status for result in stylize_many(jobs)] == [Status.SKIPPED] * 2
    # What is done already needs no painter.
    assert len(loaded) == 1


# Killed.


def begun(*words, patch=""):
    """Begin the command line in a process of its own, after `patch`, which may plant a fault in it."""
    child = f"{patch}\nimport sys\nfrom vidstyle.cli.app import main\nsys.exit(main())" if patch else ""
    program = ["-c", child] if patch else ["-m", "vidstyle"]
    return subprocess.Popen(
        [sys.executable, *program, *map(str, words)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )


def ended(process):
    _, said = process.communicate(timeout=60)
    return process.returncode, said.decode()


def journal(folder):
    """Lines of the journals of the only run in a folder."""
    return sum(path.read_bytes().count(b"\n") for path in folder.glob(".vidstyle/*/journal/*.jsonl"))


def killed_after(process, folder, frames):
    while journal(folder) < frames:
        assert process.poll() is None, ended(process)
        time.sleep(0.001)
    process.kill()
    return ended(process)[0]


@pytest.fixture(scope="module")
def long(draw):
    """200 frames, so that there is time to be killed in."""
    return draw("long.mp4", "-f", "lavfi", "-i", "testsrc2=s=48x32:r=50:d=4", "-g", "25", "-bf", "0")


def test_painting_killed_midway_goes_on_to_the_same_bytes(short, style, tmp_path, whole):
    output, stats = tmp_path / "out.mp4", tmp_path / "out.json"
    words = [short, "--style", style, "-o", output, "--stats", stats, *FLAGS, "--quiet"]
    # The second frame's iterations are compiled while the first lies in the journal.
    assert killed_after(begun(*words), tmp_path, 2) == -signal.SIGKILL
    assert not output.exists()
    finished = journal(tmp_path)
    assert ended(begun(*words)) == (0, "")
    frames = json.loads(stats.read_text())["jobs"][0]["per_frame"]
    assert 2 <= finished <= sum(frame["resumed"] for frame in frames) < 6
    assert digest(output) == digest(whole)


@pytest.mark.usefixtures("promptly")
@pytest.mark.parametrize(
    ("coarse", "after", "name", "evaluations", "iterations"),
    [
        ("0", 6, "checkpoint-1-0.npz", 6, 12),
        ("30", 6, "checkpoint-1-0-1.npz", 6, 12 + 4),
        # Of the smaller size, with its start, 13; that of the whole is gone on with by itself.
        ("30", 16, "checkpoint-1-0.npz", 3, 4),
    ],
)
def test_photo_killed_while_it_is_painted_goes_on_to_the_same_bytes(
    coarse, after, name, evaluations, iterations, style, tmp_path
):
    # Each evaluation is kept, and after some the machine fails.
    patch = f"""
import os, vidstyle.neural.optimize.driver as optimizer, vidstyle.pipeline.work.checkpoint_file as checkpoints
optimizer.POLL_S, checkpoints.INTERVAL_S, checkpoints.TIME_SHARE = 1e-9, 0.0, 1e9
kept, save = [], checkpoints.StoredCheckpoints.save
def saved(self, arrays):
    save(self, arrays)
    kept.append(int(arrays["evaluations"]))
    if len(kept) == {after}: os._exit(9)
checkpoints.StoredCheckpoints.save = saved
"""
    flags = ["--first-iterations", "12", "--stop-below", "0", "--size", "48", *FLAGS[-4:], "--quiet"]
    flags += ["--coarse-size", coarse]
    words = [style, "--style", style, *flags, "-o"]
    assert ended(begun(*words, tmp_path / "whole.png")) == (0, "")
    assert ended(begun(*words, tmp_path / "out.png", patch=patch))[0] == 9
    (found,) = tmp_path.glob(f".vidstyle/*/{name}")
    with np.load(found) as arrays:
        assert arrays["evaluations"] == evaluations
    stats = tmp_path / "out.json"
    assert ended(begun(*words, tmp_path / "out.png", "--stats", stats)) == (0, "")
    assert digest(tmp_path / "out.png") == digest(tmp_path / "whole.png")
    assert not found.exists()
    assert json.loads(stats.read_text())["jobs"][0]["per_frame"][0]["iterations"] == iterations


def test_run_that_is_asked_to_stop_can_be_gone_on_with(long, style, tmp_path):
    words = [long, "--style", style, "--painter", "none", "-o", tmp_path / "out.mp4"]
    process = begun(*words)
    while journal(tmp_path) < 3:
        time.sleep(0.001)
    os.kill(process.pid, signal.SIGTERM)
    code, said = ended(process)
    assert code == 130
    assert "run the same command" in said
    assert not (tmp_path / "out.mp4").exists()
    assert journal(tmp_path) >= 3


def test_studio_of_its_own_is_made_for_each_run():
    assert isinstance(RunContext(1).painters, PainterCache)
    assert RunContext(1).painters is not RunContext(1).painters
