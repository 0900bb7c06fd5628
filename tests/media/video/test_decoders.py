"""One contract for all decoders: the same frames, whatever reads them."""

import os
import re
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from PIL import Image

from vidstyle.errors import InputError
from vidstyle.media.geometry import FrameSize, fit
from vidstyle.media.video.decoders import DECODERS, open_decoder, try_decoder
from vidstyle.media.video.image_sequence import list_sequence, probe_sequence
from vidstyle.media.video.probe import probe_video
from vidstyle.media.video.reader import VideoReader
from vidstyle.media.video.video import Decoder

COUNT, HEIGHT, WIDTH = 6, 48, 64
RED, LIME, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)
FULL_SIZE = FrameSize(WIDTH, HEIGHT, Fraction(1))


def grey_of(index):
    return 20 + 40 * index


def levels():
    """Frames [N, H, W, 3] of a grey that tells their index, each corner of another colour."""
    frames = np.empty((COUNT, HEIGHT, WIDTH, 3), np.uint8)
    for index in range(COUNT):
        frames[index] = grey_of(index)
    frames[:, :12, :16], frames[:, :12, -16:] = RED, LIME
    frames[:, -12:, :16], frames[:, -12:, -16:] = BLUE, WHITE
    return frames


def encode(path, frames, *encoder):
    from vidstyle.media.encode.ffmpeg import run

    raw = path.with_suffix(".rgb")
    raw.write_bytes(frames.tobytes())
    _, height, width, _ = frames.shape
    size = ("-s", f"{width}x{height}", "-r", 25)
    run(["-f", "rawvideo", "-pix_fmt", "rgb24", *size, "-i", raw, *encoder, path], what="encode")
    return path


def animate(path, frames):
    first, *others = map(Image.fromarray, frames)
    first.save(path, save_all=True, append_images=others, duration=[40, 80] * 3, lossless=True)
    return path


def probed_sequence(folder):
    return probe_sequence(folder, list_sequence(folder), Fraction(25))


def write_sequence(folder, frames, **options):
    for index, frame in enumerate(frames):
        Image.fromarray(frame).save(folder / f"frame{index:03}.png", **options)
    return probed_sequence(folder)


LOSSLESS = ("-c:v", "libx264rgb", "-preset", "ultrafast", "-qp", 0, "-bf", 2)
TEN_BITS = ("-c:v", "ffv1", "-pix_fmt", "gbrp10le")
SOURCES = {
    "opencv": (Decoder.OPENCV, lambda folder: probe_video(encode(folder / "in.mkv", levels(), *LOSSLESS))),
    "pyav": (Decoder.PYAV, lambda folder: probe_video(encode(folder / "in.mkv", levels(), *TEN_BITS))),
    "gif": (Decoder.PILLOW, lambda folder: probe_video(animate(folder / "in.gif", levels()))),
    "webp": (Decoder.PILLOW, lambda folder: probe_video(animate(folder / "in.webp", levels()))),
    "png": (Decoder.PILLOW, lambda folder: probe_video(animate(folder / "in.png", levels()))),
    "sequence": (Decoder.IMAGE_SEQUENCE, lambda folder: write_sequence(folder, levels())),
}


@pytest.fixture(scope="module", params=SOURCES)
def source(request, tmp_path_factory):
    expected, make = SOURCES[request.param]
    return expected, make(tmp_path_factory.mktemp(request.param))


@pytest.fixture
def video(source):
    return source[1]


@pytest.fixture
def decoder(video):
    opened = open_decoder(video)
    yield opened
    opened.release()


def decode_all(decoder):
    frames = []
    while decoder.grab():
        frames.append(decoder.retrieve())
    return frames


def read(video, frame=FULL_SIZE, *bounds):
    with VideoReader(video, frame, *bounds) as reader:
        return list(reader)


def assert_corners(image, *expected, atol=1.0):
    corners = [image[y, x] * 255 for y in (4, -4) for x in (4, -4)]
    np.testing.assert_allclose(corners, expected, atol=atol)


def assert_grey(image, index):
    """The image is the frame of that index."""
    np.testing.assert_allclose(image[24, 32] * 255, [grey_of(index)] * 3, atol=1)


def files_of(video):
    return video.stills or (video.path,)


def is_open(path):
    """Tell whether any descriptor of this process is of a file."""
    status = path.stat()
    for descriptor in range(3, 1024):
        try:
            if os.path.samestat(os.fstat(descriptor), status):
                return True
        except OSError:
            continue
    return False


def test_every_decoder_is_in_the_table_and_in_this_suite():
    assert set(DECODERS) == set(Decoder) == {expected for expected, _ in SOURCES.values()}


def test_probe_selects_the_decoder(source):
    expected, video = source
    assert video.decoder is expected


def test_frame_count_is_that_of_the_video(video, decoder):
    assert len(decode_all(decoder)) == video.frames == COUNT


def test_frames_are_float32_rgb_in_unit_range(decoder):
    for image in decode_all(decoder):
        assert (image.shape, image.dtype.name) == ((HEIGHT, WIDTH, 3), "float32")
        assert image.min() == 0
        assert 0.995 < image.max() <= 1


def test_frames_are_in_display_order(decoder):
    for index, image in enumerate(decode_all(decoder)):
        assert_grey(image, index)


def test_frames_are_upright_and_their_channels_are_in_order(decoder):
    for image in decode_all(decoder):
        assert_corners(image, RED, LIME, BLUE, WHITE)


def test_skipped_frames_need_no_conversion(decoder):
    for _ in range(4):
        assert decoder.grab()
    assert_grey(decoder.retrieve(), 3)


def test_end_of_stream_is_reported_every_time(decoder):
    decode_all(decoder)
    assert [decoder.grab() for _ in range(3)] == [False] * 3


@pytest.mark.parametrize("bounds", [(2, 5), (5, 6), (3, None), (COUNT, COUNT)])
def test_range_gives_the_same_frames_as_the_whole(video, bounds):
    expected = read(video)[slice(*bounds)]
    assert np.array_equal(read(video, FULL_SIZE, *bounds), expected)


def test_frames_are_resized(video):
    frames = read(video, fit(WIDTH, HEIGHT, Fraction(1), 32, even=True))
    assert {image.shape for image in frames} == {(24, 32, 3)}
    assert_corners(frames[0], RED, LIME, BLUE, WHITE)


def test_frames_may_be_shown_twice_or_not_at_all(video):
    picked = replace(video, picks=(0, 0, 3, 5), timestamps=tuple(Fraction(i) for i in range(4)))
    whole = read(video)
    assert np.array_equal(read(picked), [whole[index] for index in picked.picks])


def test_release_closes_the_files(video):
    with files_of(video)[0].open("rb"):
        assert is_open(files_of(video)[0])
    decoder = open_decoder(video)
    assert decoder.grab()
    decoder.retrieve()
    decoder.release()
    assert not any(map(is_open, files_of(video)))


def damaged(video, folder):
    """Cut the file short, or that of frame 3, as if that had happened after it was probed."""
    original = video.stills[3] if video.stills else video.path
    cut = folder / original.name
    data = original.read_bytes()
    cut.write_bytes(data[: len(data) * 6 // 10])
    if video.stills:
        return replace(video, stills=(*video.stills[:3], cut, *video.stills[4:])), cut
    return replace(video, path=cut), cut


def test_damaged_frame_is_refused_by_name(video, tmp_path):
    cut_short, file = damaged(video, tmp_path)
    with pytest.raises(InputError, match=re.escape(str(file))):
        read(cut_short)
    assert not is_open(file)


def rotated_by_container(folder, encoder, name):
    from vidstyle.media.encode.ffmpeg import run

    flat, turned = encode(folder / f"flat-{name}", levels(), *encoder), folder / name
    run(["-display_rotation", 270, "-i", flat, "-c", "copy", turned], what="rotate")
    return probe_video(turned)


def rotated_by_exif(folder):
    exif = Image.Exif()
    exif[0x0112] = 6  # To be rotated by 90 degrees clockwise.
    return write_sequence(folder, levels(), exif=exif)


PRORES = ("-c:v", "prores_ks", "-profile:v", 4, "-qscale:v", 1, "-pix_fmt", "yuv444p10le")


@pytest.mark.parametrize(
    ("expected", "make"),
    [
        (Decoder.OPENCV, lambda folder: rotated_by_container(folder, LOSSLESS, "turned.mp4")),
        (Decoder.PYAV, lambda folder: rotated_by_container(folder, PRORES, "turned.mov")),
        (Decoder.IMAGE_SEQUENCE, rotated_by_exif),
    ],
    ids=["opencv", "pyav", "sequence"],
)
def test_source_that_is_stored_rotated_is_read_upright(expected, make, tmp_path):
    video = make(tmp_path)
    assert (video.decoder, video.width, video.height) == (expected, HEIGHT, WIDTH)
    for image in read(video, FrameSize(HEIGHT, WIDTH, Fraction(1))):
        assert_corners(image, BLUE, RED, WHITE, LIME, atol=6)


def test_decoder_is_tried_without_a_trace(video):
    assert try_decoder(video) is None


def test_file_that_vanishes_is_refused_when_its_decoder_is_tried(tmp_path):
    path = encode(tmp_path / "in.mkv", levels(), *LOSSLESS)
    probed = probe_video(path)
    path.unlink()
    with pytest.raises(InputError, match=re.escape(str(path))):
        try_decoder(probed)
