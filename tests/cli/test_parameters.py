from pathlib import Path

import pytest

from vidstyle.cli.parameters import RunOptions, shown_default
from vidstyle.options.groups import Precision


@pytest.mark.parametrize(
    ("value", "shown"),
    [(None, None), (False, None), (Precision.AUTO, "auto"), (0.001, "0.001"), (20, "20"), (Path("a"), "a")],
)
def test_a_default_is_shown_in_the_words_that_an_option_takes(value, shown):
    assert shown_default(value) == shown


def test_by_default_a_run_goes_on_and_leaves_nothing():
    run = RunOptions()
    assert (run.fresh, run.keep_frames, run.overwrite, run.dry_run) == (False, False, False, False)
