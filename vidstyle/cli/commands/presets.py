"""`vidstyle presets`: the presets, their sources and their options."""

import sys

from vidstyle.cli.streams import Stream
from vidstyle.options.presets import PRESETS


def presets() -> int:
    """List the presets of --preset: the source of each, and the options that it sets."""
    out = Stream(sys.stdout)
    for name, preset in PRESETS.items():
        out.line(f"{name}: {preset.source}" + (f"; needs {preset.needs}" if preset.needs else ""))
        if preset.options:
            out.line(f"  {preset.command_line}")
    return 0
