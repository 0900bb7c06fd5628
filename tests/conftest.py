"""Fixtures: clips that are drawn, never shipped, small, fast, and with a known content."""

import signal
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from support.clips import BEEP, FLASH, H264, QUICK
from support.textures import PAN, STILL

if TYPE_CHECKING:
    from vidstyle.pipeline.paint.painter_cache import PainterCache

Draw = Callable[..., Path]

# Under nohup, or behind a script's `&`, these signals are ignored. A run inherits that, and so would the runs
# that the tests stop.
for _number, _usual in ((signal.SIGINT, signal.default_int_handler), (signal.SIGHUP, signal.SIG_DFL)):
    if signal.getsignal(_number) is signal.SIG_IGN:
        signal.signal(_number, _usual)


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the tests out of the user's cache; the runs that they start inherit it."""
    patch = pytest.MonkeyPatch()
    patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
    yield
    patch.undo()


@pytest.fixture(scope="session")
def draw(tmp_path_factory: pytest.TempPathFactory) -> Draw:
    """Make a film by ffmpeg's arguments, once per name and arguments."""
    folder = tmp_path_factory.mktemp("clips")

    def make(name: str, *arguments: object) -> Path:
        from vidstyle.media.encode.ffmpeg import run

        # Another film may have the same name.
        path = folder / f"{zlib.crc32(repr(arguments).encode()):08x}" / name
        path.parent.mkdir(exist_ok=True)
        if not path.exists():
            run(["-y", *arguments, path], what=f"draw {name}")
        return path

    return make


@pytest.fixture(scope="session")
def clip(draw: Draw) -> Path:
    """Film of 25 frames of 64 x 48 at 25 frames per second, with a second of sound."""
    return draw(
        "clip.mp4",
        "-f",
        "lavfi",
        "-i",
        "testsrc2=s=64x48:r=25:d=1",
        "-f",
        "lavfi",
        "-i",
        "sine=d=1:r=48000",
        *H264,
        "-c:a",
        "aac",
    )


@pytest.fixture(scope="session")
def flash(draw: Draw) -> Path:
    """Film of 30 frames; frames and sound begin together after 0.4 s."""
    return draw("flash.mp4", "-f", "lavfi", "-i", FLASH, "-f", "lavfi", "-i", BEEP, *H264, "-c:a", "aac")


@pytest.fixture(scope="session")
def variable(draw: Draw) -> Path:
    """Film of one frame that stays a second, 30 at 60 per second, and one more after a pause."""
    chosen = "testsrc2=s=64x48:r=60:d=2,select='eq(n,0)+between(n,60,89)+eq(n,110)'"
    return draw("variable.mp4", "-f", "lavfi", "-i", chosen, "-fps_mode", "passthrough", *H264)


@pytest.fixture(scope="session")
def short(draw: Draw) -> Path:
    """Film of 6 frames of 48 x 32 at 30000/1001 frames per second, with camera motion and sound."""
    picture, sound = "testsrc2=s=128x80:r=30000/1001:d=0.2,crop=48:32:4*n:3*n", "sine=d=0.2:r=48000"
    return draw("short.mp4", "-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", sound, *H264, "-c:a", "aac")


@pytest.fixture(scope="session")
def laden(draw: Draw, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Draw a film with two tracks of sound, subtitles, a font, a cover and chapters."""
    folder = tmp_path_factory.mktemp("laden")
    notes, words, font = folder / "n.txt", folder / "s.srt", folder / "f.ttf"
    notes.write_text(
        ";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=100\nEND=500\ntitle=One\n"
        "[CHAPTER]\nTIMEBASE=1/1000\nSTART=500\nEND=1000\ntitle=a=b;c\n"
    )
    words.write_text("1\n00:00:00,000 --> 00:00:00,500\nHello\n\n2\n00:00:00,600 --> 00:00:00,900\nWorld\n")
    font.write_bytes(b"a font")
    cover = draw("cover.jpg", "-f", "lavfi", "-i", "testsrc2=s=64x48:d=0.04", "-frames:v", 1)
    return draw(
        "laden.mkv", "-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=1", "-f", "lavfi",
        "-i", "sine=d=1:r=48000", "-i", words, "-i", notes,
        "-map", 0, "-map", 1, "-map", 1, "-map", 2, "-map_chapters", 3, *H264,
        "-c:a:0", "aac", "-c:a:1", "flac", "-c:s", "subrip", "-metadata:s:v:0", "language=jpn",
        "-metadata:s:v:0", "timecode=01:00:00:00", "-metadata", "title=Laden",
        "-attach", font, "-metadata:s:t:0", "mimetype=font/ttf",
        "-attach", cover, "-metadata:s:t:1", "mimetype=image/jpeg",
    )  # fmt: skip


@pytest.fixture
def copy(tmp_path: Path) -> Draw:
    """Copy a film frame by frame, as a painter that changes nothing would."""

    def make(
        path, output="out.mp4", start=0, stop=None, longer_side=None, even=True, keeps_alpha=False, **options
    ):
        from vidstyle.media.encode.writer import write_film
        from vidstyle.media.frame_png import write_frame
        from vidstyle.media.video.probe import fit, probe_video
        from vidstyle.media.video.reader import VideoReader

        video = probe_video(path)
        video = replace(video, keeps_alpha=keeps_alpha)
        frame = fit(video.width, video.height, video.pixel_aspect, longer_side, even=even)
        stop = video.frames if stop is None else stop
        folder = tmp_path / "50%d frames"
        folder.mkdir(exist_ok=True)
        with VideoReader(video, frame, start, stop) as reader:
            for index, image in enumerate(reader, start):
                write_frame(folder / f"{index:06d}.png", image)
        write_film(folder, tmp_path / output, video, frame, start, stop, **options)
        return tmp_path / output

    return make


@pytest.fixture(scope="session")
def style(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Small image of coloured noise."""
    from PIL import Image

    path = tmp_path_factory.mktemp("styles") / "starry.png"
    pixels = np.random.default_rng(7).integers(0, 256, (24, 32, 3), np.uint8)
    Image.fromarray(pixels).resize((64, 48)).save(path)
    return path


@pytest.fixture(scope="session")
def painters() -> "PainterCache":
    """Cache with the real painter, quick and coarse: it takes seconds to load, so all tests share it."""
    from vidstyle.pipeline.paint.painter_cache import PainterCache

    painters = PainterCache()
    painters.painter(QUICK)
    return painters


@pytest.fixture(scope="session")
def film(tmp_path_factory):
    """Write levels [N, H, W, 3] as a film, without any loss."""
    folder = tmp_path_factory.mktemp("films")

    def write(name, levels, size=None):
        from vidstyle.media.encode.ffmpeg import run

        raw, path = folder / f"{name}.rgb", folder / f"{name}.mkv"
        raw.write_bytes(np.clip(np.rint(levels), 0, 255).astype(np.uint8).tobytes())
        _, height, width, _ = levels.shape
        read = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{width}x{height}", "-r", "25", "-i", raw]
        scaled = ["-s", size] if size else []
        run(["-y", *read, *scaled, "-c:v", "libx264rgb", "-preset", "ultrafast", "-qp", 0, path], what="draw")
        return path

    return write


@pytest.fixture(scope="session")
def still(film):
    return film("still", STILL)


@pytest.fixture(scope="session")
def pan(film):
    return film("pan", PAN)


@pytest.fixture
def promptly() -> Iterator[None]:
    """Fail rather than hang."""

    def give_up(_number: int, _frame: object) -> None:
        raise TimeoutError("it hangs")

    before = signal.signal(signal.SIGALRM, give_up)
    # Time for whole processes on a machine that is busy; and again and again, for leaving may hang as well.
    signal.setitimer(signal.ITIMER_REAL, 120, 5)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)
