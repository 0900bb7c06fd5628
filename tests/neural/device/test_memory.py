from vidstyle.neural.device.memory import (
    ENCODE_BYTES,
    ENCODE_TILE_BYTES,
    HISTORY,
    MIN_HISTORY,
    MIN_TILE_PX,
    STYLE_IMAGE_BYTES,
    TILE_PX,
    MemoryPlan,
    encode_bytes,
    memory_needed,
    plan_memory,
    smaller_tile,
    uses_tiles,
)
from vidstyle.options.groups import MachineOptions, Precision
from vidstyle.options.values import Tile

SINGLE = Precision.FLOAT32
GIB = 1 << 30
AUTO = Tile()


def test_image_of_the_default_size_is_painted_as_a_whole():
    assert plan_memory(512, 512, SINGLE, AUTO, 16 * GIB) == MemoryPlan(None, HISTORY)


def test_large_image_is_painted_in_tiles_with_a_shorter_history():
    plan = plan_memory(3000, 4000, SINGLE, AUTO, 24 * GIB)
    assert plan.tile_px == TILE_PX
    assert MIN_HISTORY <= plan.history < HISTORY
    assert plan.kept is Precision.BFLOAT16
    whole = memory_needed(3000, 4000, SINGLE, MemoryPlan()).total_bytes
    assert memory_needed(3000, 4000, SINGLE, plan).total_bytes < whole / 3


def test_history_is_kept_in_bfloat16_before_it_is_shortened():
    assert plan_memory(1000, 1000, SINGLE, AUTO, 24 * GIB)[1:] == (HISTORY, SINGLE)
    assert plan_memory(1600, 1600, SINGLE, AUTO, 24 * GIB)[1:] == (HISTORY, Precision.BFLOAT16)


def test_tiles_are_smaller_with_less_memory():
    needed = memory_needed(2000, 2000, SINGLE, plan_memory(2000, 2000, SINGLE, AUTO, 16 * GIB)).total_bytes
    plan = plan_memory(2000, 2000, SINGLE, AUTO, needed - 1)
    assert plan.tile_px == TILE_PX // 2
    assert memory_needed(2000, 2000, SINGLE, plan).total_bytes < needed
    assert plan_memory(2000, 2000, SINGLE, AUTO, 0).tile_px == MIN_TILE_PX


def test_tiles_that_do_not_fit_are_followed_by_smaller_ones_down_to_the_least():
    sides = [None]
    while (side := smaller_tile(sides[-1], 1200, 900)) is not None:
        sides.append(side)
    assert sides == [None, 896, 448, 256]
    assert smaller_tile(None, 400, 900) == 896  # A tile that the whole image fits into would change nothing.
    assert smaller_tile(700, 1200, 900) == 448
    assert smaller_tile(None, 256, 200) is None


def test_options_decide_on_tiles():
    assert plan_memory(512, 512, SINGLE, Tile(300), 16 * GIB).tile_px == 300
    assert plan_memory(3000, 4000, SINGLE, Tile(auto=False), GIB).tile_px is None


def test_use_of_tiles_is_known_beforehand(monkeypatch):
    monkeypatch.setattr("vidstyle.neural.device.memory.memory_limit", lambda: 16 * GIB)
    machine = MachineOptions(device="cpu", precision=SINGLE)
    assert uses_tiles(3000, 4000, machine)
    assert not uses_tiles(512, 512, machine)
    assert uses_tiles(300, 512, MachineOptions(device="cpu", precision=SINGLE, tile=Tile(256)))
    assert not uses_tiles(200, 256, MachineOptions(device="cpu", precision=SINGLE, tile=Tile(256)))
    assert not uses_tiles(3000, 4000, MachineOptions(device="gpu:0", precision=SINGLE))


def test_need_is_the_sum_of_its_parts():
    needed = memory_needed(100, 200, SINGLE, MemoryPlan(50, 7))
    assert needed.encoded_px == 2500
    assert (
        needed.total_bytes == (900 << 20) + 20_000 * needed.bytes_per_px + 2500 * needed.bytes_per_encoded_px
    )
    assert memory_needed(100, 200, SINGLE, MemoryPlan(None, 7)).encoded_px == 20_000


def test_style_is_encoded_as_a_whole_or_in_tiles():
    assert encode_bytes(100, 200, MemoryPlan()) == (900 << 20) + 20_000 * ENCODE_BYTES
    tiled = encode_bytes(100, 200, MemoryPlan(50))
    assert tiled == (900 << 20) + 20_000 * STYLE_IMAGE_BYTES + 2500 * ENCODE_TILE_BYTES
