import re
from dataclasses import replace

import av
import pytest
from PIL import Image
from support.clips import H264

from vidstyle.errors import DecodeError, Interrupted
from vidstyle.media.video.image_sequence import list_sequence, probe_sequence
from vidstyle.media.video.integrity import as_interlaced, check_intact
from vidstyle.media.video.probe import probe_video
from vidstyle.media.video.video import Decoder

FIELDS = ("-vf", "tinterlace=interleave_top,setfield=tff", "-flags", "+ildct+ilme")


@pytest.fixture
def broken(clip, tmp_path):
    """A video whose tenth packet has lost its bytes, which its index does not show."""
    data = bytearray(clip.read_bytes())
    with av.open(str(clip)) as container:
        packet = [packet for packet in container.demux(video=0) if packet.size][9]
    data[packet.pos : packet.pos + packet.size] = bytes(packet.size)
    path = tmp_path / "broken.mp4"
    path.write_bytes(data)
    return path


def test_intact_video_is_unchanged(clip):
    video = probe_video(clip)
    assert check_intact(video) is video


def test_bad_packet_is_refused_by_name_with_the_loss_and_the_remedy(broken):
    with pytest.raises(DecodeError, match=r"broken\.mp4' is damaged: .* frames are lost.*--allow-damaged"):
        check_intact(probe_video(broken))


def test_damage_that_is_allowed_passes(broken):
    video = probe_video(broken, allow_damaged=True)
    assert video.damage is not None
    assert check_intact(video) is video


def test_animation_and_sequence_pass_without_being_decoded_again(tmp_path):
    images = [Image.new("RGB", (40, 30), colour) for colour in ("red", "blue")]
    images[0].save(tmp_path / "in.gif", save_all=True, append_images=images[1:])
    (tmp_path / "frames").mkdir()
    for number, image in enumerate(images):
        image.save(tmp_path / "frames" / f"{number}.png")
    animation = probe_video(tmp_path / "in.gif")
    sequence = probe_sequence(tmp_path / "frames", list_sequence(tmp_path / "frames"), animation.rate)
    for video in (animation, sequence):
        gone = replace(video, path=tmp_path / "gone", stills=())
        assert check_intact(gone) is gone


def test_change_of_size_is_refused(draw, tmp_path):
    parts = [
        draw(f"{size}.h264", "-f", "lavfi", "-i", f"testsrc2=s={size}:r=25:d=0.2", *H264)
        for size in ("64x48", "96x64")
    ]
    (tmp_path / "both.h264").write_bytes(b"".join(part.read_bytes() for part in parts))
    with pytest.raises(DecodeError, match=r"both\.h264' changes its size to 96 x 64 midway"):
        check_intact(probe_video(tmp_path / "both.h264"))


def test_video_that_decodes_to_fewer_frames_is_refused(draw, tmp_path):
    source, mpeg2 = ("-f", "lavfi", "-i"), ("-c:v", "mpeg2video")
    whole = draw("whole.mkv", *source, "testsrc2=s=64x48:r=25:d=0.2", *mpeg2)
    fields = draw("fields.mkv", *source, "testsrc2=s=64x48:r=50:d=0.2", *FIELDS, *mpeg2)
    parts = tmp_path / "parts.txt"
    parts.write_text(f"file {whole}\nfile {fields}\n")
    video = probe_video(draw("both.mkv", "-f", "concat", "-safe", 0, "-i", parts, "-c", "copy"))
    with pytest.raises(DecodeError, match=r"both\.mkv' gives only 9 of its 10 frames; .*--allow-damaged"):
        check_intact(video)


def test_late_interlaced_frame_marks_the_video(draw, tmp_path):
    moving = "color=s=64x48:r=50:d=0.4,format=gray,geq=lum='255*lt(mod(X+4*N,32),16)'"
    encoder = ("-pix_fmt", "yuv420p", "-c:v", "mpeg2video", "-q:v", 2, "-bf", 0)
    data = bytearray(draw("in.mkv", "-f", "lavfi", "-i", moving, *FIELDS, *encoder).read_bytes())
    headers = [found.start() for found in re.finditer(rb"\x00\x00\x01\xb5[\x80-\x8f]", data)]
    for start in headers[:4]:
        data[start + 8] |= 0x80  # progressive_frame of the picture coding extension, ISO/IEC 13818-2.
    (tmp_path / "late.mkv").write_bytes(data)
    video = probe_video(tmp_path / "late.mkv")
    assert (video.interlaced, video.decoder) == (False, Decoder.OPENCV)
    marked = check_intact(video)
    assert marked == as_interlaced(video)
    assert (marked.interlaced, marked.decoder) == (True, Decoder.PYAV)


def test_check_can_be_stopped(clip):
    with pytest.raises(Interrupted):
        check_intact(probe_video(clip), should_stop=lambda: True)
