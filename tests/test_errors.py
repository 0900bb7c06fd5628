import pytest

from vidstyle import errors
from vidstyle.errors import Interrupted, UsageError, VidstyleError, quoted, reason


def all_errors():
    return [
        kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, VidstyleError)
    ]


@pytest.mark.parametrize("kind", all_errors())
def test_an_exit_code_tells_usage_interruption_and_failure_apart(kind):
    expected = {UsageError: 2, Interrupted: 130}.get(kind, 1)
    assert kind.exit_code == expected


@pytest.mark.parametrize("kind", all_errors())
def test_the_tree_in_the_docstring_names_every_error(kind):
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
def test_a_quoted_path_is_one_printable_line(path, text):
    assert quoted(path) == text


def test_a_reason_has_no_number_and_no_path():
    assert reason(FileNotFoundError(2, "No such file or directory", "x.mp4")) == "No such file or directory"


def test_a_reason_is_never_empty():
    assert reason(MemoryError()) == "MemoryError"


def test_a_reason_is_one_line_without_its_full_stop():
    assert reason(ValueError("first\n  second.")) == "first second"
