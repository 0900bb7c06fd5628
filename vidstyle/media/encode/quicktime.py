"""Metadata and timing of MP4 and MOV, as ffmpeg's muxer takes them."""

from collections.abc import Mapping
from types import MappingProxyType

from vidstyle.media.encode.segment import Segment, timescale

# Tags that MP4 has names for. Others are kept only as QuickTime's keys, which then replace all of them.
_NAMED_TAGS = {
    *("title", "artist", "album_artist", "author", "composer", "album", "date", "comment", "genre"),
    *("copyright", "description", "synopsis", "lyrics", "show", "network", "episode_id", "grouping"),
    *("location", "track", "disc"),
    # Properties of the file, not of the film.
    *("encoder", "creation_time", "major_brand", "minor_version", "compatible_brands"),
}

MAC_LANGUAGES: Mapping[str, str] = MappingProxyType({
    "fre": "fra", "deu": "ger", "nld": "dut", "swe": "sve", "ell": "gre", "isl": "ice", "zho": "chi",
    "rum": "ron", "cze": "ces", "slo": "slk", "sqi": "alb", "mkd": "mac", "per": "iri", "fas": "iri",
    "hrv": "hr ", "srp": "sr ", "hye": "arm", "kat": "geo", "bod": "tib", "mya": "bur", "msa": "may",
    "cym": "wel", "eus": "baq",
})  # fmt: skip
"""Codes of languages in ISO 639-2 that ffmpeg's list for MOV lacks, and their codes in that list."""


def mp4_options(segment: Segment) -> dict[str, object]:
    """List the muxer's options: the index in front, exact ticks, and all tags kept."""
    flags = "+faststart"
    if not _NAMED_TAGS.issuperset(tag.lower() for tag in segment.video.tags):
        flags += "+use_metadata_tags"
    return {"movflags": flags, "video_track_timescale": timescale(segment.video)}
