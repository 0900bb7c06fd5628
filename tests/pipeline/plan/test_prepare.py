from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from support.clips import COPIED

from vidstyle.errors import OutputError, ProbeError, UsageError
from vidstyle.pipeline.plan.jobs import plan
from vidstyle.pipeline.plan.prepare import (
    Ledgers,
    check_may_replace,
    check_output_writable,
    prepare,
    prepare_ahead,
)
from vidstyle.pipeline.plan.survey import resolve
from vidstyle.pipeline.run import stylize_many
from vidstyle.pipeline.work.ledger import Ledger


@pytest.fixture
def job(short, style, tmp_path):
    return lambda name: plan([short], [style], tmp_path / name, COPIED)[0]


def test_writable_output_is_accepted_and_leaves_no_trace(job, tmp_path):
    check_output_writable(resolve(job("out.mp4")))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("name", "error"), [("no/out.mp4", OutputError), ("x" * 300 + ".mp4", OutputError)])
def test_output_that_cannot_be_written_is_refused(job, name, error):
    with pytest.raises(error):
        check_output_writable(resolve(job(name)))


def test_ending_that_is_not_of_a_film_is_refused(job):
    with pytest.raises(UsageError):
        check_output_writable(replace(resolve(job("out.mp4")), job=job("out.xyz")))


def test_only_output_of_the_same_request_is_replaced(job, tmp_path):
    ledger, made = Ledger(tmp_path), tmp_path / "out.mp4"
    made.write_bytes(b"film")
    with pytest.raises(OutputError, match="already exists"):
        check_may_replace(job("out.mp4"), ledger, "key")
    ledger.note(made, made, "key")
    check_may_replace(job("out.mp4"), ledger, "key")
    with pytest.raises(OutputError, match="already exists"):
        check_may_replace(job("out.mp4"), ledger, "another key")


@pytest.fixture
def jobs(tmp_path, style, short):
    for name in ("a.png", "b.png"):
        Image.fromarray(np.full((24, 32, 3), 99, np.uint8)).save(tmp_path / name)
    (tmp_path / "c.png").write_bytes(b"no picture")
    inputs = [tmp_path / name for name in ("a.png", "b.png", "c.png")]
    return plan([*inputs, short], [style], tmp_path / "out", COPIED)


def test_photos_are_loaded_before_their_turn(jobs):
    found = list(prepare_ahead(jobs, Ledgers()))
    assert [item is not None and item.photo is not None for item in found] == [True, True, False, False]
    assert np.allclose(found[0].photo, 99 / 255)


def test_photo_that_is_done_is_not_loaded(jobs):
    list(stylize_many(jobs[:1]))
    found = list(prepare_ahead(jobs, Ledgers()))
    assert found[0].is_made
    assert found[0].photo is None


def test_fault_is_raised_in_its_turn(jobs):
    with pytest.raises(ProbeError):
        prepare(jobs[2], Ledgers())


def test_unforeseen_fault_is_left_to_its_turn(jobs, monkeypatch):
    def fail(*_):
        raise ZeroDivisionError

    monkeypatch.setattr("vidstyle.pipeline.plan.prepare.read_photo_isolated", fail)
    assert list(prepare_ahead(jobs[:2], Ledgers())) == [None, None]


def test_ledger_is_opened_once_per_folder(tmp_path):
    ledgers = Ledgers()
    assert ledgers.of(tmp_path / "a.png") is ledgers.of(tmp_path / "b.png")
    assert ledgers.of(tmp_path / "a.png") is not ledgers.of(tmp_path / "sub" / "a.png")
