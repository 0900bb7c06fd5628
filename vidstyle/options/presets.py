"""Recipes of well-known papers and programs, each written as options.

Their weights are in `--base-weights`, so that a weight of 1 is the recipe's own. Where a source works with pixels of 0 to 255,
its weights are brought to pixels of 0 to 1: total variation and temporal loss by 255 squared (by 255^2.5 to the power 1.25),
learning rates by 1 / 255.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from vidstyle.errors import UsageError


@dataclass(frozen=True)
class Preset:
    """A recipe."""

    source: str
    """Where it is from, in one line."""
    options: Mapping[str, str]
    """Options by their names, in the words of the command line; what is not named is as by default."""
    needs: str = ""
    """What it takes beside vidstyle itself."""

    @property
    def words(self) -> str:
        """Those options as a command line has them."""
        return " ".join(f"--{name} {word}" for name, word in self.options.items())


_GATYS = "conv1_1,conv2_1,conv3_1,conv4_1,conv5_1"

PRESETS = {
    "default": Preset("vidstyle's own: sharp at once, still in films", {}),
    "gatys": Preset(
        "Gatys, Ecker and Bethge, CVPR 2016: white noise, mean pooling, alpha / beta = 1e-3",
        {
            "content-layers": "conv4_2",
            "style-layers": _GATYS,
            "pooling": "avg",
            # Equation 1: half the sum. Equation 4: the sum over 4 N^2 M^2, which is a fourth of the mean of means.
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
        "Ruder, Dosovitskiy and Brox, GCPR 2016, as artistic-videos has it: 2000 iterations, then 1000 a frame",
        {
            "content-layers": "conv4_2",
            "style-layers": _GATYS,
            "style-norm": "channels",
            "tv-norm": "sum",
            # 5, 100 a layer of five, 1e-3 of half the squares, 1e3.
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
        "Keras' example neural_style_transfer.py with VGG-16: white noise, SciPy's L-BFGS-B, 30 rounds of 20 evaluations",
        {
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
        "Programs after deeplearning.ai's course: mean pooling, alpha 10, beta 40, five equal layers, Adam of 2 / 255, 2000 steps",
        {
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
        "by its source imagenet-vgg-verydeep-19.mat by --weights; the bundled weights are the same network",
    ),
    "cosine": Preset(
        "Angles instead of differences, of features and of Gram matrices: what is bright or strong counts no more than its kind",
        {
            "content-layers": "conv4_2",
            "style-layers": _GATYS,
            "content-distance": "cosine",
            "style-distance": "cosine",
            "init": "source",
            "coarse-size": "0",
            "base-weights": "1,10,10,1e4",
        },
    ),
}


QUALITIES: Mapping[str, Mapping[str, str]] = {
    "draft": {"size": "256", "first-iterations": "40", "iterations": "8"},
    "good": {},
    "best": {"size": "1024", "first-iterations": "200", "iterations": "80", "stop-below": "0.0003"},
}
"""Efforts, as options: how large a picture is painted, and for how long. `good` is what the recipe says; at its `stop-below`,
`best` would end as soon, whatever iterations it is given."""


def preset_of(name: str) -> Preset:
    """Find a recipe by its name.

    Raises
    ------
    UsageError
        There is no such recipe.

    """
    if name not in PRESETS:
        raise UsageError(f"There is no preset {name!r}; give one of {', '.join(PRESETS)}.")
    return PRESETS[name]


def quality_of(name: str, recipe: str = "default") -> Mapping[str, str]:
    """Find what an effort sets, by its name, for a recipe.

    `best` leaves iterations, and when to end, as they are where a recipe says them: it is not to take away from them.

    Raises
    ------
    UsageError
        There is no such effort, or recipe.

    """
    if name not in QUALITIES:
        raise UsageError(f"There is no quality {name!r}; give one of {', '.join(QUALITIES)}.")
    said = preset_of(recipe).options if name == "best" else {}
    return {
        option: word for option, word in QUALITIES[name].items() if option == "size" or option not in said
    }
