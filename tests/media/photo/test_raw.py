import sys
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest
from PIL import Image
from support import raw_files as raw

from vidstyle.errors import DecodeError, ProbeError
from vidstyle.media import isolation
from vidstyle.media.photo.notes import photo_notes
from vidstyle.media.photo.open import bit_depth, open_image, photo_size
from vidstyle.media.photo.raw import DevelopedPhoto, development_of
from vidstyle.media.photo.reader import read_photo
from vidstyle.media.photo.writer import rendering_for, write_photo

PREVIEW = raw.nef(raw.jpeg(96, 64, "red"))


class Sensor:
    """Photo of a stand-in for rawpy: blue, and turned by a quarter."""

    sizes = SimpleNamespace(iwidth=96, iheight=64, flip=6)
    fault = None
    light = np.broadcast_to(np.uint16([0, 0, 65535]), (96, 64, 3))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        pass

    def postprocess(self, **options):
        # Linear light: its brightness is that of the preview.
        assert (options["output_bps"], options["gamma"], options["no_auto_bright"]) == (16, (1, 1), True)
        if self.fault:
            raise self.fault
        return self.light


@pytest.fixture
def rawpy(monkeypatch):
    module = ModuleType("rawpy")
    module.LibRawError, module.__version__ = type("LibRawError", (Exception,), {}), "1.2"
    module.imread = lambda _file: Sensor()
    monkeypatch.setitem(sys.modules, "rawpy", module)
    # A child process would not have the stand-in.
    call = lambda function, *arguments, **keywords: function.__wrapped__(*arguments, **keywords)  # noqa: E731
    monkeypatch.setattr(isolation, "call_isolated", call)
    return module


@pytest.fixture
def without_rawpy(monkeypatch):
    monkeypatch.setitem(sys.modules, "rawpy", None)


@pytest.fixture
def photo(tmp_path):
    (tmp_path / "photo.nef").write_bytes(PREVIEW)
    return tmp_path / "photo.nef"


def test_raw_is_developed_in_16_bits_where_rawpy_is_installed(photo, rawpy):
    assert photo_size(photo) == (64, 96)
    with open_image(photo) as image:
        assert isinstance(image, DevelopedPhoto)
        assert bit_depth(image) == 16
    found = read_photo(photo)
    assert found.shape == (96, 64, 3)
    assert found[0, 0].tolist() == [0, 0, 1]
    assert photo_notes(photo) == ("RAW photo, developed by rawpy",)
    assert development_of(photo) == f"rawpy {rawpy.__version__}"


@pytest.mark.usefixtures("rawpy")
@pytest.mark.parametrize(
    ("data", "brightness"),
    [
        (raw.nef(raw.jpeg(96, 64, "#333333")), 0.2),
        (raw.nef(raw.jpeg(96, 64, "#cccccc")), 0.8),
        (raw.nef(), 1 / 3),  # Of its thumbnail, which is lime.
        (raw.tiff(raw.mosaic(96, 64)), 0.324),  # As it was recorded.
    ],
)
def test_developed_photo_is_as_bright_as_the_camera_has_shown_it(photo, monkeypatch, data, brightness):
    photo.write_bytes(data)
    light = np.random.default_rng(0).integers(0, 13000, (96, 64, 3), np.uint16)
    monkeypatch.setattr(Sensor, "light", light)
    assert read_photo(photo).mean() == pytest.approx(brightness, abs=0.01)


@pytest.mark.parametrize("module", ["rawpy", "without_rawpy"])
def test_title_of_a_raw_file_is_kept_and_settings_of_its_converter_are_not(photo, tmp_path, module, request):
    request.getfixturevalue(module)
    xmp = b'<a dc:title="Anna" crs:Exposure2012="+2.00"/>'
    iptc = b"\x1c\x02\x05\x00\x04Anna"
    first = raw.bitmap(Image.new("RGB", (16, 12)), reduced=True)
    first |= {700: (raw.BYTE, *xmp), 33723: (raw.UNDEFINED, *iptc)}
    preview = raw.jpeg(96, 64)
    inner = {254: (raw.LONG, 1), 259: (raw.SHORT, 6), 513: (raw.LONG, raw.Data(preview))}
    inner[514] = (raw.LONG, len(preview))
    photo.write_bytes(raw.tiff(first | {330: (raw.LONG, inner, raw.mosaic(96, 64))}))
    write_photo(
        tmp_path / "made.tif", read_photo(photo), rendering_for(photo, tmp_path / "made.tif"), like=photo
    )
    with Image.open(tmp_path / "made.tif") as made:
        assert made.info["xmp"] == b'<a dc:title="Anna"/>'
        assert made.tag_v2[33723] == iptc


@pytest.mark.usefixtures("rawpy")
def test_painting_of_a_developed_photo_has_its_exif_upright_and_16_bits(photo, tmp_path):
    write_photo(
        tmp_path / "made.tif", read_photo(photo), rendering_for(photo, tmp_path / "made.tif"), like=photo
    )
    with Image.open(tmp_path / "made.tif") as made:
        assert made.tag_v2[258] == (16, 16, 16)
        assert (made.getexif()[271], made.getexif().get(274, 1)) == ("Maker", 1)


@pytest.mark.usefixtures("without_rawpy")
@pytest.mark.parametrize(
    ("name", "data", "turned"),
    [
        ("photo.nef", PREVIEW, False),
        ("photo.nef", raw.nef(raw.jpeg(96, 64, "red"), orientation=8), True),
        ("photo.raf", raw.raf(raw.jpeg(96, 64, "red"), (96, 64)), False),
        ("photo.cr3", raw.cr3(raw.jpeg(96, 64, "red"), (96, 64), 6), True),
    ],
)
def test_raw_is_painted_from_its_preview_without_rawpy(tmp_path, name, data, turned):
    path = tmp_path / name
    path.write_bytes(data)
    assert photo_size(path) == ((64, 96) if turned else (96, 64))
    found = read_photo(path)
    assert found.shape == ((96, 64, 3) if turned else (64, 96, 3))
    assert found[0, 0, 0] > 0.98
    (note,) = photo_notes(path)
    assert "preview of 96 x 64 pixels; to develop it: pip install vidstyle[raw]" in note
    assert development_of(path) == "preview"


@pytest.mark.usefixtures("without_rawpy")
def test_uncompressed_preview_is_painted_upright(photo, monkeypatch):
    # As in a process that has opened no other image.
    monkeypatch.delitem(Image.OPEN, "MPO", raising=False)
    first = raw.bitmap(raw.halves(96, 64, "red", "blue"), reduced=True) | {274: (raw.SHORT, 3)}
    photo.write_bytes(raw.tiff(first | {330: (raw.LONG, raw.mosaic(96, 64))}))
    assert photo_size(photo) == (96, 64)
    assert [read_photo(photo)[5, x].tolist() for x in (5, 90)] == [[0, 0, 1], [1, 0, 0]]


@pytest.mark.usefixtures("without_rawpy")
@pytest.mark.parametrize("data", [raw.nef(), raw.nef(raw.jpeg(48, 32)), raw.dng()])
def test_raw_with_no_more_than_a_thumbnail_is_refused_with_the_remedy(photo, data):
    photo.write_bytes(data)
    with pytest.raises(ProbeError, match=r"'.*photo.nef'.* pixels; .*pip install vidstyle\[raw\]\.$"):
        photo_size(photo)


def test_raw_of_an_unknown_camera_falls_back_to_its_preview(photo, rawpy):
    def unknown(_file):
        raise rawpy.LibRawError(b"Unsupported file format")

    rawpy.imread = unknown
    (note,) = photo_notes(photo)
    assert "rawpy cannot develop (Unsupported file format)" in note
    assert "pip" not in note
    assert read_photo(photo)[0, 0, 0] > 0.98
    photo.write_bytes(raw.nef())
    with pytest.raises(ProbeError, match=r"Unsupported file format.*convert it"):
        photo_size(photo)


def test_damaged_sensor_data_is_reported_by_name(photo, rawpy, monkeypatch):
    monkeypatch.setattr(Sensor, "fault", rawpy.LibRawError(b"data error"))
    with pytest.raises(DecodeError, match=r"photo.nef' is damaged .*data error"):
        read_photo(photo)


def test_raw_file_is_read_once_until_it_changes(photo, rawpy):
    opened = []
    rawpy.imread = lambda file: opened.append(file) or Sensor()
    for _ in range(3):
        photo_size(photo)
    assert len(opened) == 1
    photo.write_bytes(PREVIEW + b"more")
    photo_size(photo)
    assert len(opened) == 2


def test_other_files_have_no_development(tmp_path):
    Image.new("RGB", (8, 6)).save(tmp_path / "photo.jpg")
    assert development_of(tmp_path / "photo.jpg") == ""
    assert development_of(tmp_path / "missing.nef") == ""


@pytest.mark.parametrize("orientation", [1, 6])
def test_dng_is_developed_by_the_real_rawpy(tmp_path, orientation):
    pytest.importorskip("rawpy")
    path = tmp_path / "photo.dng"
    path.write_bytes(raw.dng(orientation=orientation))
    assert photo_size(path) == ((96, 64) if orientation == 1 else (64, 96))
    found = read_photo(path)
    assert found.shape[1::-1] == photo_size(path)
    red, green, blue = found[30, 30]
    assert red > max(green, blue)
