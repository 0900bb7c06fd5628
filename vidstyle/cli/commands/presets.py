"""`vidstyle presets`: the recipes there are, and what they set."""

import sys

from vidstyle.cli.streams import Stream
from vidstyle.options.presets import PRESETS


def presets() -> int:
    """List the recipes of --preset: where each is from, and the options that it sets."""
    out = Stream(sys.stdout)
    for name, preset in PRESETS.items():
        out.line(f"{name}: {preset.source}" + (f"; needs {preset.needs}" if preset.needs else ""))
        if preset.options:
            out.line(f"  {preset.words}")
    return 0
