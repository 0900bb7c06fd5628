"""RAW files drawn by hand: TIFFs of cameras, Fujifilm's RAF, Canon's CR3."""

import io
import struct

import numpy as np
from PIL import Image

BYTE, ASCII, SHORT, LONG, RATIONAL, UNDEFINED, SRATIONAL = 1, 2, 3, 4, 5, 7, 10
_LAYOUTS = {
    BYTE: "B", ASCII: "B", SHORT: "H", LONG: "I", RATIONAL: "II", UNDEFINED: "B", SRATIONAL: "ii",
}  # fmt: skip


def jpeg(width, height, color="red", **options):
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), color).save(buffer, "JPEG", quality=95, **options)
    return buffer.getvalue()


def halves(width, height, left, right):
    """Make RGB bytes with a colour per half."""
    image = Image.new("RGB", (width, height), right)
    image.paste(left, (0, 0, width // 2, height))
    return image


class Data(bytes):
    """Bytes that a tag points to."""


def tiff(*pages, signature=b"II*\0", lead=b""):
    """Make a TIFF of directories {tag: (kind, *numbers)}; a number may be Data or a directory."""
    order = ">" if signature[:2] == b"MM" else "<"
    out = bytearray(signature + bytes(4) + lead)

    def place(data):
        out.extend(bytes(len(out) % 2))
        start = len(out)
        out.extend(data)
        return start

    def stored(value):
        if isinstance(value, Data):
            return place(value)
        return write(value) if isinstance(value, dict) else value

    def write(page, following=0):
        entries = []
        for tag, (kind, *values) in sorted(page.items()):
            numbers = [stored(value) for value in values]
            body = struct.pack(f"{order}{_LAYOUTS[kind] * (len(numbers) // len(_LAYOUTS[kind]))}", *numbers)
            count = len(numbers) // len(_LAYOUTS[kind])
            if len(body) > 4:
                body = struct.pack(f"{order}I", place(body))
            entries.append(struct.pack(f"{order}HHI", tag, kind, count) + body.ljust(4, b"\0"))
        packed = struct.pack(f"{order}H", len(entries)) + b"".join(entries)
        return place(packed + struct.pack(f"{order}I", following))

    start = 0
    for page in reversed(pages):
        start = write(page, start)
    struct.pack_into(f"{order}I", out, 4, start)
    return bytes(out)


def text(value):
    return (ASCII, *value.encode(), 0)


def bitmap(image, *, reduced):
    """Directory of an uncompressed RGB image."""
    data = image.tobytes()
    return {
        254: (LONG, int(reduced)), 256: (SHORT, image.width), 257: (SHORT, image.height),
        258: (SHORT, 8, 8, 8), 259: (SHORT, 1), 262: (SHORT, 2), 273: (LONG, Data(data)), 277: (SHORT, 3),
        278: (SHORT, image.height), 279: (LONG, len(data)), 284: (SHORT, 1),
    }  # fmt: skip


def mosaic(width, height, level=(9000, 5000, 2500)):
    """Directory of a sensor's data, RGGB of 16 bits."""
    pixels = np.empty((height, width), "<u2")
    pixels[::2, ::2], pixels[::2, 1::2], pixels[1::2, ::2], pixels[1::2, 1::2] = (
        level[0], level[1], level[1], level[2],
    )  # fmt: skip
    data = pixels.tobytes()
    return {
        254: (LONG, 0), 256: (SHORT, width), 257: (SHORT, height), 258: (SHORT, 16), 259: (SHORT, 1),
        262: (SHORT, 32803), 273: (LONG, Data(data)), 277: (SHORT, 1), 278: (SHORT, height),
        279: (LONG, len(data)), 33421: (SHORT, 2, 2), 33422: (BYTE, 0, 1, 1, 2),
    }  # fmt: skip


CAMERA = {271: text("Maker"), 272: text("Model"), 306: text("2024:05:06 07:08:09")}
EXIF = {33434: (RATIONAL, 1, 250), 37500: (UNDEFINED, *b"maker's note")}


def nef(preview=None, size=(96, 64), orientation=1, signature=b"II*\0"):
    """RAW file as Nikon's: a thumbnail in front, and inside a preview and the sensor's data."""
    inner = [mosaic(*size)]
    if preview:
        inner.insert(
            0, {254: (LONG, 1), 259: (SHORT, 6), 513: (LONG, Data(preview)), 514: (LONG, len(preview))}
        )
    first = bitmap(Image.new("RGB", (16, 12), "lime"), reduced=True)
    exif = {34665: (LONG, EXIF)}
    return tiff(first | CAMERA | exif | {274: (SHORT, orientation), 330: (LONG, *inner)}, signature=signature)


def dng(size=(96, 64), orientation=1, **level):
    """DNG that a developer opens: a thumbnail in front, and inside the data of a sensor."""
    one = (RATIONAL, 1, 1)
    matrix = [(10000 if i == j else 0, 10000) for i in range(3) for j in range(3)]
    inner = mosaic(*size, **level) | {50714: (SHORT, 0), 50717: (LONG, 16000)}
    first = bitmap(Image.new("RGB", (16, 12), "lime"), reduced=True) | CAMERA
    first |= {
        274: (SHORT, orientation), 330: (LONG, inner), 50706: (BYTE, 1, 4, 0, 0), 50707: (BYTE, 1, 1, 0, 0),
        50708: text("Maker Model"), 50721: (SRATIONAL, *[n for pair in matrix for n in pair]),
        50728: (RATIONAL, 1, 1, 1, 1, 1, 1), 50730: (SRATIONAL, 0, 1), 50731: one, 50732: one,
        50778: (SHORT, 21),
    }  # fmt: skip
    return tiff(first)


def raf(preview, size):
    """RAW file as Fujifilm's: a JPEG with its own EXIF, the size, and the sensor's data."""
    head = b"FUJIFILMCCD-RAW 0201FF123456" + b"X-TEST".ljust(32, b"\0") + bytes(24)
    records = struct.pack(">IHHHH", 1, 0x111, 4, size[1], size[0])
    sensor = bytes(size[0] * size[1] * 2)
    start = 148
    places = [start, len(preview), start + len(preview), len(records), start + len(preview) + len(records)]
    head = head[:84].ljust(84, b"\0") + struct.pack(">6I", *places, len(sensor))
    return head.ljust(start, b"\0") + preview + records + sensor


def box(name, *contents):
    body = b"".join(contents)
    return struct.pack(">I4s", 8 + len(body), name) + body


def cr3(preview, size, orientation=1):
    """RAW file as Canon's of today: boxes, with EXIF in three blocks, and a track for each image."""

    def track(width, height):
        entry = bytes(6) + b"\0\1" + bytes(16) + struct.pack(">HH", width, height) + bytes(50)
        return box(b"trak", box(b"mdia", box(b"stsd", bytes(8), box(b"CRAW", entry))))

    blocks = (
        box(b"CMT1", tiff(CAMERA | {274: (SHORT, orientation)})),
        box(b"CMT2", tiff(EXIF)),
        box(b"CMT4", tiff({1: text("N")})),
    )
    header = box(b"moov", box(b"uuid", bytes(16), *blocks), track(16, 12), track(*size))
    data = box(b"mdat", jpeg(16, 12, "lime"), preview or b"", bytes(size[0] * size[1] * 2))
    return box(b"ftyp", b"crx \0\0\0\1crx isom") + header + data
