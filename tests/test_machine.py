import os

import pytest

from vidstyle.pipeline import machine
from vidstyle.pipeline.machine import memory_limit


def test_memory_is_what_the_machine_has(monkeypatch):
    monkeypatch.setattr(machine, "GROUPS", ())
    assert memory_limit() == os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.parametrize(
    ("text", "limited"), [("1000000\n", True), ("max\n", False), ("no number", False), (None, False)]
)
def test_a_container_leaves_less(monkeypatch, tmp_path, text, limited):
    if text is not None:
        (tmp_path / "memory.max").write_text(text)
    monkeypatch.setattr(machine, "GROUPS", (tmp_path / "memory.max",))
    assert (memory_limit() == 1_000_000) is limited
