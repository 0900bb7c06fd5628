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
    prepared_ahead,
)
from vidstyle.pipeline.plan.survey import resolve
from vidstyle.pipeline.run import stylize_many
from vidstyle.pipeline.work.ledger import Ledger


@pytest.fixture
def job(short, style, tmp_path):
    return lambda name: plan([short], [style], tmp_path / name, COPIED)[0]


def test_a_place_that_can_be_written_is_let_through_and_left_as_it_was(job, tmp_path):
    check_output_writable(job("out.mp4"), resolve(job("out.mp4")))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("name", "error"), [("no/out.mp4", OutputError), ("x" * 300 + ".mp4", OutputError)])
def test_a_place_that_cannot_be_written_is_named(job, name, error):
    with pytest.raises(error):
        check_output_writable(job(name), resolve(job(name)))


def test_an_ending_that_is_none_of_a_film_is_named(job):
    with pytest.raises(UsageError):
        check_output_writable(job("out.xyz"), resolve(job("out.mp4")))


def test_only_what_the_same_request_made_is_replaced(job, tmp_path):
    ledger, made = Ledger(tmp_path), tmp_path / "out.mp4"
    made.write_bytes(b"film")
    with pytest.raises(OutputError, match="exists already"):
        check_may_replace(job("out.mp4"), ledger, "key")
    ledger.note(made, made, "key")
    check_may_replace(job("out.mp4"), ledger, "key")
    with pytest.raises(OutputError, match="exists already"):
        check_may_replace(job("out.mp4"), ledger, "another key")


@pytest.fixture
def jobs(tmp_path, style, short):
    for name in ("a.png", "b.png"):
        Image.fromarray(np.full((24, 32, 3), 99, np.uint8)).save(tmp_path / name)
    (tmp_path / "c.png").write_bytes(b"no picture")
    inputs = [tmp_path / name for name in ("a.png", "b.png", "c.png")]
    return plan([*inputs, short], [style], tmp_path / "out", COPIED)


def test_photos_are_loaded_before_their_turn(jobs):
    found = list(prepared_ahead(jobs, Ledgers()))
    assert [item is not None and item.photo is not None for item in found] == [True, True, False, False]
    assert np.allclose(found[0].photo, 99 / 255)


def test_a_photo_that_is_done_is_not_loaded(jobs):
    list(stylize_many(jobs[:1]))
    found = list(prepared_ahead(jobs, Ledgers()))
    assert found[0].made
    assert found[0].photo is None


def test_a_fault_is_raised_in_its_turn(jobs):
    with pytest.raises(ProbeError):
        prepare(jobs[2], Ledgers())


def test_an_unforeseen_fault_ahead_is_left_to_its_turn(jobs, monkeypatch):
    def fail(*_):
        raise ZeroDivisionError

    monkeypatch.setattr("vidstyle.pipeline.plan.prepare.read_photo", fail)
    assert list(prepared_ahead(jobs[:2], Ledgers())) == [None, None]


def test_a_ledger_is_opened_once_a_folder(tmp_path):
    ledgers = Ledgers()
    assert ledgers.of(tmp_path / "a.png") is ledgers.of(tmp_path / "b.png")
    assert ledgers.of(tmp_path / "a.png") is not ledgers.of(tmp_path / "sub" / "a.png")
