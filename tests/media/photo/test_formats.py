"""Contract of all photo formats: one row is enough for a format, as that for PPM shows, added only here."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from support import icc_profiles as icc
from support.clips import COPIED
from support.photos import DEEP, EIGHT, PATCHES, copied, deep

from vidstyle.errors import UsageError
from vidstyle.media.photo.encoders import JpegQuality, encode_plain
from vidstyle.media.photo.formats import (
    PHOTO_FORMATS,
    PhotoFormat,
    StorageHints,
    photo_ending_of,
    photo_endings,
    photo_format_of,
    read_hints,
)
from vidstyle.media.photo.open import bit_depth, open_image, photo_size, register_heif
from vidstyle.media.photo.reader import read_alpha, read_photo
from vidstyle.media.photo.writer import write_photo
from vidstyle.media.video.probe import Kind
from vidstyle.pipeline.plan.naming import OutputNaming
from vidstyle.pipeline.run import stylize

register_heif()
PPM = PhotoFormat(
    (".ppm",),
    lambda pixels, _profile, _metadata, hints: (
        encode_plain(pixels, ".ppm") + (b"#" if hints.lossless else b"")
    ),
    profile=False,
    alpha=False,
    sources=frozenset({"PPM"}),
    read_hints=lambda _source, _path: StorageHints(lossless=True),
)
ROWS = {**PHOTO_FORMATS, ".ppm": PPM}


@pytest.fixture(params=ROWS)
def ending(request, monkeypatch):
    monkeypatch.setitem(PHOTO_FORMATS, ".ppm", PPM)
    return request.param


def test_written_photo_has_its_size_and_colours(tmp_path, ending):
    write_photo(tmp_path / f"a{ending}", PATCHES)
    assert photo_size(tmp_path / f"a{ending}") == (24, 16)
    inside = (slice(4, None, 8), slice(6, None, 12))  # Some store chroma at half the resolution.
    assert np.abs(read_photo(tmp_path / f"a{ending}") - PATCHES)[inside].max() < 0.05


def test_profile_is_stored_where_the_row_says_so(tmp_path, ending):
    wide = icc.profile(icc.P3)
    EIGHT.save(tmp_path / "in.png", icc_profile=wide)
    with Image.open(copied(tmp_path / "in.png", tmp_path / f"out{ending}")) as image:
        assert image.info.get("icc_profile") == (wide if ROWS[ending].profile else None)


def test_alpha_is_stored_where_the_row_says_so(tmp_path, ending):
    pixels = np.full((16, 24, 4), 255, np.uint8)
    pixels[:, :12, 3] = 0
    Image.fromarray(pixels).save(tmp_path / "in.png")
    alpha = read_alpha(copied(tmp_path / "in.png", tmp_path / f"out{ending}"))
    assert (alpha is not None) == ROWS[ending].alpha
    if alpha is not None:
        assert alpha[:, :11].max() < 0.04
        assert alpha[:, 13:].min() > 0.96


def test_depth_is_stored_where_the_row_says_so(tmp_path, ending):
    source = deep(tmp_path / "in.png", DEEP[..., :3])
    with open_image(copied(source, tmp_path / f"out{ending}")) as image:
        assert bit_depth(image) == (16 if ROWS[ending].deep else 8)


def test_endings_are_read_in_any_case():
    assert photo_format_of(Path("a.b.JPEG")) is PHOTO_FORMATS[".jpg"]


def test_unknown_ending_is_refused_with_known_ones():
    with pytest.raises(UsageError, match=r"'a\.xyz' does not name a photo format; write to \.jpg, .*\.png"):
        photo_format_of(Path("a.xyz"))


@pytest.mark.parametrize(("source", "ending"), [("a.JPG", ".JPG"), ("a.ppm", ".png"), ("a", ".png")])
def test_result_has_the_sources_ending_where_it_can_be_written(source, ending):
    assert photo_ending_of(Path(source)) == ending


def test_hints_are_those_of_the_sources_own_format(tmp_path):
    EIGHT.save(tmp_path / "a.jpg", quality=60, subsampling=2)
    EIGHT.save(tmp_path / "lossless.webp", lossless=True)
    EIGHT.save(tmp_path / "lossy.webp")
    deep(tmp_path / "deep.tif", DEEP[..., :3])
    hints = {}
    for name in ("a.jpg", "lossless.webp", "lossy.webp", "deep.tif"):
        with open_image(tmp_path / name) as image:
            hints[name] = read_hints(image, tmp_path / name)
    assert hints["a.jpg"].jpeg.subsampling == 2
    assert hints["a.jpg"].jpeg != JpegQuality()
    assert [hints[f"{name}.webp"].lossless for name in ("lossless", "lossy")] == [True, False]
    assert hints["deep.tif"] == StorageHints(deep=True)


def test_imageio_writes_the_bytes_that_pillow_writes():
    pixels = np.asarray(EIGHT)
    for ending, name in ((".jpg", "JPEG"), (".webp", "WEBP"), (".avif", "AVIF"), (".bmp", "BMP")):
        buffer = io.BytesIO()
        Image.fromarray(pixels).save(buffer, name, quality=90)
        assert encode_plain(pixels, ending, quality=90) == buffer.getvalue(), ending


def test_added_row_needs_no_other_change(style, tmp_path, monkeypatch):
    monkeypatch.setitem(PHOTO_FORMATS, ".ppm", PPM)
    EIGHT.save(tmp_path / "in.ppm")
    assert ".ppm" in photo_endings()
    assert OutputNaming().ending(tmp_path / "in.ppm", Kind.PHOTO) == ".ppm"
    stylize(tmp_path / "in.ppm", style, tmp_path / "out.ppm", options=COPIED)
    assert np.array_equal(read_photo(tmp_path / "out.ppm"), read_photo(tmp_path / "in.ppm"))
    assert (tmp_path / "out.ppm").read_bytes().endswith(b"#")
