"""Synthetic photos of 8 and 16 bits, and their copies by vidstyle."""

import numpy as np
from PIL import Image

from vidstyle.media.photo.reader import read_photo
from vidstyle.media.photo.writer import rendering_for, write_photo

# Red, green / blue, white.
PATCHES = np.kron([[[1, 0, 0], [0, 1, 0]], [[0, 0, 1], [1, 1, 1]]], np.ones((8, 12, 1))).astype(np.float32)
EIGHT = Image.fromarray((PATCHES * 255).astype(np.uint8))
DEEP = np.random.default_rng(1).integers(0, 65536, (16, 24, 4), np.uint16)


def tagged(data, tag, value):
    """Add a SHORT to the directory of a little-endian TIFF, which is moved to its end."""
    import struct

    start = struct.unpack_from("<I", data, 4)[0]
    count = struct.unpack_from("<H", data, start)[0]
    entries = [bytes(data[start + 2 + 12 * i : start + 14 + 12 * i]) for i in range(count)]
    entries = [entry for entry in entries if struct.unpack_from("<H", entry)[0] != tag]
    entries = sorted(
        [*entries, struct.pack("<HHIHH", tag, 3, 1, value, 0)], key=lambda e: struct.unpack_from("<H", e)
    )
    place = len(data) + len(data) % 2
    struct.pack_into("<I", data, 4, place)
    return bytes(data).ljust(place, b"\0") + struct.pack("<H", len(entries)) + b"".join(entries) + bytes(4)


def deep(path, pixels, orientation=1):
    """Write 16 bits as a camera held in an orientation; stored by OpenCV, with EXIF added by hand."""
    import cv2

    back = {1: 1, 2: 2, 3: 3, 4: 4, 5: 5, 6: 8, 7: 7, 8: 6}[orientation]
    if back in {5, 6, 7, 8}:
        pixels = pixels.swapaxes(0, 1)
    if back in {2, 3, 6, 7}:
        pixels = pixels[:, ::-1]
    if back in {3, 4, 7, 8}:
        pixels = pixels[::-1]
    order = [2, 1, 0, 3][: pixels.shape[2]] if pixels.shape[2] > 1 else [0]
    data = cv2.imencode(path.suffix, np.ascontiguousarray(pixels[..., order]))[1].tobytes()
    exif = Image.Exif()
    exif[0x0112] = orientation
    if path.suffix == ".png":
        import zlib

        body = b"eXIf" + exif.tobytes().removeprefix(b"Exif\0\0")
        chunk = (len(body) - 4).to_bytes(4, "big") + body + zlib.crc32(body).to_bytes(4, "big")
        data = data[:33] + chunk + data[33:]
    else:
        data = tagged(bytearray(data), 0x0112, orientation)
    path.write_bytes(data)
    return path


def copied(source, output, **options):
    rendering = rendering_for(source, output)
    write_photo(output, read_photo(source, None, rendering), rendering, like=source, **options)
    return output
