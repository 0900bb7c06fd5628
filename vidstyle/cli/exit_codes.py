"""Errors as one sentence on stderr, and the exit codes of a run."""

import sys
import traceback
from collections.abc import Sequence

from cyclopts import CycloptsError, MissingArgumentError

from vidstyle.cli.report.messages import RESUMABLE
from vidstyle.cli.streams import Stream
from vidstyle.errors import Interrupted, UsageError, VidstyleError, reason

PARTLY_FAILED = 3
"""Exit code of a batch of which only a part failed."""
HELP = "vidstyle --help lists all options"
NO_INPUT = f"no input was given; name a film, a photo or a folder. {HELP}."
NO_STYLE = "no style was given; add --style IMAGE."


def report_error(exc: BaseException, *, debug: bool) -> int:
    """Report an exception in one sentence, and get its exit code."""
    err, code = Stream(sys.stderr), 1
    if debug:
        err.write("".join(traceback.format_exception(exc)))
    if isinstance(exc, VidstyleError):
        text, code = str(exc), exc.exit_code
    elif isinstance(exc, KeyboardInterrupt):
        text, code = f"stopped; {RESUMABLE}.", Interrupted.exit_code
    elif isinstance(exc, CycloptsError):
        text, code = _usage(exc), UsageError.exit_code
    else:
        text = f"internal error, {type(exc).__name__}: {reason(exc)}; "
        text += "report this bug with the traceback of --debug."
    err.line(f"vidstyle: {text}")
    return code


def combined_exit_code(codes: Sequence[int]) -> int:
    """Combine exit codes of jobs: 0 if all are 0, 3 if only some, a code that all share, otherwise 1."""
    if not any(codes):
        return 0
    if not all(codes):
        return PARTLY_FAILED
    return codes[0] if len(set(codes)) == 1 else VidstyleError.exit_code


def _usage(exc: CycloptsError) -> str:
    """Convert a message of the parser to one sentence with a remedy."""
    name = exc.argument.name if isinstance(exc, MissingArgumentError) and exc.argument else ""
    if name == "INPUT":
        return NO_INPUT
    if name == "--style":
        return NO_STYLE
    text = " ".join(str(exc).split())
    return text if text.endswith("?") else f"{text.rstrip('.')}; {HELP}."
