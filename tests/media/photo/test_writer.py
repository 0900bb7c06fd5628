import contextlib
import io

import numpy as np
import pytest
from PIL import Image, ImageCms
from support import icc_profiles as icc
from support.photos import DEEP, EIGHT, PATCHES, copied, deep

from vidstyle.errors import DecodeError, InputError, OutputError, ProbeError, UsageError
from vidstyle.media.photo.formats import photo_endings
from vidstyle.media.photo.open import bit_depth, open_image, photo_size, register_heif
from vidstyle.media.photo.reader import read_photo
from vidstyle.media.photo.writer import write_photo

register_heif()
KINDS = {"JPG": "JPEG", "TIF": "TIFF", "HEIC": "HEIF"}


@pytest.fixture
def noise():
    return np.random.default_rng(0).random((24, 32, 3), np.float32)


@pytest.mark.parametrize("kind", ["jpg", "png", "webp", "tif"])
def test_truncated_photo_is_refused(tmp_path, noise, kind):
    path = tmp_path / f"whole.{kind}"
    write_photo(path, noise)
    cut = tmp_path / f"cut.{kind}"
    cut.write_bytes(path.read_bytes()[:-600])
    with pytest.raises((DecodeError, ProbeError), match="cut"):
        read_photo(cut)


@pytest.mark.parametrize("ending", photo_endings())
def test_photo_is_written_in_the_format_of_its_ending(tmp_path, ending):
    path = tmp_path / f"photo{ending.upper()}"
    write_photo(path, PATCHES)
    inside = (slice(4, None, 8), slice(6, None, 12))  # WebP has half the colour resolution.
    assert np.abs(read_photo(path) - PATCHES)[inside].max() < 0.05
    with Image.open(path) as image:
        assert image.format == KINDS.get(ending[1:].upper(), ending[1:].upper())
        assert ending in {".bmp", ".gif"} or "sRGB" in ImageCms.getProfileDescription(
            ImageCms.ImageCmsProfile(io.BytesIO(image.info["icc_profile"]))
        )
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


def test_jpeg_has_full_chroma_resolution(tmp_path):
    write_photo(tmp_path / "photo.jpg", PATCHES)
    with Image.open(tmp_path / "photo.jpg") as image:
        assert [layer[1:3] for layer in image.layer] == [(1, 1)] * 3


def test_unknown_ending_is_refused_with_known_ones(tmp_path):
    with pytest.raises(UsageError, match=r"\.jpg, .*\.png"):
        write_photo(tmp_path / "photo.xyz", PATCHES)


def test_failed_write_leaves_nothing(tmp_path):
    (tmp_path / "taken.png").mkdir()
    for path in (tmp_path / "missing" / "photo.png", tmp_path / "taken.png"):
        with pytest.raises(OutputError, match="cannot be written"):
            write_photo(path, PATCHES)
    assert [p.name for p in tmp_path.iterdir()] == ["taken.png"]


@pytest.mark.parametrize("share", [0.3, 0.6])
@pytest.mark.parametrize("ending", [".png", ".jpg", ".webp", ".tif"])
def test_truncated_image_is_named_by_every_reader(tmp_path, noise, ending, share):
    path = tmp_path / f"photo{ending}"
    write_photo(path, noise)
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    with contextlib.suppress(InputError):  # Its size may stand before what is missing.
        photo_size(path)
    with pytest.raises(InputError, match="photo"):
        read_photo(path)


@pytest.mark.parametrize("ending", [".png", ".tif", ".tiff"])
@pytest.mark.parametrize("channels", [3, 4])
def test_sixteen_bits_stay_sixteen(tmp_path, ending, channels):
    source = deep(tmp_path / "deep.png", DEEP[..., :channels])
    with open_image(copied(source, tmp_path / f"copy{ending}")) as image:
        assert bit_depth(image) == 16
    import cv2

    found = cv2.imdecode(np.frombuffer((tmp_path / f"copy{ending}").read_bytes(), np.uint8), -1)
    assert np.array_equal(found[..., [2, 1, 0, 3][:channels]], DEEP[..., :channels])


@pytest.mark.parametrize("ending", [".png", ".tif", ".webp"])
def test_lossless_photos_keep_every_level(tmp_path, ending):
    pixels = np.random.default_rng(3).integers(0, 256, (16, 24, 4), np.uint8)
    options = {"lossless": True, "exact": True} if ending == ".webp" else {}
    Image.fromarray(pixels).save(tmp_path / f"in{ending}", **options)
    with Image.open(copied(tmp_path / f"in{ending}", tmp_path / f"out{ending}")) as image:
        assert np.array_equal(np.asarray(image.convert("RGBA")), pixels)


@pytest.mark.parametrize("ending", [".avif", ".heic", ".gif"])
def test_transparency_is_kept_where_the_format_supports_it(tmp_path, ending):
    pixels = np.full((16, 24, 4), 255, np.uint8)
    pixels[:, :12, 3] = 0
    Image.fromarray(pixels).save(tmp_path / "in.png")
    with Image.open(copied(tmp_path / "in.png", tmp_path / f"out{ending}")) as image:
        alpha = np.asarray(image.convert("RGBA"))[..., 3]
    assert alpha[:, :11].max() < 9
    assert alpha[:, 13:].min() > 246


def test_transparency_shows_white_where_the_format_has_none(tmp_path):
    Image.fromarray(np.zeros((16, 24, 4), np.uint8)).save(tmp_path / "in.png")
    with Image.open(copied(tmp_path / "in.png", tmp_path / "out.jpg")) as image:
        assert np.asarray(image).min() > 250


@pytest.mark.parametrize("mode", ["L", "CMYK"])
def test_grey_and_cmyk_jpegs_become_rgb(tmp_path, mode):
    EIGHT.convert(mode).save(tmp_path / "in.jpg", quality=95)
    with Image.open(copied(tmp_path / "in.jpg", tmp_path / "out.jpg")) as image:
        assert image.mode == "RGB"


def test_wide_profile_is_kept_where_the_format_stores_one(tmp_path):
    wide = icc.profile(icc.P3)
    EIGHT.save(tmp_path / "in.png", icc_profile=wide)
    for ending in (".jpg", ".png", ".webp", ".tif", ".avif", ".heic"):
        with Image.open(copied(tmp_path / "in.png", tmp_path / f"out{ending}")) as image:
            assert image.info["icc_profile"] == wide, ending
    with Image.open(copied(tmp_path / "in.png", tmp_path / "out.bmp")) as image:
        expected = read_photo(tmp_path / "in.png")
        assert np.abs(np.asarray(image) / 255 - expected).max() < 0.003


def test_few_colours_stay_exact_in_a_gif(tmp_path):
    EIGHT.save(tmp_path / "in.png")
    with Image.open(copied(tmp_path / "in.png", tmp_path / "out.gif")) as image:
        assert np.array_equal(np.asarray(image.convert("RGB")), np.asarray(EIGHT))


@pytest.mark.parametrize("ending", [".jpg", ".png", ".tif", ".webp", ".avif", ".heic"])
def test_metadata_are_kept_upright_or_stripped(tmp_path, ending):
    exif = Image.Exif()
    exif[0x0112], exif[0x0110], exif[0x0132] = 6, "Camera", "2024:05:01 10:00:00"
    exif.get_ifd(0x8769)[0x9003] = "2024:05:01 10:00:00"
    exif.get_ifd(0x8825)[1] = "N"
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><a tiff:Orientation="6" dc:title="Sea"/></x:xmpmeta>'
    EIGHT.save(tmp_path / "in.jpg", exif=exif, xmp=xmp, dpi=(300, 300))
    with Image.open(copied(tmp_path / "in.jpg", tmp_path / f"kept{ending}")) as image:
        image.load()
        found = image.getexif()
        assert found.get(0x0112, 1) == 1
        assert found[0x0110] == "Camera"
        assert found.get_ifd(0x8769)[0x9003] == "2024:05:01 10:00:00"
        assert found.get_ifd(0x8825)[1] == "N"
        assert b'tiff:Orientation="1" dc:title="Sea"' in image.info["xmp"]
        assert image.size == (16, 24)
    with Image.open(copied(tmp_path / "in.jpg", tmp_path / f"bare{ending}", strip=True)) as image:
        image.load()
        assert not {0x0110, 0x0132, 0x8769, 0x8825} & set(image.getexif())
        assert not image.info.get("xmp")
    assert photo_size(tmp_path / f"bare{ending}") == (16, 24)
    if ending in {".jpg", ".png", ".tif"}:
        with Image.open(tmp_path / f"bare{ending}") as image:
            assert [round(float(dots)) for dots in image.info["dpi"]] == [300, 300]


def test_same_image_gives_same_bytes(tmp_path):
    for ending in photo_endings():
        for name in ("one", "other"):
            write_photo(tmp_path / f"{name}{ending}", PATCHES)
        assert (tmp_path / f"one{ending}").read_bytes() == (tmp_path / f"other{ending}").read_bytes()
