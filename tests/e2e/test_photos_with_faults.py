"""All kinds of photos come out upright in the right colours, and a file that is no photo stops no other."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image, ImageCms
from support import icc_profiles as icc

QUARTERS = np.kron([[[250, 5, 5], [5, 250, 5]], [[5, 5, 250], [250, 250, 250]]], np.ones((24, 32, 1))).astype(
    np.uint8
)
STORED = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def quarters(image):
    height, width = image.shape[:2]
    return np.array(
        [image[y, x] for y in (height // 4, 3 * height // 4) for x in (width // 4, 3 * width // 4)], int
    )


@pytest.mark.parametrize("orientation", STORED)
@pytest.mark.parametrize("ending", ["jpg", "png", "webp", "tif"])
def test_turned_photo_comes_out_upright_with_its_orientation_reset(bench, ending, orientation):
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = orientation, "Maker"
    turn, picture = STORED[orientation], Image.fromarray(QUARTERS)
    (picture if turn is None else picture.transpose(turn)).save(bench / f"in.{ending}", exif=exif, quality=98)
    bench.painted(f"in.{ending}", "-o", f"out.{ending}")
    with Image.open(bench / f"out.{ending}") as made:
        assert made.size == (64, 48)
        assert made.getexif().get(0x0112, 1) == 1
        assert made.getexif().get(0x010F) == "Maker"
        assert np.abs(quarters(np.asarray(made.convert("RGB"))) - quarters(QUARTERS)).max() <= 12


@pytest.mark.parametrize("mode", ["L", "P", "CMYK", "I;16", "1"])
def test_photos_of_every_kind_are_painted(bench, mode):
    grey = np.repeat(np.uint8([40, 200]), 32)[None].repeat(48, axis=0)
    image = (
        Image.fromarray(grey.astype(np.uint16) * 257)
        if mode == "I;16"
        else Image.fromarray(grey).convert("RGB").convert(mode)
    )
    image.save(bench / "in.tif")
    bench.painted("in.tif", "-o", "out.png")
    with Image.open(bench / "out.png") as made:
        eight = (
            np.asarray(made, np.int32) // 257
            if made.mode.startswith("I")
            else np.asarray(made.convert("L"), int)
        )
    left, right = eight[24, 10], eight[24, 54]
    assert right - left > 100


@pytest.mark.parametrize("ending", ["jpg", "png", "webp", "tif"])
def test_photo_in_wide_colours_keeps_its_profile_and_its_numbers(bench, ending):
    wide = icc.profile(icc.P3)
    Image.fromarray(QUARTERS).save(bench / f"in.{ending}", icc_profile=wide, quality=98)
    bench.painted(f"in.{ending}", "-o", "out.png")
    with Image.open(bench / "out.png") as made:
        assert made.info["icc_profile"]
        xyz = [
            ImageCms.getOpenProfile(io.BytesIO(data)).profile.red_colorant
            for data in (made.info["icc_profile"], wide)
        ]
        np.testing.assert_allclose(*xyz, atol=1e-3)
        assert np.abs(quarters(np.asarray(made)) - quarters(QUARTERS)).max() <= 12


def bomb(width, height):
    """Make a PNG of a hundred bytes whose header gives an enormous size."""

    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b""))
        + chunk(b"IEND", b"")
    )


def test_image_of_100000_by_100000_pixels_is_refused_by_name(bench, film):
    (bench / "bomb.png").write_bytes(bomb(100_000, 100_000))
    assert "'bomb.png' is too large" in bench.refused("bomb.png")
    assert "'bomb.png' is too large" in bench.refused(film, "--style", "bomb.png")


def test_film_of_100000_by_100000_pixels_is_refused_by_name(bench):
    path = bench.draw("in.avi", "-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=0.2", "-c:v", "mjpeg")
    data = path.read_bytes()
    size, huge = struct.pack("<II", 64, 48), struct.pack("<II", 100_000, 100_000)
    path.write_bytes(
        data.replace(size, huge).replace(
            b"\xff\xc0\x00\x11\x08\x00\x30\x00\x40", b"\xff\xc0\x00\x11\x08\xff\xff\xff\xff"
        )
    )
    assert "'in.avi'" in bench.refused("in.avi", begun=True)


def test_those_that_are_no_photos_do_not_stop_the_others(bench):
    (bench / "album").mkdir()
    picture, whole = Image.fromarray(QUARTERS), io.BytesIO()
    picture.save(bench / "album/a.jpg")
    picture.save(bench / "album/f.png")
    Image.fromarray(np.random.default_rng(1).integers(0, 256, (60, 80, 3), np.uint8)).save(whole, "JPEG")
    (bench / "album/b.jpg").write_bytes(whole.getvalue()[:-700])
    (bench / "album/c.jpg").write_bytes(b"no photo")
    (bench / "album/d.png").write_bytes(bomb(100_000, 100_000))
    (bench / "album/e.jpg").touch()
    outcome = bench.paint("album", "-o", "painted")
    assert outcome.code == 3
    for name in ("b.jpg", "c.jpg", "d.png", "e.jpg"):
        assert f"'album/{name}'" in outcome.err
    assert outcome.err.splitlines()[-1].startswith("vidstyle: 4 of 6 failed: ")
    assert sorted(path.name for path in (bench / "painted").glob("*.*g")) == ["a.jpg", "f.png"]
