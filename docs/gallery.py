"""Generator of docs/controls.md and its thumbnails: `make gallery`, about five minutes on two quiet cores.

Existing thumbnails are kept; names of controls as arguments paint those again, and no others.
"""

import os
import shlex
import sys
import tempfile
from pathlib import Path

import imageio.v3 as iio
import numpy as np
from PIL import Image, ImageDraw

from vidstyle.cli.app import main as vidstyle

DOCS = Path(__file__).resolve().parent
SAMPLES = DOCS.parent / "samples"
PHOTO, STARRY = SAMPLES / "coffee.jpg", SAMPLES / "starry.jpg"
PLAIN = "--style starry.jpg"
# Name, arguments of the command line, caption.
CONTROLS = [
    ("plain", PLAIN, "the style alone"),
    ("two-styles", "--style starry.jpg --style dots.png", "two styles in equal parts"),
    ("weights", "--style starry.jpg --style dots.png:8", "the second with eight times the weight"),
    ("fine", f"{PLAIN} --style-scale 0.4", "finer strokes"),
    ("coarse", f"{PLAIN} --style-scale 2.5", "larger strokes"),
    ("crop", f"{PLAIN} --style-crop 380,20,330,200", "only the moon and the sky around it as style"),
    ("style-size", f"{PLAIN} --style-size 96", "the style at 96 pixels, independent of the result's size"),
    ("strength", f"{PLAIN} --strength 0.5", "half the painting, half the photo"),
    ("mask", f"{PLAIN} --mask cup.png", "only the cup is painted"),
    ("regions", "--style starry.jpg@cup.png --style dots.png", "one style for the cup, another for the rest"),
    ("protect", f"{PLAIN} --protect cup.png", "the cup is protected"),
    ("colors-source", f"{PLAIN} --colors source", "the photo's colours over painted lightness"),
    ("colors-match", f"{PLAIN} --colors match", "the style recoloured as the photo"),
    ("colors-luminance", f"{PLAIN} --colors luminance", "only lightness is painted"),
    ("init-noise", f"{PLAIN} --init noise --first-iterations 200", "from noise: freer, and converges later"),
    ("init-source", f"{PLAIN} --init source", "from the photo itself: the style takes more iterations"),
    ("init-style", f"{PLAIN} --init style", "from the style image"),
    ("content-weight", f"{PLAIN} --content-weight 100", "closer to the photo"),
    ("style-weight", f"{PLAIN} --style-weight 0.02", "less of the style"),
    ("tv-weight", f"{PLAIN} --tv-weight 200", "smoother"),
    (
        "content-layers",
        f"{PLAIN} --content-layers conv1_2 --content-weight 30",
        "an early content layer: keeps the photo's colours rather than its forms",
    ),
    (
        "style-layers",
        f"{PLAIN} --style-layers conv1_1,conv2_1",
        "early style layers: only colours and small strokes",
    ),
    ("pooling", f"{PLAIN} --pooling avg", "average pooling"),
    ("covariance", f"{PLAIN} --gram covariance", "covariances instead of Gram matrices"),
    ("cosine", f"{PLAIN} --preset cosine", "cosine distances instead of squared differences"),
    ("laplacian", f"{PLAIN} --laplacian-weight 3000", "a Laplacian loss keeps the photo's lines"),
    ("adam", f"{PLAIN} --optimizer adam", "Adam: converges more slowly"),
]
HEAD = """# Controls

The effect of each control on a photo, painted by `make gallery` with 40 iterations at 192 pixels, unless
another number is given. [The reference](reference.md) lists the values of each; all of them apply to films
too, and `vidstyle try` writes such a table for your own photo. The photo is
[coffee.jpg](../samples/coffee.jpg), the style [The Starry Night](../samples/starry.jpg), and the second style
coloured dots.

| | |
|---|---|
"""
TIMES = """
For films there are also controls over time: `--style-at 0=a.jpg --style-at 5=b.jpg` blends from one style to
another, `--strength-at 2=0.5` changes the strength, and a mask may move: a film, or a folder of images.
"""


def draw_dots(path: Path) -> None:
    """Draw coloured dots on paper, as strong as the other style: stronger ones would dominate a mixture."""
    size, step = 400, 20
    image = Image.new("RGB", (size, size), (222, 190, 140))
    draw = ImageDraw.Draw(image)
    colors = [(190, 90, 60), (205, 140, 60), (120, 90, 70)]
    random = np.random.default_rng(3)
    for row in range(size // step):
        for column in range(size // step):
            x, y, r = column * step + step / 2, row * step + step / 2, random.uniform(4, 9)
            draw.ellipse((x - r, y - r, x + r, y + r), colors[random.integers(3)])
    iio.imwrite(path, np.asarray(image))


def draw_cup(path: Path) -> None:
    """Draw a mask of the cup in the photo."""
    height, width, _ = iio.improps(PHOTO).shape
    image = Image.new("L", (width, height), 0)
    ImageDraw.Draw(image).ellipse(
        [side * f for side, f in zip((width, height) * 2, (0.27, 0.04, 0.68, 0.62), strict=True)], 255
    )
    iio.imwrite(path, np.asarray(image))


def write_page() -> None:
    """Write docs/controls.md, of the thumbnails that exist."""
    painted = [control for control in CONTROLS if (DOCS / "controls" / f"{control[0]}.jpg").exists()]
    rows = [f"| ![{text}](controls/{name}.jpg) | {text}<br>`{words}` |" for name, words, text in painted]
    (DOCS / "controls.md").write_text(HEAD + "\n".join(rows) + "\n" + TIMES, "utf-8")


def main() -> None:
    """Paint missing thumbnails, or the named ones, and write the page."""
    wanted = set(sys.argv[1:])
    thumbnails = DOCS / "controls"
    thumbnails.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        room = Path(folder)
        draw_dots(room / "dots.png")
        draw_cup(room / "cup.png")
        (room / "starry.jpg").symlink_to(STARRY)
        (room / "coffee.jpg").symlink_to(PHOTO)
        os.chdir(room)
        for name, words, _ in CONTROLS:
            target = thumbnails / f"{name}.jpg"
            if name not in wanted if wanted else target.exists():
                continue
            steps = "" if "--first-iterations" in words else "--first-iterations 40"
            command = (
                f"coffee.jpg {words} {steps} --size 192 --stop-below 0 --strip-metadata --quiet -o {name}.jpg"
            )
            if vidstyle(shlex.split(command)) != 0:
                sys.exit(1)
            target.write_bytes((room / f"{name}.jpg").read_bytes())
            print(target)
    write_page()


if __name__ == "__main__":
    main()
