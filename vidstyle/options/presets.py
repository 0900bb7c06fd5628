"""Presets: the settings of well-known papers and programs, written as options.

Their weights are in `--base-weights`, so that a weight of 1 is the preset's own. Where a source works with
pixels from 0 to 255, its weights are converted to pixels from 0 to 1: total variation and temporal loss by
255 squared (to the power of 1.25 by 255^2.5), learning rates by 1 / 255.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from vidstyle.errors import UsageError


@dataclass(frozen=True)
class Preset:
    """Settings of a paper or program."""

    source: str
    """Origin, in one line."""
    options: Mapping[str, str]
    """Values of options by name, as on the command line; all others keep their defaults."""
    needs: str = ""
    """Requirements that are not part of vidstyle."""

    @property
    def command_line(self) -> str:
        """The options as on the command line."""
        return " ".join(f"--{name} {value}" for name, value in self.options.items())


_GATYS = "conv1_1,conv2_1,conv3_1,conv4_1,conv5_1"

_AS_PUBLISHED = {"padding": "zero", "paint-every": "1", "iterations": "60"}
"""What the default preset has otherwise."""

PRESETS = {
    "default": Preset("vidstyle's own: sharp after few iterations, stable in films", {}),
    "gatys": Preset(
        "Gatys, Ecker and Bethge, CVPR 2016: white noise, average pooling, alpha / beta = 1e-3",
        {
            **_AS_PUBLISHED,
            "content-layers": "conv4_2",
            "style-layers": _GATYS,
            "pooling": "avg",
            # Equation 1: half the sum. Equation 4: the sum over 4 N^2 M^2, a fourth of the mean of means.
            "content-norm": "sum",
            "style-norm": "mean",
            "coarse-size": "0",
            "base-weights": "0.5,250,0,2e8",
            "init": "noise",
            "first-iterations": "500",
            "stop-below": "0",
        },
    ),
    "ruder": Preset(
        "Ruder, Dosovitskiy and Brox, GCPR 2016, as in artistic-videos: 2000 iterations, then 1000 per frame",
        {
            **_AS_PUBLISHED,
            "content-layers": "conv4_2",
            "style-layers": _GATYS,
            "style-norm": "channels",
            "tv-norm": "sum",
            # 5, 100 per layer of five, 1e-3 of half the squares, 1e3.
            "coarse-size": "0",
            "base-weights": "5,500,32.5125,6.5025e7",
            "init": "noise",
            "first-iterations": "2000",
            "iterations": "1000",
            "stop-below": "0",
        },
    ),
    "tf-tutorial": Preset(
        "TensorFlow's tutorial 'Neural style transfer', with its total variation: Adam, 1000 steps",
        {
            **_AS_PUBLISHED,
            "content-layers": "block5_conv2",
            "style-layers": _GATYS,
            "style-norm": "mean",
            "init": "source",
            "coarse-size": "0",
            "base-weights": "1e4,1e-2,1e8,2e8",
            "optimizer": "adam",
            "learning-rate": "0.02",
            "adam-beta1": "0.99",
            "adam-epsilon": "0.1",
            "first-iterations": "1000",
            "stop-below": "0",
        },
    ),
    "keras-vgg16": Preset(
        "Keras' example neural_style_transfer.py with VGG-16: white noise, SciPy's L-BFGS-B, "
        "30 rounds of 20 evaluations",
        {
            **_AS_PUBLISHED,
            "network": "vgg16",
            "content-layers": "block4_conv2",
            "style-layers": _GATYS,
            "content-norm": "sum",
            # Sums over 4 * 3^2 * size^2.
            "style-norm": "sum",
            "tv": "power",
            "tv-norm": "sum",
            "coarse-size": "0",
            "base-weights": "0.025,0.02777777778,1038370.7902,2e8",
            "optimizer": "scipy",
            "scipy-round": "20",
            "init": "noise",
            "first-iterations": "600",
            "stop-below": "0",
        },
        "weights of VGG-16 by --weights",
    ),
    "verydeep-adam": Preset(
        "Programs based on deeplearning.ai's course: average pooling, alpha 10, beta 40, five equal layers, "
        "Adam with steps of 2 / 255, 2000 iterations",
        {
            **_AS_PUBLISHED,
            "content-layers": "conv4_2",
            "style-layers": ",".join(f"{name}:0.2" for name in _GATYS.split(",")),
            "pooling": "avg",
            # 10 times a fourth of the mean; 40 times the sum over 4 C^2 (HW)^2, a fourth of the mean.
            "style-norm": "mean",
            "init": "source",
            "coarse-size": "0",
            "base-weights": "2.5,10,0,2e8",
            "optimizer": "adam",
            "learning-rate": "0.00784313725490196",
            "size": "400",
            "first-iterations": "2000",
            "stop-below": "0",
        },
        "imagenet-vgg-verydeep-19.mat by --weights to be exact; the bundled weights are the same network",
    ),
    "cosine": Preset(
        "Cosine distances of features and of Gram matrices, which ignore their magnitude",
        {
            **_AS_PUBLISHED,
            "content-layers": "conv4_2",
            "style-layers": _GATYS,
            "content-distance": "cosine",
            "style-distance": "cosine",
            "init": "source",
            "coarse-size": "0",
            "first-iterations": "120",
            "base-weights": "1,10,10,1e4",
        },
    ),
}


QUALITIES: Mapping[str, Mapping[str, str]] = {
    "draft": {"size": "256", "first-iterations": "40", "iterations": "8"},
    "good": {},
    "best": {"size": "1024", "first-iterations": "200", "iterations": "80", "stop-below": "0.0003"},
}
"""Quality levels as options: size and iterations. `good` is the preset itself. `best` lowers `stop-below`
too, since at the default it would end as early as `good`."""


def find_preset(name: str) -> Preset:
    """Find a preset by its name.

    Raises
    ------
    UsageError
        There is no such preset.

    """
    if name not in PRESETS:
        raise UsageError(f"unknown preset {name!r}: give one of {', '.join(PRESETS)}.")
    return PRESETS[name]


def find_quality(name: str, preset: str = "default") -> Mapping[str, str]:
    """Find the options of a quality level, for a preset.

    `best` keeps the iterations and the stopping criterion of a preset that sets them.

    Raises
    ------
    UsageError
        There is no such quality level, or preset.

    """
    if name not in QUALITIES:
        raise UsageError(f"unknown quality {name!r}: give one of {', '.join(QUALITIES)}.")
    kept = find_preset(preset).options if name == "best" else {}
    return {
        option: value for option, value in QUALITIES[name].items() if option == "size" or option not in kept
    }
