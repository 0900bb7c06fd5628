import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "vidstyle"
MODULES = sorted(
    path.relative_to(PACKAGE).as_posix()
    for path in PACKAGE.rglob("*.py")
    if not path.is_relative_to(
        PACKAGE / "neural/data"
    )  # How the weights were repacked: a script beside its data.
)

GROUND = {
    "encoding",
    "errors",
    "events",
    "options",
    "layers",
    "presets",
    "recipe",
    "schedule",
    "styling",
    "values",
    "words",
}
FACE = {"console", "pace", "signals", "stats", "streams", "terminal", "wording"}
ROOMS = {"media", "motion", "neural"}
# What each part may look down on, itself included.
BELOW = {
    **dict.fromkeys(GROUND, GROUND),
    **{room: {room} | GROUND for room in ROOMS},
    "pipeline": {"pipeline"} | ROOMS | GROUND,
    "transfer": {"media", "neural"} | GROUND,
    **dict.fromkeys(FACE, FACE | GROUND),
    "commands": {"commands", "pipeline"} | FACE | GROUND,
    "cli": {"commands", "pipeline"} | FACE | GROUND,
    "__main__": {"cli"},
    "__init__": {"pipeline", "transfer"} | GROUND,
}
# Each library belongs to the part whose business it is.
HOMES = {
    "tensorflow": ("neural/backend.py",),
    "jax": ("neural/backend.py",),
    "keras": ("neural/",),
    "cv2": ("media/", "motion/"),
    "av": ("media/",),
    "ffmpeg": ("media/",),
    "imageio_ffmpeg": ("media/",),
    "imageio": ("media/",),
    "PIL": ("media/",),
    "scenedetect": ("media/shots.py",),
    "subprocess": ("media/ffmpeg.py",),
    "rich": ("terminal.py", "cli.py", "commands/"),
    "cyclopts": ("cli.py", "commands/"),
}


def imported(module: str) -> Iterator[str]:
    """Dotted names that a module imports, wherever in it."""
    for node in ast.walk(ast.parse((PACKAGE / module).read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module} imports relatively"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def part(name: str) -> str:
    return name.removesuffix(".py").replace("/", ".").split(".")[0]


@pytest.mark.parametrize("module", MODULES)
def test_imports_point_down_only(module):
    for name in imported(module):
        if name.startswith("vidstyle."):
            below = part(name.removeprefix("vidstyle."))
            known = below in BELOW
            assert below in BELOW[part(module)] or (not known and name == "vidstyle.__version__"), (
                f"{module}: {name}"
            )


@pytest.mark.parametrize("module", MODULES)
def test_libraries_are_imported_where_they_belong(module):
    for name in imported(module):
        homes = HOMES.get(name.split(".")[0])
        assert homes is None or module.startswith(homes), f"{module} imports {name}, which belongs to {homes}"


@pytest.mark.parametrize("module", MODULES)
def test_the_core_neither_prints_nor_exits(module):
    if module in {"cli.py", "console.py", "__main__.py"}:
        return
    for node in ast.walk(ast.parse((PACKAGE / module).read_text("utf-8"))):
        called = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
        assert called not in {"print", "exit", "sys.exit", "os._exit"}, (
            f"{module}:{node.lineno} calls {called}"
        )


@pytest.mark.parametrize("module", MODULES)
def test_a_module_can_be_read_at_one_sitting(module):
    assert len((PACKAGE / module).read_text("utf-8").splitlines()) <= 260


@pytest.mark.parametrize("module", [name for name in MODULES if not Path(name).stem.startswith("__")])
def test_a_module_has_its_test_file(module):
    assert (Path(__file__).parent / f"test_{Path(module).stem}.py").is_file()


@pytest.mark.parametrize("code", ["import vidstyle", "from vidstyle.cli import main; main(['--help'])"])
def test_import_and_help_load_nothing_heavy(code):
    heavy = "{'tensorflow', 'keras', 'jax', 'cv2', 'av', 'numpy', 'PIL', 'imageio', 'ffmpeg'}"
    child = f"import sys; {code}; sys.exit(', '.join({heavy} & set(sys.modules)) or None)"
    run = subprocess.run([sys.executable, "-c", child], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (0, "")
