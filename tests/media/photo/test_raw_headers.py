import pytest
from PIL import Image
from support import raw_files as raw

from vidstyle.media.photo.raw_headers import is_raw, raw_exif, raw_size

FULL = raw.jpeg(96, 64)
CR2 = raw.tiff({256: (raw.SHORT, 96), 34665: (raw.LONG, {40962: (raw.LONG, 96), 40963: (raw.LONG, 64)})})
RW2 = raw.tiff(
    {4: (raw.SHORT, 2), 5: (raw.SHORT, 4), 6: (raw.SHORT, 66), 7: (raw.SHORT, 100)}, signature=b"IIU\0"
)
ORF = raw.tiff({256: (raw.SHORT, 96), 257: (raw.SHORT, 64)}, signature=b"IIRO")
FILES = {
    "nikon.nef": raw.nef(FULL),
    "nikon.tif": raw.nef(FULL),
    "big-endian.NEF": raw.nef(FULL, signature=b"MM\0*"),
    "adobe.dng": raw.dng(),
    "canon.cr2": CR2,
    "canon.cr3": raw.cr3(FULL, (96, 64)),
    "fuji.raf": raw.raf(FULL, (96, 64)),
    "olympus.orf": ORF,
    "panasonic.rw2": RW2,
}


@pytest.mark.parametrize("name", FILES)
def test_raw_files_are_recognised_with_their_size(tmp_path, name):
    (tmp_path / name).write_bytes(FILES[name])
    assert is_raw(tmp_path / name)
    assert raw_size(FILES[name], raw_exif(FILES[name])) == (96, 64)


@pytest.mark.parametrize("name", ["photo.jpg", "photo.nef", "photo.tif", "photo.png", "photo.webp"])
def test_other_images_are_not_raw_under_any_name(tmp_path, name):
    kind = "JPEG" if name.endswith("nef") else None
    Image.new("RGB", (8, 6)).save(tmp_path / name, kind)
    assert not is_raw(tmp_path / name)


@pytest.mark.parametrize("data", [raw.nef(FULL, orientation=6), raw.cr3(FULL, (96, 64), 6)])
def test_exif_has_the_photo_and_not_the_sensor(data):
    found = Image.Exif()
    found.load(raw_exif(data))
    assert (found[271], found[274]) == ("Maker", 6)
    assert dict(found.get_ifd(0x8769)) == {33434: 1 / 250}
    assert not {254, 256, 262, 330, 513, 50706} & set(found)


def test_gps_of_a_cr3_is_read():
    found = Image.Exif()
    found.load(raw_exif(raw.cr3(FULL, (96, 64))))
    assert found.get_ifd(0x8825) == {1: "N"}


@pytest.mark.parametrize("name", FILES)
def test_damaged_headers_tell_nothing(name):
    for length in range(16, 400, 9):
        exif = raw_exif(FILES[name][:length])
        size = raw_size(FILES[name][:length], exif)
        assert size is None or min(size) > 0
