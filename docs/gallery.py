"""Draws the thumbnails of docs/controls.md, and writes it: `make gallery`, about five minutes on two quiet cores.

What is drawn already stays; names of controls draw those alone, anew.
"""

import os
import shlex
import sys
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from vidstyle.cli.app import main as vidstyle

DOCS = Path(__file__).resolve().parent
SAMPLES = DOCS.parent / "samples"
PHOTO, STARRY = SAMPLES / "coffee.jpg", SAMPLES / "starry.jpg"
PLAIN = "--style starry.jpg"
# Name, words of the command line, what is to be seen.
CONTROLS = [
    ("plain", PLAIN, "nothing but a style"),
    ("two-styles", "--style starry.jpg --style dots.png", "two styles in equal parts"),
    ("weights", "--style starry.jpg --style dots.png:8", "the second eight times as much"),
    ("fine", f"{PLAIN} --style-scale 0.4", "finer strokes"),
    ("coarse", f"{PLAIN} --style-scale 2.5", "larger strokes"),
    ("crop", f"{PLAIN} --style-crop 380,20,330,200", "only the moon and the sky around it as the style"),
    ("style-size", f"{PLAIN} --style-size 96", "the style at 96 pixels, whatever the result's size"),
    ("strength", f"{PLAIN} --strength 0.5", "half the painting, half the photo"),
    ("mask", f"{PLAIN} --mask cup.png", "the cup alone is painted"),
    ("regions", "--style starry.jpg@cup.png --style dots.png", "a style for the cup, another for the rest"),
    ("protect", f"{PLAIN} --protect cup.png", "the cup is held as it is"),
    ("colors-source", f"{PLAIN} --colors source", "the photo's own colours over painted lightness"),
    ("colors-match", f"{PLAIN} --colors match", "the style in the photo's colours"),
    ("colors-luminance", f"{PLAIN} --colors luminance", "painted in lightness alone"),
    ("init-noise", f"{PLAIN} --init noise --first-iterations 200", "from noise: freer, and later done"),
    ("init-source", f"{PLAIN} --init source", "from the photo as it is: the style takes longer to come"),
    ("init-style", f"{PLAIN} --init style", "from the style picture"),
    ("content-weight", f"{PLAIN} --content-weight 100", "closer to the photo"),
    ("style-weight", f"{PLAIN} --style-weight 0.02", "less of the style"),
    ("tv-weight", f"{PLAIN} --tv-weight 200", "smoother"),
    (
        "content-layers",
        f"{PLAIN} --content-layers conv1_2 --content-weight 30",
        "an early layer: the photo's colours held, less its forms",
    ),
    (
        "style-layers",
        f"{PLAIN} --style-layers conv1_1,conv2_1",
        "only colours and small strokes of the style",
    ),
    ("pooling", f"{PLAIN} --pooling avg", "mean pooling"),
    ("covariance", f"{PLAIN} --gram covariance", "covariances instead of Gram matrices"),
    ("cosine", f"{PLAIN} --preset cosine", "angles instead of differences"),
    ("laplacian", f"{PLAIN} --laplacian-weight 3000", "the photo's lines held"),
    ("adam", f"{PLAIN} --optimizer adam", "Adam: not as far after as many steps"),
]
HEAD = """# Controls

What each control does to a photo, with a style and 40 iterations at 192 pixels unless told, drawn by `make gallery`. README.md's reference
says what each takes; all of them work on films too, and `vidstyle try` lays such pictures out for a photo of your own. The photo
is [coffee.jpg](../samples/coffee.jpg), the style [The Starry Night](../samples/starry.jpg), and the second one coloured dots.

| | |
|---|---|
"""
TIMES = """
Over time there are, beside these, `--style-at 0=a.jpg --style-at 5=b.jpg`, which goes from one style to another, and
`--strength-at 2=0.5`; and masks that move: a film, or a folder of pictures.
"""


def draw_dots(path: Path) -> None:
    """Coloured dots on paper, of about as much contrast as the other style: stronger ones would drown it in a mixture."""
    size, step = 400, 20
    image = Image.new("RGB", (size, size), (222, 190, 140))
    draw = ImageDraw.Draw(image)
    colors = [(190, 90, 60), (205, 140, 60), (120, 90, 70)]
    dice = np.random.default_rng(3)
    for row in range(size // step):
        for column in range(size // step):
            x, y, r = column * step + step / 2, row * step + step / 2, dice.uniform(4, 9)
            draw.ellipse((x - r, y - r, x + r, y + r), colors[dice.integers(3)])
    image.save(path)


def draw_cup(path: Path) -> None:
    """Where the cup is in the photo."""
    width, height = Image.open(PHOTO).size
    image = Image.new("L", (width, height), 0)
    ImageDraw.Draw(image).ellipse(
        [side * f for side, f in zip((width, height) * 2, (0.27, 0.04, 0.68, 0.62), strict=True)], 255
    )
    image.save(path)


def main() -> None:
    """Paint what is not there yet, or all that is named, and write the page."""
    wanted = set(sys.argv[1:])
    pictures = DOCS / "controls"
    pictures.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        room = Path(folder)
        draw_dots(room / "dots.png")
        draw_cup(room / "cup.png")
        (room / "starry.jpg").symlink_to(STARRY)
        (room / "coffee.jpg").symlink_to(PHOTO)
        os.chdir(room)
        for name, words, _ in CONTROLS:
            target = pictures / f"{name}.jpg"
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
    drawn = [control for control in CONTROLS if (pictures / f"{control[0]}.jpg").exists()]
    rows = [f"| ![{text}](controls/{name}.jpg) | {text}<br>`{words}` |" for name, words, text in drawn]
    (DOCS / "controls.md").write_text(HEAD + "\n".join(rows) + "\n" + TIMES, "utf-8")


if __name__ == "__main__":
    main()
