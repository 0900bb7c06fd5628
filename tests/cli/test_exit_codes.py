import pytest

from vidstyle.cli.exit_codes import combined_exit_code, report_error
from vidstyle.errors import Interrupted, ProbeError, UsageError


@pytest.mark.parametrize(
    ("exc", "code", "said"),
    [
        (ProbeError("Not a film."), 1, "vidstyle: Not a film.\n"),
        (UsageError("No."), 2, "vidstyle: No.\n"),
        (KeyboardInterrupt(), Interrupted.exit_code, "vidstyle: stopped; run the same command to resume.\n"),
        (
            KeyError("x"),
            1,
            "vidstyle: internal error, KeyError: 'x'; report this bug with the traceback of --debug.\n",
        ),
    ],
)
def test_error_is_one_sentence_and_an_exit_code(capsys, exc, code, said):
    assert report_error(exc, debug=False) == code
    assert capsys.readouterr().err == said


@pytest.mark.parametrize(
    ("codes", "code"), [([], 0), ([0, 0], 0), ([1, 0], 3), ([2, 2], 2), ([1, 2], 1), ([130, 130], 130)]
)
def test_exit_code_of_several_jobs_depends_on_how_many_failed(codes, code):
    assert combined_exit_code(codes) == code
