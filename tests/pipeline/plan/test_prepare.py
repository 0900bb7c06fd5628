import numpy as np
import pytest
from PIL import Image
from support.clips import COPIED

from vidstyle.errors import ProbeError
from vidstyle.pipeline.plan.jobs import plan
from vidstyle.pipeline.plan.prepare import Ledgers, prepare, prepared_ahead
from vidstyle.pipeline.run import stylize_many


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
