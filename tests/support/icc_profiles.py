"""Synthetic ICC profiles: a matrix and a curve, as cameras and phones write them, and a table of inks."""

import itertools
import struct

# Columns red, green, blue of XYZ under D50.
P3 = ((0.51512, 0.24120, -0.00105), (0.29198, 0.69225, 0.04189), (0.15710, 0.06657, 0.78407))
ADOBE = ((0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087), (0.14919, 0.06322, 0.74457))
SRGB = ((0.43607, 0.22249, 0.01392), (0.38515, 0.71687, 0.09708), (0.14307, 0.06061, 0.71410))
SRGB_CURVE = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)


def _fixed(*values):
    return struct.pack(f">{len(values)}i", *(round(value * 65536) for value in values))


def curve(*parameters):
    """Make a tone curve: linear, a power, or parameters as sRGB's."""
    if not parameters:
        return b"curv\0\0\0\0\0\0\0\0"
    if len(parameters) == 1:
        return b"curv\0\0\0\0" + struct.pack(">IH", 1, round(parameters[0] * 256)) + b"\0\0"
    return b"para\0\0\0\0\0\3\0\0" + _fixed(*parameters)


def profile(columns=SRGB, tone=SRGB_CURVE, space=b"RGB "):
    if space == b"GRAY":
        return _file({b"kTRC": curve(*tone)}, space)
    tags = dict(
        zip(
            (b"rXYZ", b"gXYZ", b"bXYZ"),
            (b"XYZ \0\0\0\0" + _fixed(*column) for column in columns),
            strict=True,
        )
    )
    return _file(tags | {name: curve(*tone) for name in (b"rTRC", b"gTRC", b"bTRC")}, space)


def cmyk():
    """Make a profile of a table, as of printers: four inks to Lab, interpolated between their 16 corners."""
    corners = itertools.product((0, 1), repeat=4)
    grid = b""
    for c, m, y, k in corners:
        light = (1 - 0.45 * c) * (1 - 0.5 * m) * (1 - 0.1 * y) * (1 - 0.85 * k)
        a, b = 60 * (m - 0.6 * c) * (1 - k), 70 * (y - 0.6 * c) * (1 - k)
        grid += bytes([round(255 * light), round(128 + a), round(128 + b)])
    ramp = bytes(range(256))
    table = (
        b"mft1\0\0\0\0" + bytes([4, 3, 2, 0]) + _fixed(1, 0, 0, 0, 1, 0, 0, 0, 1) + ramp * 4 + grid + ramp * 3
    )
    return _file({b"A2B0": table + bytes(-len(table) % 4)}, b"CMYK", b"Lab ", b"prtr")


def _file(content, space, connection=b"XYZ ", kind=b"mntr"):
    text = b"drawn"
    desc = b"desc\0\0\0\0" + struct.pack(">I", len(text) + 1) + text + bytes(79)
    copyright_ = b"text\0\0\0\0drawn\0\0\0"
    white = b"XYZ \0\0\0\0" + _fixed(0.9642, 1.0, 0.8249)
    tags = {b"desc": desc + bytes(-len(desc) % 4), b"cprt": copyright_, b"wtpt": white} | content
    start = 132 + 12 * len(tags)
    entries, body = b"", b""
    for name, data in tags.items():
        entries += name + struct.pack(">II", start + len(body), len(data))
        body += data
    head = struct.pack(">I4sI4s4s4s6H4s", start + len(body), b"test", 0x02400000, kind, space, connection,
                       2000, 1, 1, 0, 0, 0, b"acsp")  # fmt: skip
    head += bytes(68 - len(head)) + _fixed(0.9642, 1.0, 0.8249)
    return head + bytes(128 - len(head)) + struct.pack(">I", len(tags)) + entries + body
