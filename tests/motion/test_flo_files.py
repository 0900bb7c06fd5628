import struct

import numpy as np
import pytest

from vidstyle.errors import InputError
from vidstyle.motion.flo_files import check_flo, read_flo, write_flo

# Two pixels next to each other: (1.5, -2) and an unknown one.
FILE = b"PIEH" + struct.pack("<ii4f", 2, 1, 1.5, -2, 2e9, 2e9)


@pytest.fixture
def file(tmp_path):
    (tmp_path / "a.flo").write_bytes(FILE)
    return tmp_path / "a.flo"


def test_vectors_are_read_by_row_and_unknown_ones_lead_outside(file):
    flow = read_flo(file, 2, 1)
    assert flow.dtype == np.float32
    assert flow[0, 0].tolist() == [1.5, -2]
    assert (flow[0, 1] > 2).all()


def test_written_file_is_read_back(tmp_path):
    flow = np.arange(24, dtype=np.float32).reshape(3, 4, 2)
    write_flo(tmp_path / "b.flo", flow)
    assert (tmp_path / "b.flo").read_bytes()[:12] == b"PIEH" + struct.pack("<ii", 4, 3)
    assert (read_flo(tmp_path / "b.flo", 4, 3) == flow).all()


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (None, "missing"),
        (b"", "not a flow file"),
        (b"PI", "not a flow file"),
        (b"RIFF" + FILE[4:], "not a flow file"),
        (FILE[:-1], "cut short"),
        (FILE + b"x", "too long"),
        (b"PIEH" + struct.pack("<ii", 4, 3) + bytes(96), "4 x 3 pixels"),
        (b"PIEH" + struct.pack("<ii", -2, -1) + bytes(16), "-2 x -1 pixels"),
    ],
)
def test_faulty_flow_file_is_refused_by_name(file, content, fault):
    file.unlink()
    if content is not None:
        file.write_bytes(content)
    for use in (check_flo, read_flo):
        with pytest.raises(InputError, match=f"a.flo.*{fault}"):
            use(file, 2, 1)


def test_flow_that_is_not_a_number_is_unknown(file):
    file.write_bytes(b"PIEH" + struct.pack("<ii4f", 2, 1, float("nan"), 0, 3, float("inf")))
    assert (read_flo(file, 2, 1) > 2).all()
