from fractions import Fraction

import av
import cv2
import numpy as np
import pytest

from vidstyle.errors import Interrupted
from vidstyle.media.encode.alpha import add_alpha
from vidstyle.media.encode.segment import Segment
from vidstyle.media.encode.writer import write_film
from vidstyle.media.frame_png import write_frame
from vidstyle.media.video.probe import FrameSize, probe_video
from vidstyle.options.media import EncodeOptions

SIZE = FrameSize(64, 48, Fraction(1))


@pytest.fixture
def ghost(draw):
    """A film of 5 frames, transparent to the left and half so to the right."""
    half = "color=red:s=64x48:r=25:d=0.2,format=rgba,geq=r=255:g=0:b=0:a='if(lt(X,32),0,128)'"
    film = probe_video(draw("ghost.mkv", "-f", "lavfi", "-i", half, "-c:v", "ffv1", "-pix_fmt", "bgra"))
    return type(film)(**{**vars(film), "keeps_alpha": True})


@pytest.fixture
def painted(tmp_path):
    folder = tmp_path / "painted"
    folder.mkdir()
    for index in range(5):
        write_frame(folder / f"{index:06d}.png", np.full((48, 64, 3), (0.2, 0.4, 0.6), np.float32))
    return folder


def test_painted_frames_get_the_sources_transparency(ghost, painted, tmp_path):
    add_alpha(painted, Segment(ghost, 1, 3), SIZE, tmp_path)
    assert sorted(path.name for path in tmp_path.glob("*.png")) == ["000001.png", "000002.png"]
    image = cv2.imread(str(tmp_path / "000001.png"), cv2.IMREAD_UNCHANGED)[..., [2, 1, 0, 3]] / 65535
    assert image[24, 56] == pytest.approx([0.2, 0.4, 0.6, 128 / 255], abs=0.001)
    assert image[24, 8, 3] == 0


def test_adding_alpha_stops_on_request(ghost, painted, tmp_path):
    with pytest.raises(Interrupted):
        add_alpha(painted, Segment(ghost, 0, 5), SIZE, tmp_path, should_stop=lambda: True)


@pytest.mark.parametrize(("name", "codec"), [("out.webm", None), ("out.mov", "prores"), ("out.mkv", "ffv1")])
def test_containers_with_alpha_keep_it(ghost, painted, tmp_path, name, codec):
    write_film(painted, tmp_path / name, ghost, SIZE, 0, 5, encode=EncodeOptions(codec=codec))
    written = probe_video(tmp_path / name)
    assert written.alpha
    add_alpha(painted, Segment(written, 0, 1), SIZE, tmp_path)
    image = cv2.imread(str(tmp_path / "000000.png"), cv2.IMREAD_UNCHANGED) / 65535
    assert image[24, [8, 56], 3] == pytest.approx([0, 0.5], abs=0.02)
    with av.open(str(tmp_path / name)) as container:
        assert sum(1 for _ in container.decode(video=0)) == 5
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []
