import os
from fractions import Fraction

import numpy as np
import pytest
from PIL import Image
from support.clips import CORNERS, H264

from vidstyle.errors import ProbeError
from vidstyle.media.video.probe import Kind, kind_of, probe_video
from vidstyle.options.values import Time

SOUND = ("-f", "lavfi", "-i", "sine=d=1:r=48000")


def test_plain_video_is_described(clip):
    video = probe_video(clip)
    assert (video.width, video.height, video.frames, video.rate) == (64, 48, 25, 25)
    assert video.timestamps == tuple(Fraction(i, 25) for i in range(25))
    assert (video.duration, video.offset, video.variable, video.rotation) == (1, 0, False, 0)
    assert video.audio == ("aac",)
    assert [str(stream) for stream in video.streams] == ["audio (aac)"]


@pytest.mark.parametrize(("turn", "clockwise"), [(90, 270), (180, 180), (270, 90)])
def test_rotation_exchanges_sides_and_pixel_aspect(draw, turn, clockwise):
    flat = draw("sar.mp4", "-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=0.2,setsar=4/3", *H264)
    video = probe_video(draw(f"sar{turn}.mp4", "-display_rotation", turn, "-i", flat, "-c", "copy"))
    assert video.rotation == clockwise
    upright = (64, 48, Fraction(4, 3)) if turn == 180 else (48, 64, Fraction(3, 4))
    assert (video.width, video.height, video.pixel_aspect) == upright


def test_mirroring_is_not_a_rotation(draw):
    flat = draw("corners.mp4", "-filter_complex", CORNERS, *H264)
    video = probe_video(draw("mirrored.mp4", "-display_hflip", "-i", flat, "-c", "copy"))
    assert (video.rotation, video.mirrored) == (0, True)


def test_audio_with_a_cover_is_not_a_video(draw):
    cover = ("-f", "lavfi", "-i", "testsrc2=s=64x48:d=0.04")
    attached = ("-map", 0, "-map", 1, "-c:v", "png", "-disposition:v", "attached_pic")
    path = draw("cover.mp3", *SOUND, *cover, *attached)
    for probe in (probe_video, kind_of):
        with pytest.raises(ProbeError, match="no video stream"):
            probe(path)
    with pytest.raises(ProbeError, match="no video stream"):
        probe_video(draw("sound.wav", *SOUND))


@pytest.mark.parametrize("probe", [probe_video, kind_of])
def test_other_files_are_refused_by_name(probe, tmp_path):
    (tmp_path / "empty.mp4").touch()
    (tmp_path / "text.mp4").write_text("This is a text.\n")
    (tmp_path / "noise.mp4").write_bytes(np.random.default_rng(0).bytes(5000))
    os.mkfifo(tmp_path / "pipe.mp4")
    for name, words in {
        "missing.mp4": "No such file",
        "empty.mp4": "is empty",
        "text.mp4": "not a video or photo",
        "noise.mp4": "not a video or photo",
        "pipe.mp4": "pipe or a device",
        ".": "is a folder",
        "http:/x/y.mp4": "No such file",
    }.items():
        with pytest.raises(ProbeError, match=words):
            probe(tmp_path / name)


@pytest.mark.parametrize(
    "text",
    ["ffconcat version 1.0\nfile {}\n", "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{}\n#EXT-X-ENDLIST\n"],
)
def test_lists_that_open_other_files_are_refused(text, clip, tmp_path):
    for name in ("list.mp4", "list.m3u8", "list.ffconcat"):
        (tmp_path / "other.mp4").write_bytes(clip.read_bytes())
        (tmp_path / name).write_text(text.format("other.mp4"))
        with pytest.raises(ProbeError, match="not a video"):
            probe_video(tmp_path / name)


def test_odd_names_are_read(clip, tmp_path):
    names = [
        b"50%d.mp4",
        b"a:b.mp4",
        b"-x.mp4",
        b"new\nline.mp4",
        "\u96ea '\".mp4".encode(),
        b"\xff\xfe.mp4",
        b"x" * 251 + b".mp4",
    ]
    for name in names:
        path = tmp_path / os.fsdecode(name)
        path.write_bytes(clip.read_bytes())
        assert probe_video(path).frames == 25
        assert kind_of(path) is Kind.FILM


def test_photo_and_video_are_distinguished_by_content(clip, tmp_path):
    image = Image.new("RGB", (8, 8))
    image.save(tmp_path / "photo.mp4", "JPEG")
    image.save(tmp_path / "phone.jpg", "MPO", save_all=True, append_images=[image])
    assert kind_of(tmp_path / "photo.mp4") is Kind.PHOTO
    assert kind_of(tmp_path / "phone.jpg") is Kind.PHOTO
    video = tmp_path / "video.jpg"
    video.write_bytes(clip.read_bytes())
    assert kind_of(video) is Kind.FILM


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_animation_is_a_video_and_single_image_a_photo(kind, tmp_path):
    images = [Image.new("RGB", (8, 8), color) for color in ("red", "blue")]
    path = tmp_path / f"animated.{kind.lower()}"
    images[0].save(path, kind, save_all=True, append_images=images[1:])
    assert kind_of(path) is Kind.FILM
    assert probe_video(path).frames == 2
    images[0].save(path, kind)
    assert kind_of(path) is Kind.PHOTO


def test_time_is_the_first_frame_at_or_after_it(variable):
    video = probe_video(variable)
    assert [video.index_at(Time.parse(text)) for text in ("0", "0.01", "1", "7f", "60")] == [0, 1, 1, 7, 32]
