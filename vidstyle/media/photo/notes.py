"""Notes on how a photo is read: what of its file is painted, and what is not."""

import re
from collections.abc import Iterator
from pathlib import Path

from vidstyle.media.photo.open import NOTE, open_image
from vidstyle.media.photo.tiff_directories import Tiff, count_pages, is_whole

_COMPANIONS = {
    "gain map": re.compile(rb"ns\.adobe\.com/hdr-gain-map/|HDRGainMap|hdrgainmap|urn:iso:std:iso:ts:21496"),
    "motion clip": re.compile(
        rb"Camera:(?:MotionPhoto|MicroVideo)\s*(?:=\s*[\"']|>)\s*1|MotionPhoto_Data|Semantic=[\"']MotionPhoto"
    ),
    "depth map": re.compile(
        rb"photos/1\.0/depthmap/|Semantic=[\"']DepthMap|aux:(?:disparity|depth)|auxid:2\b|auxiliary:depth"
    ),
}
"""Marks, in a file, of what phones store next to a photo (Ultra HDR, ISO 21496-1, Apple, Google, Samsung)."""
_PHONE_FORMATS = frozenset({"JPEG", "MPO", "HEIF", "AVIF"})


def photo_notes(path: Path, *, companions: bool = True) -> tuple[str, ...]:
    """List what a user should know of how an image is read.

    Parameters
    ----------
    path
        The image.
    companions
        Whether a gain map and the like are noted, which a style does without anyway.

    Raises
    ------
    ProbeError
        It is not an image, or too large to decode safely.
    """
    with open_image(path) as image:
        if NOTE in image.info:
            return (str(image.info[NOTE]),)
        kind = image.format
    if kind == "TIFF":
        with path.open("rb") as file:
            return tuple(_tiff_notes(Tiff(file)))
    return tuple(_companion_notes(path.read_bytes())) if companions and kind in _PHONE_FORMATS else ()


def _tiff_notes(tiff: Tiff) -> Iterator[str]:
    width, height = tiff.pages[0].size if tiff.pages else (0, 0)
    if chosen := tiff.full_size():
        sizes = "its full-size image of {} x {}".format(*chosen.size)
        yield f"the first image is a thumbnail of {width} x {height} pixels; {sizes} is painted"
    elif tiff.pages and tiff.pages[0].is_reduced:
        yield f"its only image is marked as a reduced-size one, of {width} x {height} pixels"
    if (pages := count_pages(tiff)) > 1:
        painted = chosen.size if chosen else (width, height)
        largest = max(
            (page.size for page in tiff.pages if is_whole(page)), key=lambda size: size[0] * size[1]
        )
        # It may be a thumbnail that is not marked as one.
        larger = largest[0] * largest[1] > painted[0] * painted[1]
        sizes = "; it has {} x {} pixels, the largest {} x {}".format(*painted, *largest) if larger else ""
        yield f"only the first of {pages} pages is painted{sizes}"


def _companion_notes(data: bytes) -> Iterator[str]:
    found = [name for name, mark in _COMPANIONS.items() if mark.search(data)]
    # The brand of a HEIC or AVIF that has a gain map by ISO 21496-1.
    if data[4:8] == b"ftyp" and b"tmap" in data[8:64] and "gain map" not in found:
        found.insert(0, "gain map")
    if found:
        names = " and ".join([", ".join(found[:-1]), found[-1]] if len(found) > 1 else found)
        yield f"painted from its base image, without its {names}"
