from vidstyle.neural.device.memory import (
    HISTORY,
    LEAST_HISTORY,
    LEAST_TILE_PX,
    LOOK_BYTES,
    LOOK_WINDOW_BYTES,
    LOOKED_AT_BYTES,
    TILE_PX,
    MemoryPlan,
    encode_bytes,
    memory_needed,
    plan_memory,
    smaller,
    uses_tiles,
)
from vidstyle.options.groups import MachineOptions, Precision
from vidstyle.options.values import Tile

SINGLE = Precision.FLOAT32
GIB = 1 << 30
AUTO = Tile()


def test_a_picture_of_the_default_size_is_painted_as_a_whole():
    assert plan_memory(512, 512, SINGLE, AUTO, 16 * GIB) == MemoryPlan(None, HISTORY)


def test_a_large_picture_is_painted_in_windows_with_fewer_pairs():
    layout = plan_memory(3000, 4000, SINGLE, AUTO, 24 * GIB)
    assert layout.tile_px == TILE_PX
    assert LEAST_HISTORY <= layout.history < HISTORY
    assert layout.kept is Precision.BFLOAT16
    whole = memory_needed(3000, 4000, SINGLE, MemoryPlan()).total_bytes
    assert memory_needed(3000, 4000, SINGLE, layout).total_bytes < whole / 3


def test_pairs_are_kept_in_bfloat16_before_there_are_fewer_of_them():
    assert plan_memory(1000, 1000, SINGLE, AUTO, 24 * GIB)[1:] == (HISTORY, SINGLE)
    assert plan_memory(1600, 1600, SINGLE, AUTO, 24 * GIB)[1:] == (HISTORY, Precision.BFLOAT16)


def test_windows_are_smaller_where_there_is_less_memory():
    needed = memory_needed(2000, 2000, SINGLE, plan_memory(2000, 2000, SINGLE, AUTO, 16 * GIB)).total_bytes
    layout = plan_memory(2000, 2000, SINGLE, AUTO, needed - 1)
    assert layout.tile_px == TILE_PX // 2
    assert memory_needed(2000, 2000, SINGLE, layout).total_bytes < needed
    assert plan_memory(2000, 2000, SINGLE, AUTO, 0).tile_px == LEAST_TILE_PX


def test_windows_that_do_not_fit_are_followed_by_smaller_ones_down_to_the_least():
    sides = [None]
    while (side := smaller(sides[-1], 1200, 900)) is not None:
        sides.append(side)
    assert sides == [None, 896, 448, 256]
    assert smaller(None, 400, 900) == 896  # One that the whole picture fits into would change nothing.
    assert smaller(700, 1200, 900) == 448
    assert smaller(None, 256, 200) is None


def test_what_was_asked_for_is_done():
    assert plan_memory(512, 512, SINGLE, Tile(300), 16 * GIB).tile_px == 300
    assert plan_memory(3000, 4000, SINGLE, Tile(auto=False), GIB).tile_px is None


def test_it_is_known_beforehand_whether_there_will_be_windows(monkeypatch):
    monkeypatch.setattr("vidstyle.neural.device.memory.memory_limit", lambda: 16 * GIB)
    machine = MachineOptions(device="cpu", precision=SINGLE)
    assert uses_tiles(3000, 4000, machine)
    assert not uses_tiles(512, 512, machine)
    assert uses_tiles(300, 512, MachineOptions(device="cpu", precision=SINGLE, tile=Tile(256)))
    assert not uses_tiles(200, 256, MachineOptions(device="cpu", precision=SINGLE, tile=Tile(256)))
    assert not uses_tiles(3000, 4000, MachineOptions(device="gpu:0", precision=SINGLE))


def test_a_need_is_the_sum_of_its_parts():
    needed = memory_needed(100, 200, SINGLE, MemoryPlan(50, 7))
    assert needed.seen == 2500
    assert needed.total_bytes == (900 << 20) + 20_000 * needed.each + 2500 * needed.seen_each
    assert memory_needed(100, 200, SINGLE, MemoryPlan(None, 7)).seen == 20_000


def test_a_style_is_looked_at_as_a_whole_or_in_windows():
    assert encode_bytes(100, 200, MemoryPlan()) == (900 << 20) + 20_000 * LOOK_BYTES
    lay_tiles = encode_bytes(100, 200, MemoryPlan(50))
    assert lay_tiles == (900 << 20) + 20_000 * LOOKED_AT_BYTES + 2500 * LOOK_WINDOW_BYTES
