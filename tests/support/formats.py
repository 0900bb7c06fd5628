"""What goes into each container: the table that `test_formats_table.py` tries, and that `docs/formats.md` is made of.

Run it to write that page: `python tests/support/formats.py`.
"""

from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "formats.md"
ENDINGS = (".mp4", ".mov", ".mkv", ".webm", ".gif", ".webp", ".apng", "")
KEPT, OUT = "kept", "left out"
PLAIN = [OUT] * 4

# Codec of the source, and what becomes of it in each container, in their order.
SOUND = {
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
BESIDE = {
    "chapters": [KEPT] * 4 + PLAIN,
    "fonts and other attachments": [OUT, OUT, KEPT, OUT, *PLAIN],
    "cover": [KEPT, OUT, KEPT, OUT, *PLAIN],
    "title": [KEPT] * 4 + PLAIN,
    "language of a track": [KEPT] * 4 + PLAIN,
    "timecode": [KEPT] * 4 + PLAIN,
}
# What is measured of the result.
PICTURES = {
    "default codec": ["h264", "h264", "h264", "vp9", "gif", "webp", "apng", "png"],
    "with `--bit-depth 10`": ["hevc", "hevc", "hevc", "vp9", "refused", "refused", "refused", "refused"],
    "moments of a varying rate, to": ["1 ms"] * 4 + ["10 ms", "1 ms", "1 ms", OUT],
    "colour tags": [KEPT] * 4 + PLAIN,
    "transparency": ["on `--background`"] * 3 + [KEPT] * 5,
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
# What is done to a source, and the test that shows it.
SOURCES = {
    "turned or mirrored": ("painted upright", "test_rotated_and_mirrored_videos_are_read_upright"),
    "pixels that are not square": ("made square; the shape of the picture is kept", "test_the_display_shape_is_kept"),
    "odd width or height": (
        "made even for codecs of films, the shape kept by the shape of pixels",
        "test_the_display_shape_is_kept",
    ),
    "BT.601, BT.709, BT.2020, limited or full range": (
        "decoded as tagged, to 3 levels of 255 of ffmpeg; written with the same tags",
        "test_colours_of_ten_bits_match_ffmpeg",
    ),
    "no colour tags": ("decoded as BT.601, and tagged so", "test_an_untagged_film_is_tagged_as_it_was_decoded"),
    "10 bits and more": ("read with 16 bits; written with 8, or with `--bit-depth`", "test_ten_bits_go_through"),
    "HDR: PQ, HLG": (
        "tone-mapped to BT.709: 1000 to 203 cd/m², by the curve of ITU-R BT.2390 on the brightest of red, green and blue",
        "test_high_dynamic_range_is_tone_mapped_and_that_is_said",
    ),
    "interlaced": ("deinterlaced (bwdif), a picture for each", "test_fields_are_made_whole_and_that_is_said"),
    "varying rate": ("kept as it is; `--fps` gives a constant one", "test_another_rate_is_said_and_kept_to"),
    "picture or sound that starts late": ("kept", "test_sound_and_picture_stay_in_step"),
    "edit list": ("applied", "test_frames_before_an_edit_list_are_omitted"),
    "part (`--start`, `--end`)": (
        ("cut at the exact picture; sound cut to match and encoded anew, without loss where it had none and the container holds "
        "such a codec; subtitles and chapters shortened, the timecode set forward"),
        "test_a_part_takes_subtitles_and_chapters_along",
    ),
    "animated GIF, WebP, PNG": ("delays kept; none, or up to 10 ms, is 100 ms", "test_delays_of_animated_pictures_are_kept"),
    "numbered pictures": ("`frames/%04d.png`, `'frames/*.png'`, or `--sequence`; a gap is an error", "test_a_sequence_becomes_a_film"),
    "`-`": ("refused", "test_streams_are_refused_by_name"),
    "animated AVIF": ("refused", "test_animated_avif_is_refused_by_name"),
    "several streams of pictures": ("the first is painted; others are left out", "test_what_stays_out_is_said"),
    "subtitles that are pictures": (
        "kept in .mkv, else left out",
        "test_what_stays_out_is_said",
    ),
}  # fmt: skip
TABLES = {
    "Sound": ("A track of", SOUND),
    "Subtitles": ("A track of", SUBTITLES),
    "What else lies beside the pictures": ("", BESIDE),
    "Pictures": ("", PICTURES),
}


def page() -> str:
    """`docs/formats.md`."""
    lines = [
        "# What goes in and out",
        "",
        "Every line of this page is tried by the tests; `python tests/support/formats.py` writes it.",
        "",
        "Kept sound is copied bit for bit when the whole film is painted. What is not kept is said before a run, and by",
        "`--dry-run`.",
    ]
    names = [f"`{ending}`" if ending else "folder of PNG" for ending in ENDINGS]
    for title, (head, rows) in TABLES.items():
        lines += ["", f"## {title}", "", _row([head, *names]), _row(["---"] * (len(ENDINGS) + 1))]
        lines += [_row([what, *outcomes]) for what, outcomes in rows.items()]
    lines += ["", "## Sources", "", _row(["source", "what is done"]), _row(["---"] * 2)]
    lines += [_row([what, done]) for what, (done, _) in SOURCES.items()]
    return "\n".join(lines) + "\n"


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
