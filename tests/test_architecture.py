import ast
import re
import subprocess
import sys
from collections.abc import Iterator

import pytest
from support.clips import ROOT

PACKAGE = ROOT / "vidstyle"
# How the weights were repacked is a script next to its data.
MODULES = sorted(
    path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".")
    for path in PACKAGE.rglob("*.py")
    if not path.is_relative_to(PACKAGE / "neural/data")
)

# From top to bottom: a module imports what stands below it, or within its own entry.
ORDER = (
    "vidstyle.__main__",
    "vidstyle.cli",
    "vidstyle.__init__",
    "vidstyle.style_transfer",
    "vidstyle.pipeline.grid",
    "vidstyle.pipeline.keyframe_sheet",
    "vidstyle.pipeline.run",
    "vidstyle.pipeline.job",
    "vidstyle.pipeline.schedule",
    "vidstyle.pipeline.publish",
    "vidstyle.pipeline.provenance",
    "vidstyle.pipeline.measure",
    "vidstyle.pipeline.estimate",
    "vidstyle.pipeline.shots",
    "vidstyle.pipeline.paint",
    "vidstyle.pipeline.background",
    "vidstyle.pipeline.results",
    "vidstyle.pipeline.plan",
    "vidstyle.pipeline.flow_source",
    "vidstyle.pipeline.compositing",
    "vidstyle.pipeline.work",
    "vidstyle.pipeline.painters",
    "vidstyle.neural.painter",
    "vidstyle.neural.tile_sizes",
    "vidstyle.neural.descent",
    "vidstyle.neural.benchmark",
    "vidstyle.neural.compiled",
    "vidstyle.neural.windows",
    "vidstyle.neural.result",
    "vidstyle.neural.optimize",
    "vidstyle.neural.inputs",
    "vidstyle.neural.objective",
    "vidstyle.neural.vgg",
    "vidstyle.neural.device",
    "vidstyle.media.provenance",
    "vidstyle.media.masks",
    "vidstyle.media.encode",
    "vidstyle.media.video",
    "vidstyle.media.photo",
    "vidstyle.media",
    "vidstyle.motion",
    "vidstyle.imaging",
    "vidstyle.options",
    "vidstyle.events",
    "vidstyle.errors",
    "vidstyle._version",
)
# The observer for notebooks is part of the library's face, and of the command line's.
LAZY = {("vidstyle.__init__", "vidstyle.cli.report.progress_bar.ProgressBar")}
# Each library belongs to the part whose business it is.
HOMES = {
    "tensorflow": ("vidstyle.neural.device.backend",),
    "jax": ("vidstyle.neural.device.backend",),
    "keras": ("vidstyle.neural",),
    "cv2": ("vidstyle.imaging", "vidstyle.media", "vidstyle.motion"),
    "av": ("vidstyle.media",),
    "ffmpeg": ("vidstyle.media",),
    "imageio_ffmpeg": ("vidstyle.media",),
    "imageio": ("vidstyle.media",),
    "PIL": ("vidstyle.media",),
    "rawpy": ("vidstyle.media",),
    "scenedetect": ("vidstyle.media",),
    "subprocess": ("vidstyle.media.encode.ffmpeg", "vidstyle.media.isolation"),
    "rich": ("vidstyle.cli",),
    "cyclopts": ("vidstyle.cli",),
}


def source_of(module: str) -> str:
    return (ROOT / (module.replace(".", "/") + ".py")).read_text("utf-8")


def imported(module: str) -> Iterator[str]:
    """Dotted names that a module imports, wherever in it."""
    for node in ast.walk(ast.parse(source_of(module))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module} imports relatively"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def is_within(name: str, part: str) -> bool:
    return name == part or name.startswith(f"{part}.")


def rank(name: str) -> int:
    """Place in the order of the most particular entry that a module belongs to."""
    return max(
        (place for place, part in enumerate(ORDER) if is_within(name, part)), key=lambda p: len(ORDER[p])
    )


@pytest.mark.parametrize("module", [name for name in MODULES if not name.endswith("__init__")])
def test_imports_point_down_only(module):
    for name in imported(module):
        if name.startswith("vidstyle."):
            assert rank(name) >= rank(module), f"{module}: {name}"


def test_package_itself_imports_the_library_and_one_observer():
    for name in imported("vidstyle.__init__"):
        if name.startswith("vidstyle.") and ("vidstyle.__init__", name) not in LAZY:
            assert rank(name) > rank("vidstyle.__init__"), name


def test_imports_form_no_circle():
    below = {
        module: {
            found
            for name in imported(module)
            for found in (name, name.rpartition(".")[0])
            if found in MODULES and found != module
        }
        for module in MODULES
    }
    while leaves := [module for module, names in below.items() if not names & below.keys()]:
        for module in leaves:
            del below[module]
    assert below == {}


@pytest.mark.parametrize("module", MODULES)
def test_libraries_are_imported_where_they_belong(module):
    for name in imported(module):
        homes = HOMES.get(name.split(".")[0])
        at_home = homes is None or any(is_within(module, home) for home in homes)
        assert at_home, f"{module} imports {name}, which belongs to {homes}"


@pytest.mark.parametrize("module", MODULES)
def test_core_neither_prints_nor_exits(module):
    if module.startswith(("vidstyle.cli.", "vidstyle.__main__")):
        return
    for node in ast.walk(ast.parse(source_of(module))):
        called = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
        assert called not in {"print", "exit", "sys.exit", "os._exit"}, (
            f"{module}:{node.lineno} calls {called}"
        )


@pytest.mark.parametrize("module", MODULES)
def test_module_can_be_read_at_one_sitting(module):
    assert len(source_of(module).splitlines()) <= 250


@pytest.mark.parametrize(
    "package", sorted(path.parent.relative_to(ROOT).as_posix() for path in PACKAGE.rglob("__init__.py"))
)
def test_package_has_at_most_twenty_modules(package):
    assert len([path for path in (ROOT / package).glob("*.py") if path.stem != "__init__"]) <= 20


@pytest.mark.parametrize("module", [name for name in MODULES if "._" not in name])
def test_module_has_its_test_file(module):
    if not re.search(r"^(def|class) ", source_of(module), re.MULTILINE):
        return  # Names of types alone.
    *packages, stem = module.split(".")[1:]
    assert (ROOT / "tests").joinpath(*packages, f"test_{stem}.py").is_file()


@pytest.mark.parametrize("code", ["import vidstyle", "from vidstyle.__main__ import main; main(['--help'])"])
def test_import_and_help_load_nothing_heavy(code):
    heavy = "{'tensorflow', 'keras', 'jax', 'cv2', 'av', 'numpy', 'PIL', 'imageio', 'ffmpeg'}"
    child = f"import sys; {code}; sys.exit(', '.join({heavy} & set(sys.modules)) or None)"
    run = subprocess.run([sys.executable, "-c", child], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (0, "")
