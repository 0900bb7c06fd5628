"""What went wrong, in one sentence on stderr, and the exit code that means it."""

import sys
import traceback
from collections.abc import Sequence

from cyclopts import CycloptsError, MissingArgumentError

from vidstyle.cli.report.plain import RESUMABLE
from vidstyle.cli.streams import Stream
from vidstyle.errors import Interrupted, UsageError, VidstyleError, reason

PARTLY_FAILED = 3
HELP = "vidstyle --help lists what there is"


def complain(exc: BaseException, *, debug: bool) -> int:
    """Say in one sentence what went wrong, and give the exit code that means it."""
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
        text = f"internal error, {type(exc).__name__}: {reason(exc)}; --debug shows where, for a report of this bug."
    err.line(f"vidstyle: {text}")
    return code


def common_code(codes: Sequence[int]) -> int:
    """0 where all went well, 3 where only a part did, else what the failures have in common, or 1."""
    if not any(codes):
        return 0
    if not all(codes):
        return PARTLY_FAILED
    return codes[0] if len(set(codes)) == 1 else VidstyleError.exit_code


def _usage(exc: CycloptsError) -> str:
    """Words of the parser as one sentence that ends in a remedy."""
    name = exc.argument.name if isinstance(exc, MissingArgumentError) and exc.argument else ""
    if name == "INPUT":
        return f"nothing to paint was given; name a film, a photo or a folder. {HELP}."
    if name == "--style":
        return "no style was given; add --style PICTURE, with any picture."
    text = " ".join(str(exc).split())
    return text if text.endswith("?") else f"{text.rstrip('.')}; {HELP}."
