"""Album of all kinds of photos, two films and five bad files: counts, colours and metadata, against Pillow's.

    python bench_album.py [--photos FOLDER ...] [--films FILE FILE] [--size N] [--iterations N]
        [--keep FOLDER]

Real photos are taken from the folders; others are drawn: EXIF orientations, CMYK, grey, palette, 16 bits,
transparency, wide colours. With `--iterations` they are painted instead of copied, and only the counts are
compared.

One row per kind of photo:
- before, after: greatest difference from Pillow's transposition and conversion of colours, averaged to the
  same size, in levels of 255: of the frame that is encoded, and of a lossless result as Pillow reads it;
- same profile, same EXIF, upright: photos of which that is true, of those that have a profile, EXIF, or an
  orientation.
"""

import argparse
import collections
import contextlib
import io
import json
import shutil
import struct
import subprocess
import sys
import tempfile
import time
import zlib
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError
from pillow_heif import register_heif_opener

HERE = Path(__file__).parent
sys.path.append(str(HERE.parent / "tests"))
from support import icc_profiles as icc  # noqa: E402 - beside the tests.

SAMPLES = HERE.parent / "samples"
SRGB = ImageCms.createProfile("sRGB")
BACK = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}
# Tags that may differ from the source's: size, orientation, the thumbnail and the storage of a TIFF.
OWN_TAGS = {*range(254, 260), 262, 266, 273, 274, 277, 278, 279, 282, 283, 284, 296, 317, 338, 339, 513, 514,
            700, 33723, *range(529, 533), 34377, 34675, 40962, 40963}  # fmt: skip
register_heif_opener(thumbnails=False)


def scene() -> Image.Image:
    """Draw an image of 400 x 300 in all colours, smooth as a photo, that differs in every orientation."""
    y, x = np.mgrid[0:300, 0:400].astype(np.float32)
    planes = [x / 399, y / 299, 0.5 + 0.5 * np.sin(x / 23) * np.cos(y / 31)]
    return Image.fromarray(np.rint(np.stack(planes, axis=-1) * 255).astype(np.uint8))


def deep_scene(channels: int) -> np.ndarray:
    y, x = np.mgrid[0:300, 0:400].astype(np.float64)
    planes = [x / 399, y / 299, (x + y) / 698, 0.2 + 0.8 * x / 399]
    return np.rint(np.stack(planes[:channels], axis=-1) * 65535).astype(np.uint16)


def draw(folder: Path) -> None:
    """Draw photos of every kind."""
    picture = scene()
    for ending, options in {
        "jpg": {"quality": 97, "subsampling": 0}, "png": {}, "webp": {"lossless": True}, "tif": {},
        "avif": {"quality": 98, "subsampling": "4:4:4"}, "heic": {"quality": 98, "chroma": 444},
    }.items():  # fmt: skip
        for number, turn in BACK.items():
            exif = Image.Exif()
            exif[0x0112], exif[0x010F], exif[0x0132] = number, "Maker", "2024:05:01 10:00:00"
            exif.get_ifd(0x8769)[0x9003] = "2024:05:01 10:00:00"
            stored = picture if turn is None else picture.transpose(turn)
            stored.save(folder / f"turned-{ending}-{number}.{ending}", exif=exif.tobytes(), **options)
    wide = {"p3": icc.profile(icc.P3), "adobe": icc.profile(icc.ADOBE, (2.19921875,))}
    for name, profile in wide.items():
        for ending in ("jpg", "png", "tif", "webp", "avif", "heic"):
            options = {"webp": {"lossless": True}}.get(ending, {"quality": 97})
            picture.save(folder / f"wide-{name}.{ending}", icc_profile=profile, **options)
    picture.convert("L").save(folder / "grey.jpg", quality=97)
    picture.convert("L").save(folder / "grey-gamma.png", icc_profile=icc.profile(tone=(1.8,), space=b"GRAY"))
    picture.convert("LA").save(folder / "grey-alpha.png")
    picture.convert("1").save(folder / "bits.tif")
    picture.convert("CMYK").save(folder / "cmyk.jpg", quality=97)
    picture.convert("CMYK").save(folder / "cmyk-profile.jpg", quality=97, icc_profile=icc.cmyk())
    picture.convert("CMYK").save(folder / "cmyk.tif")
    lab = ImageCms.profileToProfile(picture, SRGB, ImageCms.createProfile("LAB"), outputMode="LAB")
    lab.save(folder / "lab.tif")
    picture.convert("YCbCr").save(folder / "ycbcr.tif")
    picture.quantize(64).save(folder / "palette.png")
    picture.quantize(64).save(folder / "palette-transparent.png", transparency=3)
    picture.quantize(200).save(folder / "palette.gif")
    picture.save(folder / "plain.bmp")
    alpha = picture.copy()
    alpha.putalpha(Image.linear_gradient("L").resize(picture.size))
    for ending in ("png", "tif", "webp"):
        alpha.save(
            folder / f"alpha.{ending}", **({"lossless": True, "exact": True} if ending == "webp" else {})
        )
    for channels, name in {1: "grey", 3: "colour", 4: "alpha"}.items():
        pixels = deep_scene(channels)
        for ending in ("png", "tif"):
            cv2.imwrite(
                str(folder / f"deep-{name}.{ending}"),
                pixels[..., [2, 1, 0, 3][:channels] if channels > 1 else [0]],
            )


def bomb(width: int, height: int) -> bytes:
    """Make a PNG of a hundred bytes whose header gives an enormous size."""
    parts = {
        b"IHDR": struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0),
        b"IDAT": zlib.compress(b""),
        b"IEND": b"",
    }
    chunks = [
        struct.pack(">I", len(b)) + n + b + struct.pack(">I", zlib.crc32(n + b)) for n, b in parts.items()
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def spoil(folder: Path, film: Path) -> list[str]:
    """Write five files that are not what their names say."""
    whole = io.BytesIO()
    Image.fromarray(np.random.default_rng(1).integers(0, 256, (300, 400, 3), np.uint8)).save(whole, "JPEG")
    bad = {
        "bad-empty.jpg": b"",
        "bad-text.jpg": b"no photo",
        "bad-truncated.jpg": whole.getvalue()[: len(whole.getvalue()) // 2],
        "bad-bomb.png": bomb(100_000, 100_000),
        "bad-film.mp4": film.read_bytes()[: film.stat().st_size // 3],
    }
    for name, data in bad.items():
        (folder / name).write_bytes(data)
    return list(bad)


def litter(folder: Path, film: Path) -> dict[str, int]:
    """Write files that are to be skipped; return their number by reason."""
    for name in (".hidden.jpg", "IMG_1.xmp", "IMG_1.AAE", "Thumbs.db", "notes.txt", "movie.srt"):
        (folder / name).write_bytes(b"x")
    scene().save(folder / "IMG_1.HEIC")
    shutil.copyfile(film, folder / "IMG_1.MOV")
    shutil.copyfile(SAMPLES / "starry.jpg", folder / "the-style.jpg")  # Given as the style from there.
    (folder / "sub").mkdir()
    return {"hidden": 1, "sidecar": 3, "other file": 2, "Live Photo film": 1, "sub-folder": 1, "style": 1}


def averaged(levels: np.ndarray, width: int, height: int) -> np.ndarray:
    """Reduce to a smaller size by the mean of each pixel's area, [H, W, ...]."""

    def overlaps(old: int, new: int) -> np.ndarray:
        edges = np.arange(new + 1) * old / new
        cells = np.arange(old)
        shared = np.minimum(edges[1:, None], cells + 1) - np.maximum(edges[:-1, None], cells)
        return np.maximum(shared, 0) * new / old

    rows, columns = overlaps(levels.shape[0], height), overlaps(levels.shape[1], width)
    return np.einsum("yh,hwc,xw->yxc", rows, levels, columns, optimize=True)


@dataclass
class PartialSums:
    """Image as Pillow reads it: levels of 255, colour [H, W, 3] and alpha [H, W, 1].

    `color` is in sRGB, `raw` in the file's own values.
    """

    color: np.ndarray
    raw: np.ndarray
    alpha: np.ndarray
    profile: bytes
    exif: dict
    orientation: int


def by_pillow(path: Path) -> PartialSums:
    with Image.open(path) as opened:
        exif = {
            tag: value
            for tag, value in opened.getexif().items()
            if tag not in OWN_TAGS and not _is_place(tag)
        }
        exif |= {tag: value for tag, value in opened.getexif().get_ifd(0x8769).items() if tag not in OWN_TAGS}
        turned = opened.getexif().get(0x0112, 1)
        opened.load()
        profile = opened.info.get("icc_profile") or b""
        image = ImageOps.exif_transpose(opened)
    alpha = np.full((*image.size[::-1], 1), 255.0)
    if image.has_transparency_data:
        image = image.convert("RGBA")
        alpha = np.asarray(image.getchannel("A"), float)[..., None]
        image = image.convert("RGB")
    if image.mode.startswith("I"):
        levels = np.asarray(image, float) / 257
        raw = color = np.repeat(levels[..., None], 3, axis=2)
        return PartialSums(color, raw, alpha, profile, exif, turned)
    if image.mode not in {"L", "RGB", "CMYK", "LAB"}:
        image = image.convert("RGB")
    source = io.BytesIO(profile) if profile else None
    if image.mode == "LAB":
        converted = ImageCms.profileToProfile(image, ImageCms.createProfile("LAB"), SRGB, outputMode="RGB")
    else:
        converted = image.convert("RGB")
        with contextlib.suppress(ImageCms.PyCMSError, TypeError):
            converted = ImageCms.profileToProfile(
                image, ImageCms.ImageCmsProfile(source), SRGB, outputMode="RGB"
            )
    raw = np.asarray(image.convert("RGB") if image.mode != "LAB" else converted, float)
    return PartialSums(np.asarray(converted, float), raw, alpha, profile, exif, turned)


def _is_place(tag: int) -> bool:
    return tag in {0x8769, 0x8825, 0xA005}


def apart(found: np.ndarray, alpha: np.ndarray, wanted: PartialSums, levels: np.ndarray) -> float:
    """Find the greatest difference of opaque pixels, in levels of 255."""
    height, width = found.shape[:2]
    opaque = averaged(wanted.alpha, width, height)
    expected = averaged(levels * wanted.alpha / 255, width, height)
    return float(max(np.abs(found * opaque / 255 - expected).max(), np.abs(alpha - opaque).max()))


def lossless(path: Path) -> bool:
    with Image.open(path) as image:
        return image.format in {"PNG", "TIFF", "BMP"} or (
            image.format == "WEBP" and b"VP8L" in path.read_bytes()
        )


def kind_of(name: str, real: set[str]) -> str:
    if name not in real:
        return name.rsplit("-", 1)[0] if name.startswith("turned") else name
    return "real photos"


def frames_of(painted: Path) -> dict[str, Path]:
    """Find the frame that was stored before it was encoded, by the input's name."""
    found = {}
    for about in (painted / ".vidstyle").glob("*/about.json"):
        found[Path(json.loads(about.read_text())["input"]).name] = about.parent / "frames" / "000000.png"
    return found


def compare(album: Path, painted: Path, names: list[str], real: set[str]) -> list[list[str]]:
    rows: dict[str, dict] = {}
    frames = frames_of(painted)
    for name in names:
        source, result = by_pillow(album / name), by_pillow(painted / name)
        row = rows.setdefault(kind_of(name, real), collections.Counter(before=0.0, after=-1.0))
        wide = source.profile != b"" and result.profile == source.profile
        wanted = source.raw if wide else source.color
        frame = cv2.imread(str(frames[name]), cv2.IMREAD_UNCHANGED)[..., ::-1] / 257.0
        height, width = frame.shape[:2]
        keeps = not (source.alpha < 255).any() or (result.alpha < 255).any()
        if not keeps:
            wanted = wanted * source.alpha / 255 + 255 - source.alpha
            source.alpha[:] = 255
        opaque = averaged(source.alpha, width, height)
        row["photos"] += 1
        before = apart(frame, opaque, source, wanted)
        if before > row["before"]:
            row["before"], row["worst"] = before, name
        if lossless(painted / name):
            shown = result.raw if wide else result.color
            row["after"] = max(row["after"], apart(shown, result.alpha, source, wanted))
        row["profiles"] += source.profile != b""
        row["same"] += source.profile != b"" and wide
        row["exif"] += bool(source.exif)
        row["kept"] += bool(source.exif) and all(
            result.exif.get(tag) == value for tag, value in source.exif.items()
        )
        row["turned"] += source.orientation != 1
        row["upright"] += source.orientation != 1 and result.orientation == 1
    return [
        [kind, row["photos"], f"{row['before']:.2f}", f"{row['after']:.2f}" if row["after"] >= 0 else "lossy",
         f"{row['same']} of {row['profiles']}", f"{row['kept']} of {row['exif']}",
         f"{row['upright']} of {row['turned']}", row["worst"] or ""]
        for kind, row in rows.items()
    ]  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--photos", type=Path, nargs="*", default=[SAMPLES])
    parser.add_argument("--films", type=Path, nargs=2, default=[SAMPLES / "bunny.mp4"] * 2)
    parser.add_argument("--size", default="192")
    parser.add_argument("--iterations", type=int)
    parser.add_argument("--keep", type=Path)
    arguments = parser.parse_args()
    with contextlib.ExitStack() as stack:
        work = arguments.keep or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        album, painted = work / "album", work / "painted"
        album.mkdir(parents=True)
        real = set()
        for folder in arguments.photos:
            for path in sorted(folder.iterdir()):
                with contextlib.suppress(UnidentifiedImageError, OSError), Image.open(path) as image:
                    if getattr(image, "n_frames", 1) == 1 and path.name != "starry.jpg":
                        shutil.copyfile(path, album / path.name)
                        real.add(path.name)
        draw(album)
        for number, film in enumerate(arguments.films, 1):
            shutil.copyfile(film, album / f"film-{number}{film.suffix}")
        passed = litter(album, arguments.films[0])
        bad = spoil(album, arguments.films[0])
        to_do = [p.name for p in album.iterdir() if p.is_file() and not p.name.startswith(".")]
        photos = sorted(
            name for name in to_do
            if name not in bad and not name.startswith("film-") and name not in
            {"IMG_1.xmp", "IMG_1.AAE", "Thumbs.db", "notes.txt", "movie.srt", "IMG_1.MOV", "the-style.jpg"}
        )  # fmt: skip
        how = ["--painter", "none", "--keep-frames"]
        if arguments.iterations:
            how = [
                "--first-iterations",
                arguments.iterations,
                "--iterations",
                max(1, arguments.iterations // 2),
            ]
        command = [sys.executable, "-m", "vidstyle", album, "--style", album / "the-style.jpg", "-o", painted,
                   "--size", arguments.size, "--stats", work / "stats.json", *how]  # fmt: skip
        began = time.perf_counter()
        run = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)
        seconds = time.perf_counter() - began
        stats = json.loads((work / "stats.json").read_text())
        counts = collections.Counter(job["status"] for job in stats["jobs"])
        print(f"exit code {run.returncode} (3 expected), {seconds:.1f} s, {run.stderr.splitlines()[-1]}")
        print(f"{dict(counts)}; expected: {len(photos) + 2} done, {len(bad)} failed")
        print(f"passed over: {stats['albums'][0]['passed_over']}; expected: {passed}")
        for job in stats["jobs"]:
            if job["status"] == "failed":
                print(f"- {job['error']}")
        if not arguments.iterations:
            print(
                "\n| kind | photos | before | after | same profile | same EXIF | upright | worst |\n|"
                + "---|" * 8
            )
            for row in compare(album, painted, photos, real):
                print("| " + " | ".join(map(str, row)) + " |")


if __name__ == "__main__":
    main()
