import os

import pytest

from vidstyle.neural import hardware
from vidstyle.neural.hardware import choose_precision, cpu_flags, memory_limit, resolve_precision
from vidstyle.options import MachineOptions, Precision

PLAIN = frozenset({"sse2", "avx2", "avx512f"})


@pytest.mark.parametrize("wanted", [Precision.FLOAT32, Precision.BFLOAT16])
@pytest.mark.parametrize("on_gpu", [False, True])
def test_a_precision_asked_for_is_taken(wanted, on_gpu):
    assert choose_precision(wanted, on_gpu=on_gpu, flags=PLAIN) is wanted


@pytest.mark.parametrize(
    ("on_gpu", "flags", "expected"),
    [
        (False, PLAIN, Precision.FLOAT32),
        (False, frozenset(), Precision.FLOAT32),
        (False, PLAIN | {"avx512_bf16"}, Precision.BFLOAT16),
        (False, PLAIN | {"amx_bf16"}, Precision.BFLOAT16),
        (True, frozenset(), Precision.BFLOAT16),
    ],
)
def test_auto_takes_bfloat16_where_the_hardware_multiplies_in_it(on_gpu, flags, expected):
    assert choose_precision(Precision.AUTO, on_gpu=on_gpu, flags=flags) is expected


@pytest.mark.parametrize(
    ("device", "card", "expected"),
    [
        ("auto", True, Precision.BFLOAT16),
        ("auto", False, Precision.FLOAT32),
        ("cpu", True, Precision.FLOAT32),
        ("gpu:0", True, Precision.BFLOAT16),
    ],
)
def test_precision_follows_the_device_that_will_paint(monkeypatch, device, card, expected):
    monkeypatch.setattr(hardware, "cpu_flags", lambda: PLAIN)
    monkeypatch.setattr(hardware, "has_gpu", lambda: card)
    assert resolve_precision(MachineOptions(device=device)) is expected


def test_flags_are_those_of_the_first_processor(monkeypatch, tmp_path):
    listing = tmp_path / "cpuinfo"
    listing.write_text("processor\t: 0\nflags\t\t: fpu avx512_bf16\n\nprocessor\t: 1\nflags\t\t: fpu\n")
    monkeypatch.setattr(hardware, "Path", lambda _: listing)
    assert cpu_flags() == {"fpu", "avx512_bf16"}


def test_a_machine_that_does_not_tell_has_no_flags(monkeypatch, tmp_path):
    monkeypatch.setattr(hardware, "Path", lambda _: tmp_path / "missing")
    assert cpu_flags() == frozenset()


def test_memory_is_what_the_machine_has(monkeypatch):
    monkeypatch.setattr(hardware, "GROUPS", ())
    assert memory_limit() == os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.parametrize(
    ("text", "limited"), [("1000000\n", True), ("max\n", False), ("no number", False), (None, False)]
)
def test_a_container_leaves_less(monkeypatch, tmp_path, text, limited):
    if text is not None:
        (tmp_path / "memory.max").write_text(text)
    monkeypatch.setattr(hardware, "GROUPS", (tmp_path / "memory.max",))
    assert (memory_limit() == 1_000_000) is limited
