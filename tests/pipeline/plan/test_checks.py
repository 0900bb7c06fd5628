import pytest
from support.clips import COPIED

from vidstyle.errors import OutputError, UsageError
from vidstyle.pipeline.plan.checks import check_free, check_place_of
from vidstyle.pipeline.plan.jobs import plan
from vidstyle.pipeline.plan.survey import survey
from vidstyle.pipeline.work.ledger import Ledger


@pytest.fixture
def job(short, style, tmp_path):
    return lambda name: plan([short], [style], tmp_path / name, COPIED)[0]


def test_a_place_that_can_be_written_is_let_through_and_left_as_it_was(job, tmp_path):
    check_place_of(job("out.mp4"), survey(job("out.mp4")))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("name", "error"), [("no/out.mp4", OutputError), ("x" * 300 + ".mp4", OutputError)])
def test_a_place_that_cannot_be_written_is_named(job, name, error):
    with pytest.raises(error):
        check_place_of(job(name), survey(job(name)))


def test_an_ending_that_is_none_of_a_film_is_named(job):
    with pytest.raises(UsageError):
        check_place_of(job("out.xyz"), survey(job("out.mp4")))


def test_only_what_the_same_request_made_is_replaced(job, tmp_path):
    ledger, made = Ledger(tmp_path), tmp_path / "out.mp4"
    made.write_bytes(b"film")
    with pytest.raises(OutputError, match="exists already"):
        check_free(job("out.mp4"), ledger, "key")
    ledger.note(made, made, "key")
    check_free(job("out.mp4"), ledger, "key")
    with pytest.raises(OutputError, match="exists already"):
        check_free(job("out.mp4"), ledger, "another key")
