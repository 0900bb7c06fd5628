import zlib

import numpy as np
import pytest

from vidstyle.errors import DecodeError
from vidstyle.media.frame_png import quantize, read_frame, write_frame


@pytest.fixture
def noise():
    return np.random.default_rng(0).random((24, 32, 3), np.float32)


def test_frame_is_read_back_as_it_was_quantized(tmp_path, noise):
    image = noise * 1.2 - 0.1
    path = tmp_path / "000001.png"
    checksum = write_frame(path, image)
    assert checksum == zlib.crc32(path.read_bytes())
    assert np.array_equal(read_frame(path), quantize(image))
    assert np.array_equal(quantize(quantize(image)), quantize(image))
    assert np.abs(quantize(image) - np.clip(image, 0, 1)).max() < 0.6 / 65535
    assert read_frame(path).flags.c_contiguous
    assert [p.name for p in tmp_path.iterdir()] == ["000001.png"]


def test_damaged_frame_is_refused(tmp_path, noise):
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
