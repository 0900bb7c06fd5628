import os

import pytest

from vidstyle.errors import OutputError
from vidstyle.pipeline.plan.apart import check_apart


@pytest.mark.parametrize("link", [os.symlink, os.link])
def test_an_output_that_is_an_input_by_another_name_is_refused(tmp_path, link):
    source, other = tmp_path / "in.png", tmp_path / "other.png"
    source.touch()
    link(source, other)
    with pytest.raises(OutputError, match=r"other\.png' is the input .*in\.png' itself"):
        check_apart([tmp_path / "gone", source], [tmp_path / "new.png", other])


def test_an_output_that_is_another_file_is_taken(tmp_path):
    for name in ("in.png", "out.png"):
        (tmp_path / name).touch()
    check_apart([tmp_path / "in.png"], [tmp_path / "out.png"])
