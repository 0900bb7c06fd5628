"""A disk that is full: named, no result, and the run goes on once there is space."""

import resource
import shlex
import subprocess
import sys

import pytest

# Fills the disk once a frame is done, or once all are.
FILL = """
import vidstyle.pipeline.{module} as module
call = module.{name}
def full(*arguments, **options):
    if {when}:
        with open("out/filler", "wb", buffering=0) as file:
            try:
                while file.write(bytes(4096)):
                    pass
            except OSError:
                pass
    return call(*arguments, **options)
module.{name} = full
"""
ON_FRAMES = FILL.format(module="paint.recorder", name="write_frame", when="arguments[0].name == '000003.png'")
ON_OUTPUT = FILL.format(module="publish", name="write_film", when="True")
CAN_MOUNT = sys.platform == "linux" and not subprocess.run(
    ["unshare", "-Urm", "mount", "-t", "tmpfs", "none", "/mnt"], capture_output=True, check=False
).returncode  # fmt: skip


@pytest.mark.skipif(not CAN_MOUNT, reason="this machine forbids mounting a small disk")
@pytest.mark.parametrize(
    ("fault", "kept"), [(ON_FRAMES, 3), (ON_OUTPUT, 25)], ids=["on frames", "on the output"]
)
def test_full_disk_is_named_and_the_run_goes_on_once_there_is_space(bench, film, fault, kept):
    (bench / "out").mkdir()
    words = [word.decode() for word in bench.words(film, "-o", "out/out.mp4", "--quiet")]
    first = shlex.join(
        [
            sys.executable,
            "-c",
            f"{fault}\nimport sys\nfrom vidstyle.cli.app import main\nsys.exit(main())",
            *words,
        ]
    )
    again = shlex.join([sys.executable, "-m", "vidstyle", *words, "--stats", "stats.json"])
    script = (
        f"mount -t tmpfs -o size=4m none out; {first}; echo $?; ls out; "
        f"rm out/filler; {again}; echo $?; ls out"
    )
    run = subprocess.run(["unshare", "-Urm", "sh", "-c", script], capture_output=True, text=True, check=False)
    assert run.stdout.split() == ["1", "filler", "0", "out.mp4"], run
    assert run.stderr.count("\n") == 1
    assert "No space left on device" in run.stderr
    assert run.stderr.rstrip().endswith(
        (
            "free space, or choose another output folder.",
            "rerun the command.",
            "choose another folder.",
        )
    )
    assert (bench / "stats.json").read_text().count('"resumed": true') == kept


def limited(size):
    """Limit the size of a child's files, as a quota does."""
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def test_frames_that_cannot_grow_are_named_and_the_run_goes_on(bench, film):
    outcome = bench.apart(film, "--quiet", preexec_fn=limited(3000))
    assert outcome.code == 1
    assert "cannot be" in outcome.err
    assert "File too large" in outcome.err
    assert outcome.err.count("\n") == 1
    assert not (bench / "in-starry.mp4").exists()
    bench.painted(film)


def test_film_that_cannot_grow_is_named_and_costs_no_frame(bench, film):
    bench.painted(film, "-o", "whole.mp4")
    size = (bench / "whole.mp4").stat().st_size
    outcome = bench.apart(film, "--quiet", preexec_fn=limited(size - 1))
    assert outcome.code == 1
    assert "'in-starry.mp4'" in outcome.err or "result.mp4" in outcome.err
    assert outcome.err.count("\n") == 1
    assert not (bench / "in-starry.mp4").exists()
    assert bench.resumed(film) == [True] * 25
    assert (bench / "in-starry.mp4").read_bytes() == (bench / "whole.mp4").read_bytes()
