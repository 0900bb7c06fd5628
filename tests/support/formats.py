"""Table of containers and sources that `test_formats_table.py` tests, and writer of `docs/formats.md`."""

from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "formats.md"
ENDINGS = (".mp4", ".mov", ".mkv", ".webm", ".gif", ".webp", ".apng", "")
KEPT, OUT = "kept", "omitted"
PLAIN = [OUT] * 4

# Codec of the source, and its outcome in each container, in their order.
AUDIO = {
    "aac": [KEPT, KEPT, KEPT, "opus", *PLAIN],
    "mp3": [KEPT, KEPT, KEPT, "opus", *PLAIN],
    "ac3": [KEPT, KEPT, KEPT, "opus", *PLAIN],
    "alac": [KEPT, KEPT, KEPT, "opus", *PLAIN],
    "eac3": [KEPT, KEPT, KEPT, "opus", *PLAIN],
    "dts": [KEPT, "aac", KEPT, "opus", *PLAIN],
    "flac": [KEPT, "alac", KEPT, "opus", *PLAIN],
    "opus": [KEPT, "aac", KEPT, KEPT, *PLAIN],
    "vorbis": [KEPT, "aac", KEPT, KEPT, *PLAIN],
    "pcm_s16le": ["aac", KEPT, KEPT, "opus", *PLAIN],
    "pcm_s24le": ["aac", KEPT, KEPT, "opus", *PLAIN],
    "pcm_f32le": ["aac", KEPT, KEPT, "opus", *PLAIN],
}
SUBTITLES = {
    "subrip": ["mov_text", "mov_text", KEPT, "webvtt", *PLAIN],
    "ass": ["mov_text", "mov_text", KEPT, "webvtt", *PLAIN],
    "webvtt": ["mov_text", "mov_text", KEPT, KEPT, *PLAIN],
    "mov_text": [KEPT, KEPT, "subrip", "webvtt", *PLAIN],
}
FURTHER = {
    "chapters": [KEPT] * 4 + PLAIN,
    "fonts and other attachments": [OUT, OUT, KEPT, OUT, *PLAIN],
    "cover": [KEPT, OUT, KEPT, OUT, *PLAIN],
    "title": [KEPT] * 4 + PLAIN,
    "language of a track": [KEPT] * 4 + PLAIN,
    "timecode": [KEPT] * 4 + PLAIN,
}
# Measured properties of the result.
VIDEO = {
    "default codec": ["h264", "h264", "h264", "vp9", "gif", "webp", "apng", "png"],
    "with `--bit-depth 10`": ["hevc", "hevc", "hevc", "vp9", "refused", "refused", "refused", "refused"],
    "frame times of a variable rate, to": ["1 ms"] * 4 + ["10 ms", "1 ms", "1 ms", OUT],
    "colour tags": [KEPT] * 4 + PLAIN,
    "transparency": ["shows `--background`"] * 3 + [KEPT] * 5,
    "transparency with `--codec`": [
        "none",
        "prores",
        "ffv1, prores, vp9",
        "vp9",
        "gif",
        "webp",
        "apng",
        "png",
    ],
}
# Property of a source, how it is treated, and the test of that.
SOURCES = {
    "rotated or mirrored": ("painted upright", "test_turned_and_mirrored_films_come_upright"),
    "non-square pixels": (
        "resampled to square pixels; the display aspect is kept",
        "test_display_aspect_is_kept",
    ),
    "odd width or height": (
        "made even for video codecs; the pixel aspect keeps the display aspect",
        "test_display_aspect_is_kept",
    ),
    "BT.601, BT.709, BT.2020, limited or full range": (
        "decoded as tagged, within 3 levels of 255 of ffmpeg; written with the same tags",
        "test_colours_of_ten_bits_match_ffmpeg",
    ),
    "no colour matrix": (
        (
            "decoded and tagged as BT.709 from 720 lines or 1280 columns on, which is reported, otherwise as "
            "BT.601; `--color-matrix` chooses"
        ),
        "test_film_without_tags_is_painted_and_tagged_as_players_take_it",
    ),
    "10 bits per channel and more": (
        "read with 16 bits; written with 8, or with `--bit-depth`",
        "test_ten_bits_are_kept_from_source_to_result",
    ),
    "HDR: PQ, HLG": (
        "tone-mapped to BT.709: 1000 to 203 cd/m², by the curve of ITU-R BT.2390 on the maximum of RGB",
        "test_high_dynamic_range_is_tone_mapped_and_says_so",
    ),
    "interlaced": (
        "deinterlaced (bwdif), one frame per frame",
        "test_interlaced_film_is_deinterlaced_and_says_so",
    ),
    "variable frame rate": (
        "kept; `--fps` gives a constant one",
        "test_requested_frame_rate_is_kept_and_reported",
    ),
    "audio channels in an order without a name": (
        (
            "kept in .mov; in .mkv, AAC and Opus put in the order of a named layout, such as quad for 4 "
            "channels and 7.1 for 8, and reported"
        ),
        "test_channels_without_names_are_stored_in_a_named_layout_and_reported",
    ),
    "more audio channels than an encoder takes": (
        (
            "a named layout such as 7.1.4 is mixed, others are refused before anything is painted; .mov and "
            ".mkv keep them; `--omit-audio` omits the audio"
        ),
        "test_more_channels_than_an_encoder_takes_are_refused_before_painting",
    ),
    "late start of video or audio": ("kept", "test_audio_and_frames_stay_in_sync"),
    "edit list": ("applied", "test_frames_before_an_edit_list_are_omitted"),
    "part (`--start`, `--end`)": (
        (
            "cut at the exact frame; audio is cut to match and encoded again, without loss where it was "
            "lossless and the container supports a lossless codec; subtitles and chapters are shortened, the "
            "timecode is advanced"
        ),
        "test_part_keeps_its_subtitles_and_chapters",
    ),
    "animated GIF, WebP, PNG": (
        "delays are kept; up to 10 ms count as 100 ms",
        "test_delays_of_animated_images_are_kept",
    ),
    "image sequence": (
        "`frames/%04d.png`, `'frames/*.png'`, or `--sequence`; a missing number is an error",
        "test_image_sequence_becomes_a_film",
    ),
    "a file that crashes the library that reads it": (
        "an error of that file; other files are painted",
        "test_other_files_of_an_album_are_painted",
    ),
    "`-` (a stream)": ("refused", "test_streams_are_refused_by_name"),
    "animated AVIF": ("refused", "test_animated_avif_is_refused_by_name"),
    "several video streams": (
        "the first is painted; others are omitted",
        "test_omitted_streams_are_reported",
    ),
    "bitmap subtitles": (
        "kept in .mkv, otherwise omitted",
        "test_omitted_streams_are_reported",
    ),
}
TABLES = {
    "Audio": ("codec of the source", AUDIO),
    "Subtitles": ("codec of the source", SUBTITLES),
    "Chapters, attachments and metadata": ("", FURTHER),
    "Video": ("", VIDEO),
}


def page() -> str:
    """Write `docs/formats.md` as text."""
    lines = [
        "# Formats",
        "",
        "The tests verify every line of this page; `python tests/support/formats.py` writes it.",
        "",
        "Kept audio is copied bit for bit when the whole film is painted. Streams that are converted or",
        "omitted are reported before a run, and by `--dry-run`.",
    ]
    columns = [f"`{ending}`" if ending else "folder of PNG" for ending in ENDINGS]
    for title, (head, rows) in TABLES.items():
        lines += ["", f"## {title}", "", _row([head, *columns]), _row(["---"] * (len(ENDINGS) + 1))]
        lines += [_row([name, *outcomes]) for name, outcomes in rows.items()]
    lines += ["", "## Sources", "", _row(["source", "treatment"]), _row(["---"] * 2)]
    lines += [_row([source, treatment]) for source, (treatment, _) in SOURCES.items()]
    return "\n".join(lines) + "\n"


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
