"""All tables of speed and memory, one after the other, as Markdown and as a file of figures.

    python all.py [--peer PYTHON] [--only NAME ...] [--quick] [--json FILE] [--markdown FILE]

Run it on an otherwise idle machine. `--quick` uses sizes and rounds that only show that everything works.
PYTHON is an interpreter with torch and pastiche; without one the table of the peer is left out.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from tables import machine, parser_of

HERE = Path(__file__).parent
# Each with what it takes when it is to be quick.
SCRIPTS = {
    "photo": ("--size", 96, "--iterations", 6, "--rounds", 1, "--steps", 2, 4),
    "scaling": ("--sizes", 64, 96, "--iterations", 2, "--rounds", 1),
    "profile": ("--frames", 4, "--size", 96, "--first-iterations", 4, "--iterations", 4),
    "quality": ("--frames", 2, "--qualities", "draft"),
    "memory": ("--sizes", 96, "--iterations", 1, "--lengths", 10, 20),
    "startup": ("--size", 96, "--rounds", 1),
}


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument("--peer", type=Path)
    parser.add_argument("--only", nargs="+", choices=list(SCRIPTS), default=list(SCRIPTS))
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--markdown", type=Path)
    arguments = parser.parse_args()
    about = machine()
    said = ["# Speed and memory", "", *(f"- {name}: {value}" for name, value in about.items())]
    print("\n".join(said), flush=True)
    tables = []
    for name in arguments.only:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "figures.json"
            text, figures = measured(name, arguments, file)
        said.append(text)
        tables += figures
    if arguments.json:
        arguments.json.write_text(json.dumps({"machine": about, "tables": tables}, indent=1) + "\n")
    if arguments.markdown:
        arguments.markdown.write_text("\n".join(said) + "\n")


def measured(name: str, arguments: argparse.Namespace, file: Path) -> tuple[str, list[dict]]:
    """Run one script; return what it printed, and its figures."""
    command = [sys.executable, HERE / f"bench_{name}.py", "--json", file]
    command += SCRIPTS[name] if arguments.quick else ()
    if name == "photo" and arguments.peer:
        command += ["--peer", arguments.peer]
    lines = []
    with subprocess.Popen([str(part) for part in command], stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout:
            print(line, end="", flush=True)
            lines.append(line)
    if process.returncode:
        raise SystemExit(f"bench_{name}.py failed")
    return "".join(lines).rstrip("\n"), json.loads(file.read_text())["tables"]


if __name__ == "__main__":
    main()
