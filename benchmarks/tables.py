"""Shared tools of the benchmarks: tables as Markdown and JSON, medians, the machine, measured children."""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

SAMPLES = Path(__file__).parents[1] / "samples"
LIBRARIES = ("tensorflow", "keras", "numpy", "opencv-python-headless", "av")


class Table:
    """Figures by name, printed as they come and kept for a file.

    Parameters
    ----------
    title
        What was measured, and how.
    columns
        Heading and format of each column; its key is the heading.

    """

    def __init__(self, title: str, columns: Sequence[tuple[str, str]]) -> None:
        self.title, self.columns = title, tuple(columns)
        self.rows: list[dict[str, Any]] = []
        print(f"\n{title}\n")
        print("| " + " | ".join(name for name, _ in self.columns) + " |")
        print("|" + "---|" * len(self.columns), flush=True)

    def add(self, *values: Any) -> None:
        """Print a row; None leaves a cell empty."""
        row = dict(zip((name for name, _ in self.columns), values, strict=True))
        self.rows.append(row)
        cells = ["" if row[name] is None else format(row[name], form) for name, form in self.columns]
        print("| " + " | ".join(cells) + " |", flush=True)

    def as_dict(self) -> dict[str, Any]:
        return {"title": self.title, "rows": self.rows}


def parser_of(text: str | None) -> argparse.ArgumentParser:
    """Add the options that every benchmark has; the help is its module's docstring."""
    parser = argparse.ArgumentParser(description=text, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path, help="write the figures here too")
    return parser


def write(path: Path | None, tables: Iterable[Table]) -> None:
    if path:
        found = {"machine": machine(), "tables": [table.as_dict() for table in tables]}
        path.write_text(json.dumps(found, indent=1) + "\n")


def machine() -> dict[str, str]:
    """Describe the machine of the measurement."""
    known = {"processor": _processor(), "cores": str(len(os.sched_getaffinity(0)))}
    known["memory"] = f"{os.sysconf('SC_PHYS_PAGES') * os.sysconf('SC_PAGE_SIZE') / 2**30:.1f} GiB"
    known["system"] = f"{platform.system()} {platform.release()}, Python {platform.python_version()}"
    known["libraries"] = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    known["load"] = f"{os.getloadavg()[0]:.1f}"
    return known


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    named = {line.partition(":")[0].strip(): line.partition(":")[2].strip() for line in lines}
    flags = sorted(
        {"avx2", "avx512f", "avx512_bf16", "amx_bf16", "amx_tile"} & set(named.get("flags", "").split())
    )
    family = ", ".join(f"{name} {named[name]}" for name in ("cpu family", "model") if name in named)
    return f"{named.get('model name', platform.processor())} ({family}; {' '.join(flags)})"


def median(values: Iterable[float]) -> float:
    return statistics.median(values)


def child(*command: object) -> Any:
    """Run a command that writes JSON, and read that; its memory is its own."""
    done = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def command_of(*words: object) -> list[str]:
    """Make the command that runs vidstyle."""
    return [sys.executable, "-m", "vidstyle", *map(str, words)]


def watched(command: Sequence[str], folder: Path) -> dict[str, float]:
    """Run a command: seconds, peak memory in bytes, most threads and open files of the process itself."""
    began = time.perf_counter()
    with (folder / "said.txt").open("w+") as said:
        process = subprocess.Popen(command, stdout=said, stderr=subprocess.STDOUT, cwd=folder)
        most = {"threads": 0.0, "files": 0.0}
        over = threading.Event()

        def look() -> None:
            while not over.wait(0.02):
                for name, place in (("threads", "task"), ("files", "fd")):
                    try:
                        count = sum(1 for _ in Path(f"/proc/{process.pid}/{place}").iterdir())
                    except OSError:
                        return
                    most[name] = max(most[name], count)

        watcher = threading.Thread(target=look)
        watcher.start()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        over.set()
        watcher.join()
        if process.returncode:
            said.seek(0)
            raise SystemExit(said.read())
    seconds = time.perf_counter() - began
    # macOS counts in bytes, Linux in KiB.
    scale = 1 if sys.platform == "darwin" else 1024
    return {"seconds": seconds, "peak_bytes": usage.ru_maxrss * scale, **most}
