import os
import shutil
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image
from support.clips import COPIED, packets_of, sound_of

from vidstyle import events as ev
from vidstyle.errors import (
    DecodeError,
    EncodeError,
    Interrupted,
    OutputError,
    ProbeError,
    RangeError,
    UsageError,
    WorkdirError,
)
from vidstyle.events import Status
from vidstyle.options.groups import SourceOptions
from vidstyle.options.values import Cuts, Size, Time
from vidstyle.pipeline import job as making
from vidstyle.pipeline.job import RunContext, run_job
from vidstyle.pipeline.plan.jobs import plan
from vidstyle.pipeline.work.workdir import FOLDER

pytestmark = pytest.mark.usefixtures("promptly")


class Desk:
    """Makes one film after the other in a folder, and keeps what was reported of the latest."""

    def __init__(self, folder, film, style):
        self.input, self.style, self.output = folder / "in.mp4", folder / "starry.png", folder / "out.mp4"
        shutil.copyfile(film, self.input)
        shutil.copyfile(style, self.style)
        self.events, self.result = [], None

    def make(self, *, options=COPIED, overwrite=False, fresh=False, observer=None):
        job = plan([self.input], [self.style], self.output, options, overwrite=overwrite)[0]
        self.events = []

        def observe(event):
            self.events.append(event)
            if observer:
                observer(event)

        self.result, error = run_job(RunContext(3, observe, self.stop, fresh), 2, job)
        if error:
            raise error
        return self.result

    stop = property(lambda _: ev.StopRequest())

    def of(self, kind):
        return [event for event in self.events if isinstance(event, kind)]

    @property
    def left(self):
        """What lies in the work folder beside what is known of outputs."""
        return [path.name for path in (self.output.parent / FOLDER).iterdir() if "ledger" not in path.name]


@pytest.fixture
def desk(tmp_path, short, style):
    return Desk(tmp_path, short, style)


def part(**source):
    # A few frames of a fast pan may be taken for as many shots.
    return replace(COPIED, source=SourceOptions(**source, cuts=Cuts(())))


def test_film_keeps_its_frames_its_rate_and_its_sound(desk):
    assert desk.make().status is Status.DONE
    with av.open(str(desk.output)) as film:
        assert film.streams.video[0].average_rate == Fraction(30000, 1001)
        assert sum(1 for _ in film.decode(video=0)) == 6
    assert packets_of(desk.output) == packets_of(desk.input)
    np.testing.assert_array_equal(sound_of(desk.output).samples, sound_of(desk.input).samples)


def test_result_tells_all_that_came_of_it(desk):
    result = desk.make()
    assert (result.width, result.height, result.frames, result.shots) == (48, 32, 6, [(0, 6)])
    assert [figures.index for figures in result.per_frame] == list(range(6))
    assert min(result.stages.decode, result.stages.save, result.stages.encode) > 0


def test_events_are_reported_in_order(desk):
    desk.make()
    assert [type(event) for event in desk.events] == [
        ev.JobStarted,
        ev.ShotStarted,
        *[ev.FrameDone] * 6,
        ev.Encoding,
        ev.JobDone,
    ]
    assert desk.events[0] == ev.JobStarted(2, 3, desk.input, desk.output, 48, 32, 6, 0)
    assert desk.of(ev.ShotStarted) == [ev.ShotStarted(2, 0, 6)]


def test_part_counts_its_frames_from_its_own_start(desk):
    result = desk.make(options=part(start=Time(frame=2), end=Time(frame=5)))
    assert (result.frames, result.shots) == (3, [(0, 3)])
    assert desk.of(ev.ShotStarted) == [ev.ShotStarted(2, 0, 3)]
    assert [(event.frame, event.index) for event in desk.of(ev.FrameDone)] == [(0, 2), (1, 3), (2, 4)]
    assert desk.of(ev.Notice)[0].message.endswith("audio is cut to match, and encoded again as AAC.")


def test_nothing_is_carried_across_a_cut(desk):
    result = desk.make(options=replace(COPIED, source=SourceOptions(cuts=Cuts((Time(frame=4),)))))
    assert result.shots == [(0, 4), (4, 6)]
    assert desk.of(ev.ShotStarted) == [ev.ShotStarted(2, 0, 4), ev.ShotStarted(2, 4, 6)]
    unknown = [figures.index for figures in result.per_frame if figures.warping_error is None]
    assert unknown == [0, 4]


def test_photo_becomes_a_photo(desk):
    Image.fromarray(np.full((20, 30, 3), (255, 128, 0), np.uint8)).save(desk.input.with_name("in.png"))
    desk.input, desk.output = desk.input.with_name("in.png"), desk.output.with_name("out.png")
    result = desk.make(options=part(size=Size(30)))
    assert (result.status, result.frames, result.shots) == (Status.DONE, 1, [(0, 1)])
    painted = np.asarray(Image.open(desk.output))
    assert painted.shape == (20, 30, 3)
    assert (painted == (255, 128, 0)).all()


def test_finished_job_leaves_nothing_but_its_output_and_what_is_known(desk):
    desk.make()
    assert desk.left == []
    assert sorted(path.name for path in desk.output.parent.iterdir()) == [
        FOLDER,
        "in.mp4",
        "out.mp4",
        "starry.png",
    ]


def test_same_request_again_is_skipped(desk):
    desk.make()
    before = desk.output.stat()
    result = desk.make()
    assert result.status is Status.SKIPPED
    assert desk.events == [ev.JobSkipped(2, desk.output)]
    assert desk.output.stat() == before


def test_same_request_is_known_though_its_files_were_moved(desk):
    desk.make()
    desk.input = desk.input.rename(desk.input.with_name("renamed.mp4"))
    desk.style = desk.style.rename(desk.style.with_name("renamed.png"))
    assert desk.make().status is Status.SKIPPED


@pytest.mark.parametrize("change", ["style", "input", "size", "range"])
def test_other_request_replaces_the_output_only_with_overwrite(desk, change, clip):
    desk.make()
    before, options = desk.output.read_bytes(), COPIED
    if change == "style":
        Image.new("RGB", (40, 40), "red").save(desk.style)
    elif change == "input":
        shutil.copyfile(clip, desk.input)
    else:
        options = part(size=Size(32)) if change == "size" else part(end=Time(frame=3))
    with pytest.raises(OutputError, match=r"out\.mp4' already exists .* --overwrite"):
        desk.make(options=options)
    assert desk.output.read_bytes() == before
    assert desk.of(ev.JobStarted) == []
    result = desk.make(options=options, overwrite=True)
    assert result.status is Status.DONE
    assert not any(figures.resumed for figures in result.per_frame)


def test_file_of_someone_else_is_not_replaced(desk):
    desk.output.write_text("precious")
    with pytest.raises(OutputError, match="already exists"):
        desk.make()
    assert desk.output.read_text() == "precious"


def test_file_that_appears_while_painting_is_not_replaced(desk):
    def write(event):
        if isinstance(event, ev.Encoding):
            desk.output.write_text("precious")

    with pytest.raises(OutputError, match="already exists"):
        desk.make(observer=write)
    assert desk.output.read_text() == "precious"
    desk.output.unlink()
    desk.make()
    assert desk.events[0].resumed == 6


def test_output_that_was_changed_since_is_not_replaced(desk):
    desk.make()
    with desk.output.open("ab") as file:
        file.write(b"edited")
    with pytest.raises(OutputError, match="already exists"):
        desk.make()


def test_fresh_paints_a_finished_output_again(desk):
    desk.make()
    result = desk.make(fresh=True)
    assert result.status is Status.DONE
    assert not any(figures.resumed for figures in result.per_frame)


def test_fresh_forgets_an_interrupted_run(desk, monkeypatch):
    interrupt(desk, monkeypatch)
    assert desk.make(fresh=True).per_frame[0].resumed is False


def interrupt(desk, monkeypatch):
    """Stop as soon as the first frame is told of, which is before the last has begun."""
    stop = ev.StopRequest()
    with monkeypatch.context() as patch:
        patch.setattr(Desk, "stop", stop)
        with pytest.raises(Interrupted):
            desk.make(observer=lambda event: isinstance(event, ev.FrameDone) and stop())


def test_interrupted_job_leaves_its_frames_and_no_output(desk, monkeypatch):
    interrupt(desk, monkeypatch)
    assert not desk.output.exists()
    result = desk.make()
    assert [figures.resumed for figures in result.per_frame][0::5] == [True, False]
    assert desk.events[0].resumed == sum(figures.resumed for figures in result.per_frame)


def test_nothing_is_begun_after_a_wish_to_stop(desk, monkeypatch):
    stop = ev.StopRequest()
    stop()
    monkeypatch.setattr(Desk, "stop", stop)
    with pytest.raises(Interrupted):
        desk.make()
    assert [type(event) for event in desk.events] == [ev.JobInterrupted]
    assert desk.left == []


def test_crash_between_knowing_and_publishing_costs_no_frame(desk, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(making, "publish", crash_before_renaming)
        with pytest.raises(KeyboardInterrupt):
            desk.make()
    assert not desk.output.exists()
    result = desk.make()
    assert result.status is Status.DONE
    assert all(figures.resumed for figures in result.per_frame)


def crash_before_renaming(made, output, ledger, key):
    ledger.note(output, made, key)
    raise KeyboardInterrupt


def test_crash_between_knowing_and_publishing_leaves_the_older_output_alone(desk, monkeypatch):
    desk.make(options=part(end=Time(frame=3)))
    before = desk.output.read_bytes()
    with monkeypatch.context() as patch:
        patch.setattr(making, "publish", crash_before_renaming)
        with pytest.raises(KeyboardInterrupt):
            desk.make(overwrite=True)
    assert desk.output.read_bytes() == before
    with pytest.raises(OutputError, match="already exists"):
        desk.make()


def test_crash_after_publishing_is_swept_up_by_the_next_run(desk, monkeypatch):
    def crash(_work):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("vidstyle.pipeline.work.workdir.Workdir.remove", crash)
        with pytest.raises(KeyboardInterrupt):
            desk.make()
    assert len(desk.left) > 0
    assert desk.make().status is Status.SKIPPED
    assert desk.left == []


def test_damaged_ledger_costs_knowledge_and_no_more(desk):
    desk.make()
    (desk.output.parent / FOLDER / "ledger.jsonl").write_text("{")
    with pytest.raises(OutputError, match="already exists"):
        desk.make()
    assert desk.make(overwrite=True).status is Status.DONE
    assert desk.make().status is Status.SKIPPED


def test_film_that_does_not_encode_keeps_its_frames(desk, monkeypatch):
    def fail(*_arguments, **_options):
        raise EncodeError("ffmpeg failed to write it")

    with monkeypatch.context() as patch:
        patch.setattr("vidstyle.pipeline.publish.write_film", fail)
        with pytest.raises(EncodeError):
            desk.make()
    assert not desk.output.exists()
    assert all(figures.resumed for figures in desk.make().per_frame)


def test_finished_film_that_is_only_to_be_put_together_needs_no_painter(desk, monkeypatch):
    monkeypatch.setattr(making, "publish", crash_before_renaming)
    with pytest.raises(KeyboardInterrupt):
        desk.make()
    monkeypatch.undo()
    monkeypatch.setattr(
        "vidstyle.pipeline.paint.painter_cache.PainterCache.painter", lambda *_: pytest.fail("it was loaded")
    )
    assert desk.make().status is Status.DONE


def test_disk_that_is_full_when_the_output_is_published_is_named(desk, monkeypatch):
    replaces = Path.replace

    def full(path, target):
        if Path(target) == desk.output:
            raise OSError(28, "No space left on device")
        return replaces(path, target)

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OutputError, match=r"out\.mp4' cannot be written: No space left on device"):
        desk.make()
    assert not desk.output.exists()


def test_folder_of_an_album_is_made(desk):
    album = desk.input.parent / "album"
    album.mkdir()
    desk.input.rename(album / "a.mp4")
    job = plan([album], [desk.style], desk.output.with_name("made") / "here", COPIED)[0]
    assert run_job(RunContext(1), 0, job)[1] is None
    assert (desk.output.with_name("made") / "here" / "a.mp4").is_file()


@pytest.mark.parametrize(
    ("name", "error", "words"),
    [
        ("missing/out.mp4", OutputError, "does not exist"),
        ("starry.png/out.mp4", OutputError, "does not exist"),
        ("out.avi", UsageError, "does not name a film format"),
        ("out.png", UsageError, "does not name a film format"),
        ("folder.mp4", OutputError, "is a folder"),
        ("x" * 300 + ".mp4", OutputError, "File name too long"),
    ],
)
def test_output_that_cannot_be_written_is_named_before_anything_is_done(desk, name, error, words):
    (desk.output.parent / "folder.mp4").mkdir()
    desk.output = desk.output.parent / name
    with pytest.raises(error, match=words):
        desk.make()
    assert [type(event) for event in desk.events] == [ev.JobFailed]
    assert not (desk.input.parent / FOLDER).exists()


def test_range_that_is_not_there_is_named_before_anything_is_done(desk):
    with pytest.raises(RangeError):
        desk.make(options=part(start=Time(seconds=Fraction(9))))
    assert [type(event) for event in desk.events] == [ev.JobFailed]


def test_job_that_cannot_begin_says_why(desk):
    jobs = plan([desk.input.with_name("missing.mp4"), desk.input], [desk.style], desk.input.parent, COPIED)
    result, error = run_job(RunContext(1), 0, jobs[0])
    assert isinstance(error, ProbeError)
    assert "missing.mp4" in result.error
    assert result.status is Status.FAILED


def test_second_run_of_the_same_output_is_refused(desk):
    def try_again(event):
        if isinstance(event, ev.JobStarted):
            other = Desk(
                desk.input.parent, desk.input.with_name("copy.mp4"), desk.style.with_name("copy.png")
            )
            with pytest.raises(WorkdirError, match=r"another run .* wait for it"):
                other.make(options=part(end=Time(frame=3)))

    for path in (desk.input, desk.style):
        shutil.copyfile(path, path.with_name(f"copy{path.suffix}"))
    assert desk.make(observer=try_again).status is Status.DONE


def test_linked_output_is_replaced_and_not_what_it_points_to(desk):
    target = desk.output.with_name("target.mp4")
    target.write_text("precious")
    desk.output.symlink_to(target)
    desk.make(overwrite=True)
    assert target.read_text() == "precious"
    assert not desk.output.is_symlink()


def test_film_with_a_name_of_any_bytes_is_made(desk):
    folder = desk.input.with_name(os.fsdecode(b"50%d raw \xff"))
    folder.mkdir()
    desk.input = desk.input.rename(folder / os.fsdecode(b"a:b \xff '\n.mp4"))
    desk.output = folder / os.fsdecode(b"-out \xff%03d.mp4")
    assert desk.make().status is Status.DONE
    assert desk.make().status is Status.SKIPPED


def test_film_that_changes_while_it_is_painted_is_named(desk):
    def truncate(event):
        if isinstance(event, ev.JobStarted):
            data = desk.input.read_bytes()
            desk.input.write_bytes(data[: len(data) // 2])

    with pytest.raises(DecodeError, match=r"in\.mp4"):
        desk.make(observer=truncate)
    assert not desk.output.exists()
