from pathlib import Path

import pytest

from vidstyle.cli.parameters import RunOptions, format_default
from vidstyle.options.groups import Precision


@pytest.mark.parametrize(
    ("value", "shown"),
    [(None, None), (False, None), (Precision.AUTO, "auto"), (0.001, "0.001"), (20, "20"), (Path("a"), "a")],
)
def test_default_is_shown_as_on_the_command_line(value, shown):
    assert format_default(value) == shown


def test_run_resumes_and_keeps_nothing_by_default():
    run = RunOptions()
    assert (run.fresh, run.keep_frames, run.overwrite, run.dry_run) == (False, False, False, False)
