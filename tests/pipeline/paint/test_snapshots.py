import numpy as np
import pytest

from vidstyle.errors import OutputError
from vidstyle.media.frame_png import read_frame
from vidstyle.pipeline.paint.snapshots import SnapshotWriter


def test_snapshots_are_numbered_in_a_folder_beside_the_output(tmp_path):
    keep = SnapshotWriter(tmp_path / "out.png", 5).open()
    for level in (0, 0.5, 1):
        keep(np.full((4, 5, 3), level, np.float32))
    assert keep.every == 5
    names = sorted(path.name for path in (tmp_path / "out-snapshots").iterdir())
    assert names == ["000000.png", "000001.png", "000002.png"]
    np.testing.assert_allclose(read_frame(tmp_path / "out-snapshots" / "000002.png"), 1)


def test_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "out-snapshots").touch()
    with pytest.raises(OutputError, match=r"out-snapshots' cannot be made"):
        SnapshotWriter(tmp_path / "out.png", 5).open()
