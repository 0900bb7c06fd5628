import pytest

from vidstyle import errors
from vidstyle.errors import Interrupted, UsageError, VidstyleError, format_counts, quoted, reason


def all_errors():
    return [
        kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, VidstyleError)
    ]


@pytest.mark.parametrize("kind", all_errors())
def test_exit_code_distinguishes_usage_interruption_and_failure(kind):
    expected = {UsageError: 2, Interrupted: 130}.get(kind, 1)
    assert kind.exit_code == expected


@pytest.mark.parametrize("kind", all_errors())
def test_docstring_names_every_error(kind):
    assert kind.__name__ in errors.__doc__


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("in film.mp4", "'in film.mp4'"),
        ("雪.mp4", "'雪.mp4'"),
        ("two\nlines\x1b[31m.mp4", r"'two\nlines\x1b[31m.mp4'"),
        ("raw\udcff.mp4", r"'raw\udcff.mp4'"),
    ],
)
def test_quoted_path_is_one_printable_line(path, text):
    assert quoted(path) == text


def test_reason_has_neither_number_nor_path():
    assert reason(FileNotFoundError(2, "No such file or directory", "x.mp4")) == "No such file or directory"


def test_reason_is_never_empty():
    assert reason(MemoryError()) == "MemoryError"


def test_reason_is_one_line_without_its_full_stop():
    assert reason(ValueError("first\n  second.")) == "first second"


def test_counts_are_listed_with_plurals_where_there_are_any():
    assert (
        format_counts({"hidden": 3, "sidecar": 2, "style": 1, "other file": 0})
        == "3 hidden, 2 sidecars, 1 style"
    )
