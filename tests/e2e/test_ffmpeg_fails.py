"""ffmpeg fails at its start, midway, or silently: its last message is shown, and no painted frame is lost."""

import pytest

from vidstyle.media.encode.ffmpeg import binary

FAULTS = {
    "fails at its start": (
        "echo 'Cannot allocate memory' >&2; exit 1",
        "ffmpeg failed to write",
        "Cannot allocate memory",
    ),
    "is killed midway": (
        'head -c 900 /dev/zero > "$out"; kill -9 $$',
        "ffmpeg failed to write",
        "it was killed (SIGKILL)",
    ),
    "fails after half a film": (
        '"$real" "$@"; truncate -s 2000 "$out"; echo "No space left" >&2; exit 1',
        "No space left",
        "rerun the command",
    ),
    "makes nothing and says nothing": ("exit 0", "ffmpeg wrote an unreadable", "rerun the command"),
    "makes an empty file and says nothing": (': > "$out"', "ffmpeg wrote an unreadable", "rerun the command"),
    "makes half a film and says nothing": (
        '"$real" "$@"; truncate -s 2000 "$out"',
        "ffmpeg wrote",
        "rerun the command",
    ),
    "leaves out frames and says nothing": (
        '"$real" "$@"; "$real" -v error -i "$out" -c copy -frames:v 3 -y "$out.mp4"; mv "$out.mp4" "$out"',
        "with 3 frames instead of 25",
        "rerun the command",
    ),
}


@pytest.fixture
def broken(bench, monkeypatch):
    """Substitute an ffmpeg that lists its features, and fails when it encodes a film."""

    def put(fault):
        script = bench / "broken"
        script.write_text(
            f"#!/bin/sh\nreal={binary()}\n"
            "for word do case $word in *.mp4) out=$word;; esac; done\n"
            f'case "$*" in *crf*) {fault};; *) exec "$real" "$@";; esac\n'
        )
        script.chmod(0o755)
        monkeypatch.setenv("VIDSTYLE_FFMPEG", str(script))

    return put


@pytest.mark.parametrize("fault", FAULTS)
def test_ffmpeg_that_fails_is_quoted_and_costs_no_frame(bench, film, broken, fault, monkeypatch):
    script, *words = FAULTS[fault]
    broken(script)
    sentence = bench.refused(film, begun=True)
    assert all(word in sentence for word in words)
    assert "in-starry.mp4" in sentence or "result.mp4" in sentence
    assert bench.journal == 25
    monkeypatch.delenv("VIDSTYLE_FFMPEG")
    assert bench.resumed(film) == [True] * 25
    assert (bench / "in-starry.mp4").exists()
