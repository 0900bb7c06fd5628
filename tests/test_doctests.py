import doctest
from importlib import import_module

import pytest
from support.clips import ROOT

MODULES = [
    path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".").removesuffix(".__init__")
    for path in sorted((ROOT / "vidstyle").rglob("*.py"))
    if ">>> " in path.read_text("utf-8")
]


def test_there_are_examples():
    assert len(MODULES) >= 5


@pytest.mark.parametrize("module", MODULES)
def test_examples_of_a_module_hold(module):
    assert doctest.testmod(import_module(module)).failed == 0
