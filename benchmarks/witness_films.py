"""Comparison of films before and after, as described by ffprobe, which has no part in vidstyle.

    VIDSTYLE_FFPROBE=ffprobe python witness_films.py FILM [FILM ...] [--to .mp4 .mkv ...] [--size N]
        [--json FILE]

Each film is copied frame by frame (`--painter none`) into each container, and ffprobe reports of source and
result how long the frames last, their rate and aspect, when sound begins relative to them, which streams
there are, and the metadata of the file. Sound with the source's codec is decoded by ffmpeg from both, and
compared sample by sample. One row per film and container; a difference is written `before -> after`, `=` is
none.
"""

import argparse
import json
import os
import subprocess
import tempfile
from fractions import Fraction
from pathlib import Path

import imageio.v3 as iio
import numpy as np

import vidstyle
from vidstyle.errors import quoted
from vidstyle.events import Notice
from vidstyle.media.encode.ffmpeg import binary

PROBE = os.environ.get("VIDSTYLE_FFPROBE", "ffprobe")
# Tags that describe the file, not the film.
OWN = {"encoder", "major_brand", "minor_version", "compatible_brands", "creation_time", "duration",
       "handler_name", "vendor_id"}  # fmt: skip
COLUMNS = ("film", "to", "frames", "length, s", "rate", "shape", "sound begins, ms", "streams", "samples",
           "tags", "said")  # fmt: skip


def probed(path):
    words = ["-v", "error", "-of", "json", "-show_streams", "-show_format", "-show_chapters"]
    return json.loads(subprocess.run([PROBE, *words, path], check=True, capture_output=True).stdout)


def shown(path, stream):
    """Find when each frame is shown, and how long, by decoding: packets of AVI do not say."""
    entries = "frame=best_effort_timestamp_time,pkt_duration_time"
    words = ["-v", "error", "-of", "json", "-select_streams", str(stream), "-show_entries", entries]
    found = json.loads(subprocess.run([PROBE, *words, path], check=True, capture_output=True).stdout)[
        "frames"
    ]
    moments = [
        (frame.get("best_effort_timestamp_time"), frame.get("pkt_duration_time", 0)) for frame in found
    ]
    return [(float(moment), float(stays)) for moment, stays in moments if moment is not None]


def first_heard(path, track):
    """Find when the first sound is heard that decoders do not leave out, by ffmpeg."""
    words = [
        "-v",
        "error",
        "-copyts",
        "-i",
        path,
        "-map",
        f"0:a:{track}",
        "-frames:a",
        "1",
        "-f",
        "framecrc",
        "-",
    ]
    said = subprocess.run([binary(), *words], check=True, capture_output=True, text=True).stdout
    base = next(Fraction(line.split()[-1]) for line in said.splitlines() if line.startswith("#tb"))
    return next((float(int(line.split(",")[2]) * base) for line in said.splitlines() if line[0] != "#"), 0.0)


def decoded(path, track):
    """Decode all samples of a track, [samples, channels]."""
    words = ["-v", "error", "-i", path, "-map", f"0:a:{track}", "-f", "f32le", "-c:a", "pcm_f32le", "-"]
    return np.frombuffer(
        subprocess.run([binary(), *words], check=True, capture_output=True).stdout, np.float32
    )


def compared(before, after):
    """Say how far two sounds differ, where they are most alike within a block of AAC."""
    shift = min(range(-2048, 2049), key=lambda s: apart(before, after, s)) if apart(before, after, 0) else 0
    same = f"{len(before)} {against(len(before), len(after))}, apart {apart(before, after, shift):g}"
    return f"{same}, shifted by {shift}" if shift else same


def apart(before, after, shift):
    a, b = before[max(0, shift) :], after[max(0, -shift) :]
    return float(np.abs(a[: len(b)] - b[: len(a)]).max(initial=0))


def witnessed(path):
    """Describe a film by ffprobe."""
    said = probed(path)
    streams = said["streams"]
    picture = next(s for s in streams if s["codec_type"] == "video" and not s["disposition"]["attached_pic"])
    times = shown(path, picture["index"])
    begin, (last, stays) = times[0][0], times[-1]
    # Of some films it names no duration of a packet.
    stays = stays or float(1 / Fraction(picture["avg_frame_rate"]))
    turned = any(abs(int(d.get("rotation", 0))) % 180 == 90 for d in picture.get("side_data_list", []))
    aspect = Fraction(picture.get("sample_aspect_ratio", "1:1").replace(":", "/").replace("0/1", "1"))
    shape = Fraction(picture["width"], picture["height"]) * aspect
    sounds = [s for s in streams if s["codec_type"] == "audio"]
    starts = [first_heard(path, track) for track, _ in enumerate(sounds)]
    return {
        "frames": len(times),
        "length": last + stays - begin,
        "rate": picture["avg_frame_rate"],
        "shape": float(1 / shape if turned else shape),
        "begins": [round(1000 * (start - begin), 1) for start in starts],
        "streams": sorted(name(s) for s in streams if s is not picture),
        "sounds": [s.get("codec_name") for s in sounds],
        "height": picture["height"],
        "chapters": len(said["chapters"]),
        "tags": {k.lower(): v for k, v in said["format"].get("tags", {}).items() if k.lower() not in OWN},
    }


def name(stream):
    flags = [
        flag
        for flag in ("default", "forced", "comment", "hearing_impaired", "attached_pic")
        if stream["disposition"][flag]
    ]
    language = stream.get("tags", {}).get("language", "und")
    return " ".join(
        [stream["codec_type"][0], stream.get("codec_name", stream["codec_tag_string"]), language, *flags]
    )


def against(before, after, *, close=0.0):
    same = before == after or (isinstance(before, float) and abs(before - after) <= close)
    return "=" if same else f"{before} -> {after}"


def row(film, ending, folder, size):
    out = folder / f"{film.stem}{ending}"
    style = folder / "style.png"
    iio.imwrite(style, np.full((64, 64, 3), (255, 0, 0), np.uint8))
    out.unlink(missing_ok=True)
    said = []
    options = vidstyle.Options(
        painter=vidstyle.PainterKind.NONE,
        source=vidstyle.SourceOptions(size=vidstyle.Size.parse(size), cuts=vidstyle.Cuts(())),
    )
    try:
        vidstyle.stylize(film, style, out, options=options, observer=said.append)
    except vidstyle.VidstyleError as exc:
        return dict(zip(COLUMNS, [film.name, ending, *["-"] * 8, f"refused: {exc}"], strict=True))
    notes = "; ".join(
        event.message.removeprefix(f"{quoted(film)}: ") for event in said if isinstance(event, Notice)
    )
    before, after = witnessed(film), witnessed(out)
    frame = before["length"] / max(1, before["frames"])
    samples = []
    for track, codecs in enumerate(zip(before["sounds"], after["sounds"], strict=False)):
        if codecs[0] != codecs[1]:
            samples.append(f"{codecs[0]} -> {codecs[1]}")
            continue
        samples.append(compared(decoded(film, track), decoded(out, track)))
    streams = [f"-{s}" for s in before["streams"] if s not in after["streams"]]
    streams += [f"+{s}" for s in after["streams"] if s not in before["streams"]]
    streams += [f"chapters {before['chapters']} -> {after['chapters']}"] * (
        before["chapters"] != after["chapters"]
    )
    tags = [
        f"{k}: {against(before['tags'].get(k), after['tags'].get(k))}"
        for k in before["tags"] | after["tags"]
        if before["tags"].get(k) != after["tags"].get(k)
    ]
    shape = against(before["shape"], after["shape"], close=before["shape"] / after["height"])
    cells = [
        film.name, ending, against(before["frames"], after["frames"]),
        f"{before['length']:.3f} {against(before['length'], after['length'], close=frame)}",
        f"{before['rate']} {against(before['rate'], after['rate'])}",
        f"{before['shape']:.4f} {shape}",
        f"{before['begins']} {against(before['begins'], after['begins'])}",
        f"{len(before['streams'])} {', '.join(streams) or '='}", "; ".join(samples), "; ".join(tags) or "=",
        notes,
    ]  # fmt: skip
    return dict(zip(COLUMNS, cells, strict=True))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("films", nargs="+", type=Path)
    parser.add_argument("--to", nargs="+", default=[".mp4", ".mkv"])
    parser.add_argument("--size", default="full")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--keep", type=Path, help="folder that keeps the results")
    asked = parser.parse_args()
    rows = []
    print(f"| {' | '.join(COLUMNS)} |\n|{'---|' * len(COLUMNS)}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        for film in asked.films:
            for ending in asked.to:
                rows.append(row(film, ending, asked.keep or Path(folder), asked.size))
                print(f"| {' | '.join(rows[-1].values())} |", flush=True)
    if asked.json:
        asked.json.write_text(json.dumps(rows, indent=1), "utf-8")


if __name__ == "__main__":
    main()
