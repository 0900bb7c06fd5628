import numpy as np
import pytest
from PIL import Image, ImageCms
from support import icc_profiles as icc
from support.photos import DEEP, deep

from vidstyle.media.frame_png import write_frame
from vidstyle.media.photo.icc import SRGB, converted, converted_by_tables
from vidstyle.media.photo.open import photo_size, register_heif
from vidstyle.media.photo.reader import Rendering, choose_rendering, read_alpha, read_photo
from vidstyle.media.photo.writer import write_photo
from vidstyle.media.video.probe import FrameSize

register_heif()

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


@pytest.mark.parametrize("orientation", STORED)
@pytest.mark.parametrize("kind", ["png", "jpg", "webp", "tif", "avif", "heic"])
def test_photo_is_read_upright(tmp_path, orientation, kind):
    turn = STORED[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = tmp_path / f"photo.{kind}"
    options = {"jpg": {"quality": 95, "subsampling": 0}, "webp": {"lossless": True}}.get(kind, {})
    (EIGHT if turn is None else EIGHT.transpose(turn)).save(path, exif=exif.tobytes(), **options)
    assert photo_size(path) == (24, 16)
    inside = (slice(4, None, 8), slice(6, None, 12))  # Colours are stored coarsely by some.
    assert np.abs(read_photo(path) - PATCHES)[inside].max() < 0.05


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


def test_transparent_pixels_show_white(tmp_path):
    pixels = np.zeros((4, 3, 4), np.uint8)
    pixels[:, 1, 3], pixels[:, 2, 3] = 128, 255
    Image.fromarray(pixels).save(tmp_path / "alpha.png")
    assert np.allclose(read_photo(tmp_path / "alpha.png")[0, :, 0], [1, 127 / 255, 0], atol=1e-6)
    palette = Image.new("P", (2, 1))
    palette.putpalette([255, 0, 0, 0, 0, 255])
    palette.putdata([0, 1])
    palette.save(tmp_path / "palette.png", transparency=0)
    assert read_photo(tmp_path / "palette.png")[0].tolist() == [[1, 1, 1], [0, 0, 1]]


def test_profiles_are_converted_to_srgb(tmp_path):
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    # A damaged or foreign profile leaves the numbers as they are.
    for odd in (profile, b"no profile"):
        EIGHT.save(tmp_path / "odd.png", icc_profile=odd)
        assert np.allclose(read_photo(tmp_path / "odd.png"), PATCHES)
    EIGHT.save(
        tmp_path / "srgb.png", icc_profile=ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    )
    assert np.abs(read_photo(tmp_path / "srgb.png") - PATCHES).max() < 0.01


def test_photo_is_resized_to_the_frame(tmp_path):
    EIGHT.save(tmp_path / "photo.png")
    small = read_photo(tmp_path / "photo.png", FrameSize(6, 4, 1))
    assert small.shape == (4, 6, 3)
    assert np.allclose(small, PATCHES[::4, ::4])


def test_small_image_is_enlarged_in_its_colours(tmp_path):
    EIGHT.save(tmp_path / "photo.png")
    large = read_photo(tmp_path / "photo.png", FrameSize(48, 32, 1))
    assert np.abs(large - np.kron(PATCHES, np.ones((2, 2, 1))))[4:12, 4:20].max() < 0.01
    assert np.abs(large - np.kron(PATCHES, np.ones((2, 2, 1))))[20:, 28:].max() < 0.01


@pytest.mark.parametrize("orientation", STORED)
@pytest.mark.parametrize("kind", ["png", "tif"])
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_sixteen_bits_are_read_upright_and_exactly(tmp_path, orientation, kind, channels):
    image = DEEP[..., :channels].astype(np.float32) / 65535
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = deep(tmp_path / f"deep.{kind}", DEEP[..., :channels], orientation)
    upright = image if channels > 1 else np.repeat(image, 3, axis=2)
    assert photo_size(path) == (24, 16)
    assert np.array_equal(read_photo(path, None, Rendering(alpha=True)), upright[..., :3])
    if channels == 4:
        assert np.array_equal(read_alpha(path), image[..., 3])


def test_wide_gamut_is_painted_in_where_the_result_stores_it(tmp_path):
    EIGHT.save(tmp_path / "wide.png", icc_profile=icc.profile(icc.P3))
    rendering = choose_rendering(tmp_path / "wide.png", profile=True, alpha=True)
    assert rendering == Rendering(icc.profile(icc.P3))
    assert np.array_equal(read_photo(tmp_path / "wide.png", None, rendering), PATCHES)
    assert choose_rendering(tmp_path / "wide.png", profile=False, alpha=True) == Rendering(SRGB)


def test_style_is_converted_to_the_photos_profile(tmp_path):
    write_photo(tmp_path / "style.png", PATCHES * 0.5 + 0.25)
    wide = icc.profile(icc.P3)
    expected = (
        np.asarray(converted_by_tables(Image.open(tmp_path / "style.png"), SRGB, wide), np.float32) / 255
    )
    assert np.abs(read_photo(tmp_path / "style.png", None, Rendering(wide)) - expected).max() < 1.5 / 255


def test_grey_stays_the_same_in_a_wider_gamut(tmp_path):
    EIGHT.convert("L").save(tmp_path / "style.png")
    found = read_photo(tmp_path / "style.png", None, Rendering(icc.profile(icc.P3)))
    assert np.abs(found * 255 - np.asarray(EIGHT.convert("L"), np.float32)[..., None]).max() < 0.1


def test_colours_are_converted_before_they_are_averaged(tmp_path):
    profile = icc.profile(space=b"GRAY", tone=(1.0,))
    columns = np.tile(np.uint8([[0, 255]]), (8, 8))
    Image.fromarray(columns).save(tmp_path / "photo.png", icc_profile=profile)
    assert np.allclose(read_photo(tmp_path / "photo.png", FrameSize(8, 4, 1)), 0.5, atol=1e-3)


@pytest.mark.parametrize("mode", ["L", "CMYK", "LAB", "RGB"])
def test_colours_match_pillows(tmp_path, mode):
    gradient = Image.fromarray(np.random.default_rng(2).integers(0, 256, (16, 24, 3), np.uint8))
    lab = ImageCms.createProfile("LAB")
    if mode == "LAB":
        image = ImageCms.profileToProfile(gradient, ImageCms.createProfile("sRGB"), lab, outputMode="LAB")
        image.save(tmp_path / "photo.tif")
        expected = ImageCms.profileToProfile(image, lab, ImageCms.createProfile("sRGB"), outputMode="RGB")
    else:
        profile = {
            "L": icc.profile(space=b"GRAY", tone=(1.8,)),
            "RGB": icc.profile(icc.ADOBE, (2.2,)),
            "CMYK": icc.cmyk(),
        }[mode]
        image = gradient.convert(mode)
        image.save(tmp_path / "photo.tif", icc_profile=profile)
        expected = converted_by_tables(image, profile, SRGB)
    found = read_photo(tmp_path / "photo.tif") * 255
    assert np.abs(found - np.asarray(expected, np.float32)).max() <= 2


def test_transparent_pixels_do_not_bleed_when_resized(tmp_path):
    pixels = np.zeros((4, 4, 4), np.uint8)
    pixels[:, 1::2] = (200, 100, 50, 255)  # Between black that is not to be seen.
    Image.fromarray(pixels).save(tmp_path / "photo.png")
    rendering = choose_rendering(tmp_path / "photo.png", profile=True, alpha=True)
    small = read_photo(tmp_path / "photo.png", FrameSize(2, 2, 1), rendering) * 255
    assert rendering.alpha
    assert np.allclose(small, (200, 100, 50), atol=1e-3)
    assert np.allclose(read_alpha(tmp_path / "photo.png", FrameSize(2, 2, 1)), 0.5)


def test_single_level_of_16_bits_may_be_transparent(tmp_path):
    levels = DEEP[..., 0]
    Image.fromarray(levels).save(tmp_path / "photo.png", transparency=int(levels[3, 5]))
    assert choose_rendering(tmp_path / "photo.png", profile=True, alpha=True).alpha
    assert np.array_equal(read_alpha(tmp_path / "photo.png"), levels != levels[3, 5])


def test_background_is_converted_to_the_paintings_profile(tmp_path):
    Image.new("RGBA", (8, 8)).save(tmp_path / "photo.png", icc_profile=icc.profile(icc.P3))
    rendering = choose_rendering(tmp_path / "photo.png", profile=True, alpha=False, background=(255, 128, 0))
    expected = converted(np.float32([1, 128 / 255, 0]), SRGB, icc.profile(icc.P3))
    assert np.abs(expected - (1, 0.5, 0)).max() > 0.05
    assert np.allclose(read_photo(tmp_path / "photo.png", None, rendering), expected, atol=1e-6)


def test_opaque_photo_has_no_alpha(tmp_path):
    EIGHT.save(tmp_path / "photo.png")
    assert read_alpha(tmp_path / "photo.png") is None
    assert not choose_rendering(tmp_path / "photo.png", profile=True, alpha=True).alpha
