import pytest

from vidstyle.neural.device import cgroups
from vidstyle.neural.device.cgroups import cpu_limit, memory_limits


@pytest.fixture
def group(monkeypatch, tmp_path):
    """Make the files of control groups, and the groups of this process."""
    monkeypatch.setattr(cgroups, "ROOT", tmp_path / "cgroup")
    monkeypatch.setattr(cgroups, "MEMBERSHIP", tmp_path / "membership")

    def make(membership, **files):
        if membership is not None:
            (tmp_path / "membership").write_text(membership)
        for name, text in files.items():
            path = tmp_path / "cgroup" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    return make


@pytest.mark.parametrize("inner", ["3000\n", "max\n", None])
def test_memory_is_limited_by_every_group_above(group, inner):
    files = {"memory.max": "9000\n", "a/memory.max": "5000\n", "other/memory.max": "1\n"}
    group("0::/a/b\n", **files, **({} if inner is None else {"a/b/memory.max": inner}))
    assert min(memory_limits()) == (3000 if inner == "3000\n" else 5000)


def test_memory_is_limited_by_version_1_too(group):
    name = "memory.limit_in_bytes"
    group(
        "5:memory:/docker/x\n0::/\n",
        **{
            f"memory/{name}": f"{1 << 63}\n",
            f"memory/docker/{name}": "7000\n",
            f"memory/docker/x/{name}": "8000\n",
        },
    )
    assert min(memory_limits()) == 7000


@pytest.mark.parametrize(
    "membership", [None, "", "nonsense", "0::/host/path/of/the/container", "0::/../../x"]
)
def test_root_of_a_container_limits_in_any_case(group, membership):
    group(membership, **{"memory.max": "4000\n", "cpu.max": "150000 100000\n", "../memory.max": "1\n"})
    assert set(memory_limits()) == {4000}
    assert cpu_limit() == 2


@pytest.mark.parametrize(
    ("membership", "files", "expected"),
    [
        ("0::/a/b", {"cpu.max": "max 100000", "a/cpu.max": "300000 100000", "a/b/cpu.max": "max 100000"}, 3),
        ("0::/a", {"cpu.max": "400000 100000", "a/cpu.max": "20000 100000"}, 1),
        ("0::/a", {"a/cpu.max": "max"}, None),
        ("0::/", {}, None),
        (
            "3:cpu,cpuacct:/d",
            {"cpu,cpuacct/d/cpu.cfs_quota_us": "250000", "cpu,cpuacct/d/cpu.cfs_period_us": "100000"},
            3,
        ),
        ("3:cpu:/d", {"cpu/d/cpu.cfs_quota_us": "-1", "cpu/d/cpu.cfs_period_us": "100000"}, None),
        ("1:cpu:/\n0::/s", {"unified/s/cpu.max": "100000 100000"}, 1),
    ],
)
def test_cores_are_limited_by_the_quotas_of_every_group_above(group, membership, files, expected):
    group(membership, **files)
    assert cpu_limit() == expected
