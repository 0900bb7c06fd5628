from fractions import Fraction

import numpy as np
import pytest

from vidstyle.errors import InputError, WorkdirError
from vidstyle.media.geometry import FrameSize
from vidstyle.motion.flo_files import write_flo
from vidstyle.motion.flow import find_flows
from vidstyle.options.groups import MotionOptions
from vidstyle.options.values import FlowMethod, FlowSource
from vidstyle.pipeline import flow_source as module
from vidstyle.pipeline.flow_source import CachedFlow, ComputedFlow, FlowFiles, open_flow

SIZE = FrameSize(64, 48, Fraction(1))
IMAGE = np.random.default_rng(0).random((48, 64, 3), np.float32)


def steady(dx):
    return np.broadcast_to(np.float32([dx, 0]), (48, 64, 2))


@pytest.fixture
def folder(tmp_path):
    """Flow of five frames whose content moves right by 2 pixels per frame."""
    for i in range(1, 5):
        write_flo(tmp_path / f"forward_{i}_{i + 1}.flo", steady(2))
        write_flo(tmp_path / f"backward_{i + 1}_{i}.flo", steady(-2))
    return tmp_path


@pytest.fixture
def flows(folder):
    return open_flow(MotionOptions(FlowSource(folder=folder)), SIZE)


@pytest.fixture
def texture():
    return np.kron(np.random.default_rng(1).random((14, 18, 3)), np.ones((5, 5, 1))).astype(np.float32)


@pytest.mark.parametrize("method", FlowMethod)
def test_methods_find_a_shift(method, texture):
    flows = open_flow(MotionOptions(FlowSource(method)), SIZE)
    assert flows == ComputedFlow(method)
    motion = flows.between(0, 1, texture[:48, 2:66], texture[:48, :64])
    assert np.abs(np.median(motion.backward_flow, axis=(0, 1)) - [-2, 0]).max() < 0.1


def test_flow_files_count_frames_from_one(flows, folder):
    write_flo(folder / "backward_3_2.flo", steady(-5))
    assert (flows.between(1, 2, IMAGE, IMAGE).backward_flow == [-5, 0]).all()
    assert (flows.between(0, 1, IMAGE, IMAGE).backward_flow == [-2, 0]).all()


def test_flow_that_is_consistent_both_ways_is_trusted_inside_the_frame(flows):
    trust = flows.between(0, 1, np.roll(IMAGE, -2, axis=1), IMAGE).trust
    assert (trust[:, 8:] > 0.99).all()
    assert (trust[:, 0] < 0.2).all()


def test_flow_over_several_frames_is_composed(flows):
    backward = flows.between(0, 3, IMAGE, IMAGE).backward_flow
    assert (backward[:, 6:] == [-6, 0]).all()


def test_flow_over_several_frames_is_read_where_it_has_a_file(flows, folder):
    write_flo(folder / "backward_4_1.flo", steady(-7))
    write_flo(folder / "forward_1_4.flo", steady(7))
    assert (flows.between(0, 3, IMAGE, IMAGE).backward_flow == [-7, 0]).all()


def test_files_are_needed_within_shots_only(flows, folder):
    flows.check([(0, 5)])
    (folder / "backward_4_3.flo").unlink()
    flows.check([(0, 3), (3, 5)])
    with pytest.raises(InputError, match=r"backward_4_3\.flo.*missing"):
        flows.check([(0, 5)])
    with pytest.raises(InputError, match=r"backward_6_5\.flo.*missing"):
        flows.check([(3, 6)])


def test_files_of_another_size_are_refused(folder):
    with pytest.raises(InputError, match=r"backward_2_1\.flo.*64 x 48.*32 x 24"):
        FlowFiles(folder, 32, 24).check([(0, 5)])


def test_digest_covers_contents_and_numbers_within_range(flows, folder):
    before = flows.digest(0, 3)
    write_flo(folder / "forward_4_5.flo", steady(3))
    (folder / "notes.txt").write_text("mine")
    assert flows.digest(0, 3) == before
    write_flo(folder / "forward_1_2.flo", steady(3))
    assert flows.digest(0, 3) != before


def test_missing_folder_is_refused_by_name(tmp_path):
    with pytest.raises(InputError, match=r"nowhere.*does not exist"):
        open_flow(MotionOptions(FlowSource(folder=tmp_path / "nowhere")), SIZE)
    with pytest.raises(InputError, match=r"nowhere.*cannot be read"):
        FlowFiles(tmp_path / "nowhere", 64, 48).digest(0, 3)


def test_cached_flow_is_computed_once_for_both_directions(tmp_path, texture, monkeypatch):
    first, second = texture[:48, 2:66], texture[:48, :64]
    computed = []

    def counted(*arguments):
        computed.append(1)
        return find_flows(*arguments)

    monkeypatch.setattr(module, "find_flows", counted)
    kept = CachedFlow(ComputedFlow(), tmp_path / "flow")
    there = kept.between(3, 4, first, second)
    again = CachedFlow(ComputedFlow(), tmp_path / "flow").between(3, 4, first, second)
    back = kept.between(4, 3, second, first)
    assert len(computed) == 1
    for name in ("backward_flow", "trust", "visible"):
        np.testing.assert_array_equal(getattr(there, name), getattr(again, name))
    expected = ComputedFlow().between(4, 3, second, first)
    np.testing.assert_allclose(back.backward_flow, expected.backward_flow, atol=0.01)
    np.testing.assert_allclose(there.backward_flow, -back.backward_flow, atol=0.5)


@pytest.mark.parametrize("damage", [b"", b"torn", None])
def test_damaged_flow_is_computed_again(tmp_path, texture, damage):
    frames = texture[:48, 2:66], texture[:48, :64]
    kept = CachedFlow(ComputedFlow(), tmp_path)
    motion = kept.between(0, 1, *frames)
    (path,) = tmp_path.iterdir()
    path.write_bytes(path.read_bytes()[:-200] if damage is None else damage)
    np.testing.assert_array_equal(kept.between(0, 1, *frames).backward_flow, motion.backward_flow)


def test_flow_with_flipped_bit_in_archive_directory_is_computed_again(tmp_path, monkeypatch):
    frames = np.random.default_rng(2).random((2, 16, 16, 3)).astype(np.float32)
    found = find_flows(*frames)
    monkeypatch.setattr("vidstyle.pipeline.flow_source.find_flows", lambda *_: found)
    kept = CachedFlow(ComputedFlow(), tmp_path)
    trust = kept.between(0, 1, *frames).trust
    (path,) = tmp_path.iterdir()
    whole = path.read_bytes()
    # The end of the archive's own list: how its last array is packed, how large it is, and where it lies.
    for bit in range(8 * (len(whole) - 100), 8 * len(whole)):
        damaged = bytearray(whole)
        damaged[bit // 8] ^= 1 << bit % 8
        path.write_bytes(damaged)
        np.testing.assert_array_equal(kept.between(0, 1, *frames).trust, trust)


def test_cache_folder_that_cannot_be_written_is_named(tmp_path, texture):
    (tmp_path / "flow").write_text("a file")
    with pytest.raises(WorkdirError, match=r"flow.*cannot be written"):
        CachedFlow(ComputedFlow(), tmp_path / "flow").between(0, 1, texture[:48, 2:66], texture[:48, :64])


def test_backward_pass_swaps_forward_and_backward_files(flows):
    assert (flows.between(1, 0, IMAGE, IMAGE).backward_flow == flows._flow(0, 1)).all()
