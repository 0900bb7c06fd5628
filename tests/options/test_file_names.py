import os
import subprocess
import sys

import pytest
from support.clips import ROOT

from vidstyle.errors import text_of_name
from vidstyle.options.file_names import name_from_text

CHILD = """
import os, sys
from vidstyle.errors import text_of_name
from vidstyle.options.file_names import name_from_text
print(sys.getfilesystemencoding())
for name in os.listdir():
    print(ascii(text_of_name(name)))
print(os.path.exists(name_from_text("Z\\u00fcrich.png")), ascii(text_of_name("Z\\u00fcrich.png")))
"""


@pytest.mark.parametrize("name", ["a.mp4", "Zürich.png", "写真.jpg"])
def test_names_are_text_in_utf_8(name):
    assert name_from_text(name) == name
    assert text_of_name(name) == name


def test_bytes_that_are_not_text_stay():
    assert name_from_text("raw\udcff.png") == text_of_name("raw\udcff.png") == os.fsdecode(b"raw\xff.png")


def test_names_are_whole_under_the_c_locale(tmp_path):
    (tmp_path / "Zürich.png").touch()
    run = subprocess.run(
        [sys.executable, "-c", CHILD],
        env=os.environ | {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONPATH": str(ROOT)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.split() == ["ascii", r"'Z\xfcrich.png'", "True", r"'Z\xfcrich.png'"]
