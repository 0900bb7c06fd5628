"""For any rate, size, streams, rotation and times: as many frames come out as go in, each at its time."""

import shutil
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.clips import COPIED

import vidstyle
from vidstyle.media.encode.ffmpeg import run
from vidstyle.media.video.probe import probe_video

RATES = ["24000/1001", "30000/1001", "25", "60", "1", "12.5", "1000/7", "50"]
FILMS = st.fixed_dictionaries(
    {
        "rate": st.sampled_from(RATES),
        "width": st.integers(16, 80),
        "height": st.integers(16, 64),
        "frames": st.integers(1, 14),
        "tracks": st.integers(0, 2),
        "late": st.sampled_from([0, 0, 0.2, 0.313]),
        "turn": st.sampled_from([0, 0, 90, 180, 270]),
        "dropped": st.sets(st.integers(1, 13), max_size=4),
        "reordered": st.booleans(),
        "source": st.sampled_from(["mp4", "mov", "mkv", "ts"]),
        "result": st.sampled_from(["mp4", "mov", "mkv"]),
    }
)


def drawn(folder, film):
    """Draw a film as it is described."""
    length = film["frames"] / Fraction(film["rate"]) + 1
    chosen = "*".join(f"not(eq(n,{n}))" for n in sorted(film["dropped"]) if n < film["frames"]) or "1"
    size = f"{film['width'] * 2}x{film['height'] * 2}"
    source = f"testsrc2=s={size}:r={film['rate']},trim=end_frame={film['frames']},select='{chosen}'"
    sound = [
        word for _ in range(film["tracks"]) for word in ("-f", "lavfi", "-i", f"sine=d={float(length):.3f}")
    ]
    maps = [word for index in range(film["tracks"] + 1) for word in ("-map", index)]
    flat = folder / f"flat.{film['source']}"
    codec = (
        "-c:v",
        "libx264",
        "-preset",
        "ultrafast",
        "-pix_fmt",
        "yuv420p",
        "-bf",
        2 if film["reordered"] else 0,
    )
    inputs = ["-itsoffset", film["late"], "-f", "lavfi", "-i", source, *sound]
    run(["-y", *inputs, *maps, *codec, "-c:a", "aac", "-fps_mode", "passthrough", flat], what="draw")
    if not film["turn"] or film["source"] not in {"mp4", "mov"}:
        return flat
    turned = folder / f"in.{film['source']}"
    run(["-y", "-display_rotation", film["turn"], "-i", flat, "-map", 0, "-c", "copy", turned], what="turn")
    return turned


def comes_through(film, style):
    """Draw, copy and compare a film."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copyfile(style, folder / "starry.png")
        source, made = drawn(folder, film), folder / f"out.{film['result']}"
        result = vidstyle.stylize(source, folder / "starry.png", made, options=COPIED)
        before, after = probe_video(source), probe_video(made)
    assert result.frames == before.frames == after.frames
    # A millisecond, or the tick of a container that has coarser ones.
    assert max(abs(a - b) for a, b in zip(before.timestamps, after.timestamps, strict=True)) <= Fraction(
        1, 900
    )
    assert len(after.audio) == film["tracks"]
    shapes = [Fraction(video.width, video.height) * video.pixel_aspect for video in (before, after)]
    assert abs(shapes[0] - shapes[1]) <= shapes[0] * Fraction(1, after.height)


def fuzz(examples):
    return settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


@fuzz(6)
@given(film=FILMS)
def test_generated_films_come_through_whole(style, film):
    comes_through(film, style)


@pytest.mark.slow
@fuzz(200)
@given(film=FILMS)
def test_many_generated_films_come_through_whole(style, film):
    comes_through(film, style)
