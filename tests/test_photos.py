import contextlib
import zlib

import numpy as np
import pytest
from PIL import Image, ImageCms

from vidstyle.errors import DecodeError, InputError, OutputError, ProbeError, UsageError
from vidstyle.media.photos import (
    photo_endings,
    photo_size,
    quantize,
    read_frame,
    read_photo,
    write_frame,
    write_photo,
)
from vidstyle.media.probe import Frame

# Red, green / blue, white.
PATCHES = np.kron([[[1, 0, 0], [0, 1, 0]], [[0, 0, 1], [1, 1, 1]]], np.ones((8, 12, 1))).astype(np.float32)
EIGHT = Image.fromarray((PATCHES * 255).astype(np.uint8))
# How a camera stores an upright picture for each EXIF orientation.
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


@pytest.fixture
def noise():
    return np.random.default_rng(0).random((24, 32, 3), np.float32)


@pytest.mark.parametrize("orientation", STORED)
@pytest.mark.parametrize("kind", ["png", "jpg", "webp", "tif"])
def test_a_photo_comes_upright(tmp_path, orientation, kind):
    turn = STORED[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = tmp_path / f"photo.{kind}"
    options = {"jpg": {"quality": 95, "subsampling": 0}, "webp": {"lossless": True}}.get(kind, {})
    (EIGHT if turn is None else EIGHT.transpose(turn)).save(path, exif=exif, **options)
    assert photo_size(path) == (24, 16)
    assert np.abs(read_photo(path) - PATCHES).max() < 0.03


@pytest.mark.parametrize(
    "mode", ["1", "L", "LA", "P", "PA", "RGBA", "RGBX", "CMYK", "YCbCr", "I;16", "I", "F"]
)
def test_every_mode_becomes_rgb(tmp_path, mode):
    grey = np.tile(np.linspace(0, 1, 32, dtype=np.float32) > 0.5, (16, 1)).astype(np.float32)
    eight = Image.fromarray((grey * 255).astype(np.uint8))
    if mode in {"I;16", "I"}:
        image = Image.fromarray((grey * 65535).astype(np.uint16 if mode == "I;16" else np.int32))
    elif mode == "F":
        image = Image.fromarray(grey)
    elif mode == "PA":
        image = eight.convert("LA").convert("PA")
    else:
        image = eight.convert("RGB").convert(mode) if mode not in {"1", "L", "LA"} else eight.convert(mode)
    path = tmp_path / "photo.tif"
    image.save(path)
    read = read_photo(path)
    assert read.dtype == np.float32
    assert read.shape == (16, 32, 3)
    assert np.abs(read - grey[..., None]).max() < 0.02


def test_sixteen_bits_are_not_cut_to_eight(tmp_path):
    levels = np.arange(256, dtype=np.uint16).reshape(16, 16) * 16 + 20000
    Image.fromarray(levels).save(tmp_path / "grey.png")
    assert np.allclose(read_photo(tmp_path / "grey.png")[..., 0], levels / 65535, atol=1e-6)


def test_sixteen_bit_colour_is_read(tmp_path):
    write_frame(tmp_path / "colour.png", PATCHES * 0.5)
    assert np.abs(read_photo(tmp_path / "colour.png") - PATCHES * 0.5).max() < 0.003


def test_what_is_transparent_shows_white(tmp_path):
    pixels = np.zeros((4, 3, 4), np.uint8)
    pixels[:, 1, 3], pixels[:, 2, 3] = 128, 255
    Image.fromarray(pixels).save(tmp_path / "alpha.png")
    assert np.allclose(read_photo(tmp_path / "alpha.png")[0, :, 0], [1, 127 / 255, 0], atol=1e-6)
    palette = Image.new("P", (2, 1))
    palette.putpalette([255, 0, 0, 0, 0, 255])
    palette.putdata([0, 1])
    palette.save(tmp_path / "palette.png", transparency=0)
    assert read_photo(tmp_path / "palette.png")[0].tolist() == [[1, 1, 1], [0, 0, 1]]


def test_a_profile_is_converted_to_srgb(tmp_path):
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    # A damaged or foreign profile leaves the numbers as they are.
    for odd in (profile, b"no profile"):
        EIGHT.save(tmp_path / "odd.png", icc_profile=odd)
        assert np.allclose(read_photo(tmp_path / "odd.png"), PATCHES)
    EIGHT.save(
        tmp_path / "srgb.png", icc_profile=ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    )
    assert np.abs(read_photo(tmp_path / "srgb.png") - PATCHES).max() < 0.01


def test_a_photo_is_brought_to_the_frames_size(tmp_path):
    EIGHT.save(tmp_path / "photo.png")
    small = read_photo(tmp_path / "photo.png", Frame(6, 4, 1))
    assert small.shape == (4, 6, 3)
    assert np.allclose(small, PATCHES[::4, ::4])


def test_bombs_and_what_is_no_picture_are_refused_by_name(tmp_path, monkeypatch):
    (tmp_path / "text.jpg").write_text("no picture")
    (tmp_path / "empty.jpg").touch()
    for name in ("text.jpg", "empty.jpg", "missing.jpg", "."):
        for read in (read_photo, photo_size):
            with pytest.raises(ProbeError):
                read(tmp_path / name)
    EIGHT.save(tmp_path / "bomb.png")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 24 * 16 // 2 - 1)
    with pytest.raises(ProbeError, match="too large"):
        photo_size(tmp_path / "bomb.png")


@pytest.mark.parametrize("kind", ["jpg", "png", "webp", "tif"])
def test_a_truncated_photo_is_refused(tmp_path, noise, kind):
    path = tmp_path / f"whole.{kind}"
    write_photo(path, noise)
    cut = tmp_path / f"cut.{kind}"
    cut.write_bytes(path.read_bytes()[:-600])
    with pytest.raises((DecodeError, ProbeError), match="cut"):
        read_photo(cut)


@pytest.mark.parametrize("ending", photo_endings())
def test_a_photo_is_written_as_its_ending_says(tmp_path, ending):
    path = tmp_path / f"photo{ending.upper()}"
    write_photo(path, PATCHES)
    inside = (slice(4, None, 8), slice(6, None, 12))  # WebP has half the colour resolution.
    assert np.abs(read_photo(path) - PATCHES)[inside].max() < 0.05
    with Image.open(path) as image:
        assert image.format == {"jpg": "JPEG", "tif": "TIFF"}.get(ending[1:], ending[1:].upper())
        assert ending == ".bmp" or "sRGB" in ImageCms.getProfileDescription(
            ImageCms.ImageCmsProfile(__import__("io").BytesIO(image.info["icc_profile"]))
        )
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


def test_a_jpeg_keeps_full_colour_resolution(tmp_path):
    write_photo(tmp_path / "photo.jpg", PATCHES)
    with Image.open(tmp_path / "photo.jpg") as image:
        assert [layer[1:3] for layer in image.layer] == [(1, 1)] * 3


def test_an_unknown_ending_is_refused_and_named(tmp_path):
    with pytest.raises(UsageError, match=r"\.jpg, .*\.png"):
        write_photo(tmp_path / "photo.xyz", PATCHES)


def test_a_photo_that_cannot_be_written_leaves_nothing(tmp_path):
    (tmp_path / "taken.png").mkdir()
    for path in (tmp_path / "missing" / "photo.png", tmp_path / "taken.png"):
        with pytest.raises(OutputError, match="cannot be written"):
            write_photo(path, PATCHES)
    assert [p.name for p in tmp_path.iterdir()] == ["taken.png"]


def test_a_frame_comes_back_as_it_was_quantised(tmp_path, noise):
    image = noise * 1.2 - 0.1
    path = tmp_path / "000001.png"
    checksum = write_frame(path, image)
    assert checksum == zlib.crc32(path.read_bytes())
    assert np.array_equal(read_frame(path), quantize(image))
    assert np.array_equal(quantize(quantize(image)), quantize(image))
    assert np.abs(quantize(image) - np.clip(image, 0, 1)).max() < 0.6 / 65535
    assert read_frame(path).flags.c_contiguous
    assert [p.name for p in tmp_path.iterdir()] == ["000001.png"]


def test_a_damaged_frame_is_noticed(tmp_path, noise):
    path = tmp_path / "000001.png"
    write_frame(path, noise)
    data = path.read_bytes()
    flipped = bytearray(data)
    flipped[len(data) // 2] ^= 1
    for damage in (b"", b"noise", data[: len(data) // 2], bytes(flipped)):
        path.write_bytes(damage)
        with pytest.raises(DecodeError):
            read_frame(path)
    path.unlink()
    with pytest.raises(DecodeError):
        read_frame(path)


@pytest.mark.parametrize("share", [0.3, 0.6])
@pytest.mark.parametrize("ending", [".png", ".jpg", ".webp", ".tif"])
def test_a_picture_cut_short_is_named_whoever_looks_at_it(tmp_path, noise, ending, share):
    path = tmp_path / f"photo{ending}"
    write_photo(path, noise)
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    with contextlib.suppress(InputError):  # Its size may stand before what is missing.
        photo_size(path)
    with pytest.raises(InputError, match="photo"):
        read_photo(path)
