import pytest

from vidstyle.cli.exit_codes import common_code, complain
from vidstyle.errors import Interrupted, ProbeError, UsageError


@pytest.mark.parametrize(
    ("exc", "code", "said"),
    [
        (ProbeError("It is none."), 1, "vidstyle: It is none.\n"),
        (UsageError("No."), 2, "vidstyle: No.\n"),
        (KeyboardInterrupt(), Interrupted.exit_code, "vidstyle: stopped; run the same command to go on.\n"),
        (
            ZeroDivisionError("x"),
            1,
            "vidstyle: internal error, ZeroDivisionError: x; --debug shows where, for a report of this bug.\n",
        ),
    ],
)
def test_an_error_is_one_sentence_and_an_exit_code(capsys, exc, code, said):
    assert complain(exc, debug=False) == code
    assert capsys.readouterr().err == said


@pytest.mark.parametrize(
    ("codes", "code"), [([], 0), ([0, 0], 0), ([1, 0], 3), ([2, 2], 2), ([1, 2], 1), ([130, 130], 130)]
)
def test_the_code_of_several_says_whether_all_or_a_part_failed(codes, code):
    assert common_code(codes) == code
