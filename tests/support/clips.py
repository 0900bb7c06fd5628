"""Drawn clips' constants, quick options, and readers of what a result holds."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from vidstyle.options.groups import MachineOptions, Options, PainterKind, PaintOptions, Precision

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "samples"
STARRY = SAMPLES / "starry.jpg"

# Four patches, so that every turn and every mirroring looks different: red, green / blue, white.
CORNERS = (
    "color=red:s=32x24:r=25:d=0.2[a];color=lime:s=32x24:r=25:d=0.2[b];color=blue:s=32x24:r=25:d=0.2[c];"
    "color=white:s=32x24:r=25:d=0.2[d];[a][b]hstack[t];[c][d]hstack[u];[t][u]vstack"
)
# Dark and silent at first; from 0.4 s on white and loud.
FLASH = "color=black:s=64x48:r=25:d=1.2,drawbox=c=white:t=fill:enable='gte(t,0.4)'"
BEEP = "aevalsrc='if(gte(t,0.4),0.5*sin(2*PI*1000*t),0)':s=48000:d=1.2"
COPIED = Options(painter=PainterKind.NONE)
QUICK = Options(
    paint=PaintOptions(first_iterations=3, iterations=2),
    machine=MachineOptions(device="cpu", precision=Precision.FLOAT32),
)
H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-crf", "12", "-pix_fmt", "yuv420p", "-bf", "2")


@dataclass(frozen=True)
class Sound:
    """Decoded sound of a track, [channels, samples], and when its first sample is heard, in seconds."""

    samples: NDArray[np.float32]
    begin: Fraction
    rate: int

    @property
    def onset(self) -> float:
        """Second at which it becomes loud."""
        return float(self.begin) + float(np.argmax(np.abs(self.samples[0]) > 0.05)) / self.rate


def sound_of(path: Path, track: int = 0) -> Sound:
    with av.open(str(path)) as container:
        stream = container.streams.audio[track]
        frames = [frame for frame in container.decode(stream) if frame.samples]
        resampler = av.AudioResampler(format="fltp")
        planes = [part.to_ndarray() for frame in frames for part in resampler.resample(frame)]
        return Sound(
            np.concatenate(planes, axis=1), frames[0].pts * frames[0].time_base, frames[0].sample_rate
        )


def packets_of(path: Path, track: int = 0) -> list[bytes]:
    with av.open(str(path)) as container:
        return [bytes(packet) for packet in container.demux(container.streams.audio[track]) if packet.size]


def brightening(path: Path) -> float:
    """Second at which the picture becomes bright."""
    with av.open(str(path)) as container:
        return next(
            float(frame.pts * frame.time_base)
            for frame in container.decode(video=0)
            if frame.to_ndarray(format="gray").mean() > 128
        )


def decoded_by_ffmpeg(path: Path, tmp_path: Path) -> NDArray[np.uint8]:
    """First picture as ffmpeg itself converts it, [H, W, 3]."""
    from PIL import Image

    from vidstyle.media.encode.ffmpeg import run

    run(["-y", "-i", path, "-frames:v", 1, "-pix_fmt", "rgb24", tmp_path / "decoded.png"], what="decode")
    return np.asarray(Image.open(tmp_path / "decoded.png"))
