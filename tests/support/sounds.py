"""Films whose sound has an unusual order of channels, drawn by ffmpeg, and the level of each channel."""

from pathlib import Path

import av
import numpy as np

from support.clips import H264

PICTURE = "testsrc2=s=64x48:r=25:d=0.4"
STEP = 0.03
"""Level of the first channel; each further one is louder by it."""
UNNAMED = {number: "+".join(["UNK"] * number) for number in range(1, 25)}
"""Layouts of channels without a name, by their number."""


def tones(layout: str, channels: int, output: str = "[sound]", hertz: int = 50) -> str:
    """Filter that gives each channel its own level; low, for AAC stores no other in a channel of effects."""
    levels = "|".join(f"{STEP * number:.2f}*sin(2*PI*{hertz}*t)" for number in range(1, channels + 1))
    order = "|".join(map(str, range(channels)))
    source = f"aevalsrc=exprs='{levels}':d=0.4:s=48000"
    return f"{source},channelmap=map={order}:channel_layout={layout}{output}"


def with_sound(layout: str, channels: int, codec: str = "pcm_s16le") -> tuple[object, ...]:
    """Arguments of ffmpeg that draw a film with sound in a channel layout."""
    mapped = ("-filter_complex", tones(layout, channels), "-map", "0:v", "-map", "[sound]")
    return ("-f", "lavfi", "-i", PICTURE, *mapped, *H264, "-c:a", codec)


def levels(path: Path, track: int = 0) -> list[int]:
    """Level of each channel, as a multiple of `STEP`, in the order of FFmpeg's native layouts."""
    from vidstyle.media.encode.ffmpeg import run

    # A decoder of PyAV would crash on orders without a name.
    raw = path.with_suffix(f".{track}.wav")
    run(["-y", "-i", path, "-map", f"0:a:{track}", "-c:a", "pcm_f32le", raw], what="decode the sound")
    with av.open(str(raw)) as container:
        found = np.concatenate([frame.to_ndarray() for frame in container.decode(audio=0)], axis=1)
        samples = found.reshape(-1, container.streams.audio[0].channels)[2400:-2400]
    return [round(level) for level in np.sqrt(2 * (samples**2).mean(0)) / STEP]
