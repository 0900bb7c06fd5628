import tomllib
from pathlib import Path

import pytest

from vidstyle.cli.config_file import read_config, write_config
from vidstyle.errors import InputError, UsageError


def test_written_options_are_read_back(tmp_path):
    path = tmp_path / "run.toml"
    words = {"style": ['a "b" \\ c.jpg', "new\nline.png", "\u00e9\x7f.jpg"], "size": "320", "sequence": True}
    write_config(path, words)
    assert tomllib.loads(path.read_text("utf-8")) == words
    assert read_config(path, ["size", "sequence"]) == words


def test_names_may_be_written_with_dashes_or_underscores(tmp_path):
    path = tmp_path / "run.toml"
    path.write_text('style_weight = 2\n"--tv-weight" = 3\n')
    assert read_config(path, ["style-weight", "tv-weight"]) == {"style-weight": 2, "tv-weight": 3}


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[[", "is not valid TOML"),
        ("sizes = 3", "unknown option 'sizes'"),
        ("config = 'a'", "unknown option 'config'"),
        ("[size]\na = 1", "'size'"),
    ],
)
def test_invalid_file_is_refused_by_name(tmp_path, text, fault):
    path = tmp_path / "run.toml"
    path.write_text(text)
    with pytest.raises(UsageError, match=rf"--config .*run\.toml.*{fault}"):
        read_config(path, ["size", "config"])


def test_file_that_cannot_be_read_or_written_is_named(tmp_path):
    with pytest.raises(InputError, match=r"--config .*gone"):
        read_config(tmp_path / "gone", [])
    with pytest.raises(InputError, match=r"--write-config .*gone"):
        write_config(tmp_path / "gone" / "run.toml", {})
    with pytest.raises(InputError, match="--write-config"):
        write_config(tmp_path / "run.toml", {"style": str(Path("raw\udcff.png"))})
