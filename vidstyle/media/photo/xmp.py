"""XMP of a photo, corrected for its painting: claims of what the painting's file does not have are removed.

The packet is edited as text (ISO 16684-1, 7): a parser would lose its prefixes, its order and its padding.
"""

import codecs
import re
from collections.abc import Callable

# Namespaces of images, films and sounds that are stored next to the photo, and of where to find them there;
# and of a RAW converter's settings, which it would apply to the painting once more.
_NAMESPACES = re.compile(
    rb"http://ns\.adobe\.com/(?:hdr-gain-map|camera-raw-(?:settings|saved-settings|defaults))/"
    rb"|http://ns\.google\.com/photos/(?:1\.0/(?:container|depthmap|image|audio|focus)|dd/1\.0)/"
    rb"|http://ns\.apple\.com/(?!faceinfo/|adjustment-settings/)"
    rb"|http://ns\.(?:xiaomi|oplus|vivo|samsung|honor|huawei)\.com/"
)
_PREFIXES = {
    *(b"hdrgm", b"Container", b"GContainer", b"Item", b"GContainerItem", b"GDepth", b"GImage", b"GAudio"),
    *(b"GFocus", b"HDRGainMap", b"apdi", b"depthData", b"depthBlurEffect", b"MiCamera", b"OpCamera"),
    *(b"crs", b"crss", b"crd"),
}
"""Prefixes of these where a packet does not declare them."""
# Properties of other namespaces. Sizes are those of the file itself.
_PROPERTIES = re.compile(
    rb"\w*Camera:(?:MotionPhoto|MicroVideo)[\w.-]*|xmpNote:HasExtendedXMP|(?:xmp|xap):Thumbnails"
    rb"|tiff:Image(?:Width|Length)|exif:Pixel[XY]Dimension"
)
_ORIENTATION = re.compile(rb"(tiff:Orientation\s*(?:=\s*[\"']|>)\s*)\d+")
_DECLARATION = re.compile(rb"\s+xmlns:([\w.-]+)\s*=\s*[\"']([^\"'<]*)[\"']")
_TAG = re.compile(rb"<(/?)([\w.:-]+)((?:[^<>\"']|\"[^\"<]*\"|'[^'<]*')*+)>")
_ATTRIBUTE = re.compile(rb"\s+([\w.:-]+)\s*=\s*(?:\"[^\"]*\"|'[^']*')")
_USED = re.compile(rb"[<\s/]([\w.-]+):")
_ENCODINGS = {codecs.BOM_UTF16_BE: "utf-16", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF8: "utf-8-sig"}


def correct_xmp(xmp: bytes) -> bytes:
    """Correct XMP for an upright painting, which has no gain map, film, depth map or thumbnail next to it.

    The orientation is reset, and whatever describes such a companion is removed: of Ultra HDR, Motion Photo
    and Micro Video, dynamic depth, those of Apple and others, and the digest of an extended packet.
    """
    for mark, encoding in _ENCODINGS.items():
        if xmp.startswith(mark):
            xmp = xmp.decode(encoding, "replace").encode()
            break
    xmp = _ORIENTATION.sub(rb"\g<1>1", xmp)
    declared: dict[bytes, bytes] = dict(_DECLARATION.findall(xmp))
    prefixes = {name for name, uri in declared.items() if _NAMESPACES.match(uri)}
    prefixes |= _PREFIXES - declared.keys()

    def is_claim(name: bytes) -> bool:
        return name.partition(b":")[0] in prefixes or bool(_PROPERTIES.fullmatch(name))

    kept = _without(xmp, is_claim)
    # The declaration of a prefix that was used for claims alone would still name them.
    unused = set(_USED.findall(xmp)) - set(_USED.findall(kept)) | prefixes
    return _DECLARATION.sub(lambda found: b"" if found[1] in unused else found[0], kept)


def _without(xmp: bytes, is_claim: Callable[[bytes], bool]) -> bytes:
    """Remove elements and attributes by their names; all of a packet whose elements do not end."""
    parts, place, depth, inside = [], 0, 0, b""
    for tag in _TAG.finditer(xmp):
        end, name, attributes = tag.groups()
        opens = not end and not attributes.endswith(b"/")
        if depth:
            if name == inside:
                depth += 1 if opens else -1 if end else 0
            place = tag.end()
            continue
        parts.append(xmp[place : tag.start()])
        place = tag.end()
        if end or not is_claim(name):
            left = _ATTRIBUTE.sub(lambda found: b"" if is_claim(found[1]) else found[0], attributes)
            parts.append(b"<" + end + name + left + b">")
        elif opens:
            depth, inside = 1, name
    return b"" if depth else b"".join([*parts, xmp[place:]])
