from dataclasses import replace
from fractions import Fraction

import av
import numpy as np
import pytest
from PIL import Image
from support.clips import H264

from vidstyle.errors import InputError
from vidstyle.media.encode.animations import check_gif_delays
from vidstyle.media.video.probe import probe_video
from vidstyle.options.media import EncodeOptions

ENDINGS = [".gif", ".webp", ".apng"]
PATCHES = "color=red:s=32x24:r={0}:d={1}[a];color=lime:s=32x24:r={0}:d={1},hue=h=20*n[b];[a][b]hstack"


@pytest.fixture(params=ENDINGS)
def ending(request):
    return request.param


def changing(draw, rate, seconds, *more):
    return draw(
        f"changing{rate}.mp4", "-filter_complex", PATCHES.format(rate, seconds) + "".join(more), *H264
    )


def test_animation_keeps_a_constant_rate(draw, copy, ending):
    result = probe_video(copy(changing(draw, 25, 0.4), f"out{ending}"))
    assert (result.frames, result.rate, result.variable, result.duration) == (10, 25, False, Fraction(2, 5))


def test_rates_of_fractional_ticks_do_not_drift(draw, copy, ending):
    result = probe_video(copy(changing(draw, 30, 2), f"out{ending}"))
    assert result.frames == 60
    assert max(abs(stamp - Fraction(i, 30)) for i, stamp in enumerate(result.timestamps)) <= Fraction(1, 100)
    assert abs(result.duration - 2) <= Fraction(1, 100)


def test_delays_are_kept_including_the_last(tmp_path, copy, ending):
    source = tmp_path / "in.gif"
    images = [Image.new("RGB", (64, 48), colour) for colour in ("red", "lime", "blue", "white")]
    images[0].save(source, save_all=True, append_images=images[1:], duration=[100, 500, 50, 1000])
    result = probe_video(copy(source, f"out{ending}"))
    assert result.timestamps == probe_video(source).timestamps
    assert result.duration == Fraction(165, 100)


def test_animation_keeps_colours(draw, copy, ending):
    with Image.open(copy(changing(draw, 25, 0.4), f"out{ending}")) as image:
        shown = np.asarray(image.convert("RGB"), int)[12, [16, 48]]
    assert np.abs(shown - [[255, 0, 0], [0, 255, 0]]).max() <= 6


def test_plain_colour_of_a_gif_keeps_its_level(tmp_path, copy):
    source = tmp_path / "in.gif"
    images = [Image.new("RGB", (64, 48), colour) for colour in ((200, 90, 13), (60, 129, 200))]
    images[0].save(source, save_all=True, append_images=images[1:], duration=100)
    with Image.open(copy(source, "out.gif")) as result:
        for index, colour in enumerate(((200, 90, 13), (60, 129, 200))):
            result.seek(index)
            assert result.convert("RGB").getcolors() == [(64 * 48, colour)]


def test_animation_keeps_transparency(tmp_path, copy, ending):
    source = tmp_path / "in.gif"
    images = [Image.new("RGBA", (64, 48), colour) for colour in ("red", "blue")]
    for image in images:
        image.paste((0, 0, 0, 0), (4, 4, 20, 20))
    images[0].save(source, save_all=True, append_images=images[1:], duration=[100, 200], disposal=2)
    video = probe_video(source)
    assert video.alpha
    result = copy(source, f"out{ending}", keeps_alpha=True)
    with Image.open(result) as image:
        for index, colour in enumerate([(255, 0, 0), (0, 0, 255)]):
            image.seek(index)
            pixels = np.asarray(image.convert("RGBA"), int)[[12, 40], [12, 40]]
            assert pixels[0, 3] == 0
            assert np.abs(pixels[1] - [*colour, 255]).max() <= 4


def test_animation_may_have_odd_sizes(draw, copy, ending):
    source = draw("odd.mkv", "-f", "lavfi", "-i", "testsrc=s=61x47:r=10:d=0.5", "-c:v", "ffv1")
    result = probe_video(copy(source, f"out{ending}", even=False))
    assert (result.width, result.height) == (61, 47)


def test_delays_that_gif_cannot_represent_are_refused(draw):
    quick, slow = (probe_video(changing(draw, rate, 0.4)) for rate in (60, 50))
    with pytest.raises(InputError, match=r"more than 50 frames per second, .*; add --fps 25"):
        check_gif_delays(quick)
    check_gif_delays(slow)
    with pytest.raises(InputError, match="a frame that lasts 1000 s, and GIF allows at most 655 s"):
        check_gif_delays(replace(slow, variable=True, last=Fraction(1000)))


@pytest.mark.parametrize(("depth", "kind"), [(8, "rgb24"), (16, "rgb48be")])
def test_folder_has_one_file_per_frame(draw, copy, depth, kind):
    folder = copy(changing(draw, 25, 0.4), "frames", 2, 7, encode=EncodeOptions(bit_depth=depth))
    files = sorted(folder.iterdir())
    assert [file.name for file in files] == [f"{number:06}.png" for number in range(1, 6)]
    with av.open(str(files[0])) as container:
        frame = next(container.decode(video=0))
        assert (frame.format.name, frame.width, frame.height) == (kind, 64, 24)
