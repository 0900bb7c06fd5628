import pytest

from vidstyle.errors import OutputError
from vidstyle.pipeline.publish import publish, sweep
from vidstyle.pipeline.work.ledger import Ledger
from vidstyle.pipeline.work.workdir import Workdir


@pytest.fixture
def made(tmp_path):
    path = tmp_path / "made.png"
    path.write_bytes(b"painted")
    return path


def test_published_file_is_known_to_the_ledger(tmp_path, made):
    ledger, output = Ledger(tmp_path), tmp_path / "out.png"
    publish(made, output, ledger, "key")
    assert output.read_bytes() == b"painted"
    assert not made.exists()
    assert ledger.is_made(output, "key")
    assert not ledger.is_made(output, "another")


def test_own_folder_of_an_earlier_run_is_replaced(tmp_path):
    made, output = tmp_path / "made", tmp_path / "out"
    for folder, name in ((made, "new"), (output, "old")):
        folder.mkdir()
        (folder / name).touch()
    publish(made, output, Ledger(tmp_path), "key")
    assert [path.name for path in output.iterdir()] == ["new"]


def test_output_that_cannot_be_written_is_named(tmp_path, made):
    with pytest.raises(OutputError, match=r"out\.png' cannot be written"):
        publish(made, tmp_path / "missing" / "out.png", Ledger(tmp_path), "key")


def test_work_folder_of_a_published_output_is_swept(tmp_path):
    output = tmp_path / "out.png"
    sweep(output, "key")
    with Workdir(output, "key") as work:
        folder = work.path
    assert folder.exists()
    sweep(output, "key")
    assert not folder.exists()
