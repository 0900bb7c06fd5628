import ctypes
import os

import pytest

from vidstyle.neural.device import hardware
from vidstyle.neural.device.hardware import (
    capability,
    choose_precision,
    cpu_flags,
    memory_limit,
    resolve_precision,
)
from vidstyle.options.groups import MachineOptions, Precision

PLAIN = frozenset({"sse2", "avx2", "avx512f"})


@pytest.mark.parametrize("wanted", [Precision.FLOAT32, Precision.BFLOAT16])
@pytest.mark.parametrize("card", [None, (7, 5), (9, 0)])
def test_precision_of_the_options_is_taken(wanted, card):
    assert choose_precision(wanted, card=card, flags=PLAIN) is wanted


@pytest.mark.parametrize(
    ("card", "flags", "expected"),
    [
        (None, PLAIN, Precision.FLOAT32),
        (None, frozenset(), Precision.FLOAT32),
        (None, PLAIN | {"avx512_bf16"}, Precision.BFLOAT16),
        (None, PLAIN | {"amx_bf16"}, Precision.BFLOAT16),
        ((8, 0), frozenset(), Precision.BFLOAT16),
        ((10, 0), frozenset(), Precision.BFLOAT16),
        ((7, 5), PLAIN | {"amx_bf16"}, Precision.FLOAT32),
    ],
)
def test_auto_takes_bfloat16_where_the_hardware_multiplies_in_it(card, flags, expected):
    assert choose_precision(Precision.AUTO, card=card, flags=flags) is expected


OLD, NEW = (6, 1), (9, 0)


@pytest.mark.parametrize(
    ("device", "cards", "expected"),
    [
        ("auto", [], Precision.FLOAT32),
        ("auto", [NEW], Precision.BFLOAT16),
        ("auto", [OLD, NEW], Precision.FLOAT32),
        ("auto", [NEW, OLD], Precision.BFLOAT16),
        ("cpu", [NEW], Precision.FLOAT32),
        ("gpu:0", [NEW], Precision.BFLOAT16),
        ("gpu:0", [OLD, NEW], Precision.FLOAT32),
        ("gpu:1", [OLD, NEW], Precision.BFLOAT16),
        ("gpu:1", [NEW, OLD], Precision.FLOAT32),
    ],
)
def test_precision_follows_the_device_that_will_paint(monkeypatch, device, cards, expected):
    monkeypatch.setattr(hardware, "cpu_flags", lambda: PLAIN)
    monkeypatch.setattr(hardware, "has_gpu", lambda: bool(cards))
    monkeypatch.setattr(hardware, "capability", cards.__getitem__)
    assert resolve_precision(MachineOptions(device=device)) is expected


class Driver:
    """CUDA's driver, with cards of some capabilities."""

    def __init__(self, *cards):
        self.cards = cards

    def cuInit(self, _flags):  # noqa: N802 - CUDA's name, as are the others.
        return 0 if self.cards else 100

    def cuDeviceGet(self, device, index):  # noqa: N802
        device._obj.value = index
        return 0 if index < len(self.cards) else 101

    def cuDeviceGetAttribute(self, number, attribute, device):  # noqa: N802
        if device.value >= len(self.cards):
            return 101
        number._obj.value = self.cards[device.value][{75: 0, 76: 1}[attribute]]
        return 0


@pytest.mark.parametrize(
    ("cards", "index", "expected"),
    [([], 0, None), ([OLD], 0, OLD), ([OLD, NEW], 1, NEW), ([OLD, NEW], 2, None)],
)
def test_driver_tells_the_capability_of_a_card(monkeypatch, cards, index, expected):
    monkeypatch.setattr(ctypes, "CDLL", lambda _: Driver(*cards))
    assert capability(index) == expected


def test_capability_is_unknown_without_a_driver(monkeypatch):
    def fail(name):
        raise OSError(name)

    monkeypatch.setattr(ctypes, "CDLL", fail)
    assert capability(0) is None


def test_flags_are_those_of_the_first_processor(monkeypatch, tmp_path):
    listing = tmp_path / "cpuinfo"
    listing.write_text("processor\t: 0\nflags\t\t: fpu avx512_bf16\n\nprocessor\t: 1\nflags\t\t: fpu\n")
    monkeypatch.setattr(hardware, "Path", lambda _: listing)
    assert cpu_flags() == {"fpu", "avx512_bf16"}


def test_machine_without_cpuinfo_has_no_flags(monkeypatch, tmp_path):
    monkeypatch.setattr(hardware, "Path", lambda _: tmp_path / "missing")
    assert cpu_flags() == frozenset()


def test_memory_limit_is_that_of_the_machine(monkeypatch):
    monkeypatch.setattr(hardware, "memory_limits", list)
    assert memory_limit() == os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.parametrize(("limits", "expected"), [([1_000_000], 1_000_000), ([9 << 60, 5000, 7000], 5000)])
def test_container_has_less_memory(monkeypatch, limits, expected):
    monkeypatch.setattr(hardware, "memory_limits", limits.copy)
    assert memory_limit() == expected
