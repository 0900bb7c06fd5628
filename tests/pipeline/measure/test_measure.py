from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from support.clips import QUICK
from support.painting import paint_image
from support.textures import CUT, FRAMES, HEIGHT, PAN, STILL, WIDTH, asked, smooth_noise

from vidstyle.errors import InputError, ProbeError
from vidstyle.options.groups import MotionOptions
from vidstyle.options.style import Style
from vidstyle.options.values import FlowSource


@pytest.fixture(scope="module")
def measure():
    from vidstyle.pipeline.measure.measure import measure_film

    return measure_film


def test_source_as_result_scores_its_own_error(measure, pan):
    figures = measure(pan, pan, options=asked()).figures
    assert figures.warping_error == figures.warping_error_source > 0
    assert figures.warping_error_10 == figures.warping_error_10_source > 0
    assert figures.change == figures.change_source


def test_flicker_scores_the_square_of_its_amplitude(measure, film, still):
    flicker = STILL - 20.0 * (np.arange(FRAMES) % 2)[:, None, None, None]
    figures = measure(still, film("flicker", flicker), options=asked()).figures
    assert figures.warping_error == pytest.approx((20 / 255) ** 2, rel=1e-3)
    assert figures.warping_error_10 == pytest.approx(0, abs=1e-9)  # It is bright at both ends of ten frames.
    assert figures.warping_error_source == figures.warping_error_10_source == 0


def test_slow_drift_shows_ten_frames_apart(measure, film, still):
    creeping = STILL - 2.0 * np.arange(FRAMES)[:, None, None, None]
    figures = measure(still, film("creeping", creeping), options=asked()).figures
    assert figures.warping_error == pytest.approx((2 / 255) ** 2, rel=1e-3)
    assert figures.warping_error_10 == pytest.approx((20 / 255) ** 2, rel=1e-3)


def test_texture_that_moves_with_film_scores_less_than_static_one(measure, film, pan):
    texture = smooth_noise(4, WIDTH + 2 * FRAMES)
    moving = np.stack([texture[:, 2 * index : 2 * index + WIDTH] for index in range(FRAMES)])
    curtain = np.stack([texture[:, :WIDTH]] * FRAMES)
    with_it = measure(pan, film("moving", moving), options=asked()).figures.warping_error
    against_it = measure(pan, film("curtain", curtain), options=asked()).figures.warping_error
    assert against_it > 20 * with_it


def test_drift_is_measured_per_channel_in_levels(measure, film, still):
    drifting = STILL + np.float32([-1, 0, 2]) * np.arange(FRAMES)[:, None, None, None]
    figures = measure(still, film("drifting", drifting), options=asked()).figures
    assert figures.change.drift_levels == pytest.approx((-(FRAMES - 1), 0, 2 * (FRAMES - 1)), abs=1e-3)
    assert figures.change_source.drift_levels == (0, 0, 0)


def test_half_the_contrast_is_a_quarter_of_the_sharpness(measure, film, still):
    contrast = np.linspace(1, 0.5, FRAMES)[:, None, None, None]
    # Rough enough that rounding to levels adds little.
    paling = 128 + (smooth_noise(5, sigma=0.7) - 128) * contrast
    figures = measure(still, film("paling", paling), options=asked()).figures
    assert figures.change.sharpness == pytest.approx(0.25, rel=0.02)
    assert figures.change_source.sharpness == 1


def test_uniform_first_frame_has_no_sharpness_ratio(measure, film, still):
    appearing = np.concatenate([np.full_like(STILL[:1], 90), STILL[1:]])
    assert measure(still, film("appearing", appearing), options=asked()).figures.change.sharpness is None


def test_frames_across_a_cut_are_not_compared(measure, film):
    path = film("cut", CUT)
    measured = measure(path, path, options=asked(cuts="6f"))
    assert [(shot.start, shot.stop) for shot in measured.shots] == [(0, 6), (6, FRAMES)]
    assert measured.figures.warping_error == 0
    assert measured.figures.warping_error_10 is None  # No shot is that long.
    assert measured.figures.change.drift_levels == (0, 0, 0)
    assert measure(path, path, options=asked(cuts="off")).figures.warping_error > 0


def test_late_cut_is_an_error_of_the_second_shot(measure, film):
    late = np.concatenate([CUT[:1], CUT[:-1]])
    first, second = measure(film("cut", CUT), film("late", late), options=asked(cuts="6f")).shots
    assert first.figures.warping_error == 0
    assert second.figures.warping_error > 1e-3
    assert second.figures.warping_error_source == 0


def test_shot_of_one_frame_has_no_metrics(measure, still):
    (shot, *_) = measure(still, still, options=asked(cuts="1f")).shots
    assert shot.figures.warping_error is shot.figures.change is None


def test_source_is_compared_at_size_of_result(measure, film, pan):
    measured = measure(pan, film("small", PAN, size="48x32"), options=asked())
    assert (measured.width, measured.height) == (48, 32)
    assert measured.figures.warping_error < 3 * measured.figures.warping_error_source


def test_result_of_a_part_is_measured_against_that_part(measure, film, pan):
    measured = measure(pan, film("part", PAN[4:9]), options=asked("4f", "9f"))
    assert (measured.start, measured.frames) == (4, 5)
    assert measured.figures.warping_error == measured.figures.warping_error_source


def test_part_of_whole_result_can_be_measured(measure, film, pan):
    blackened = np.concatenate([0 * PAN[:4], PAN[4:9], 0 * PAN[9:]])
    figures = measure(pan, film("blackened", blackened), options=asked("4f", "9f")).figures
    assert figures.warping_error == figures.warping_error_source


@pytest.mark.parametrize(("start", "end", "frames"), [(None, None, FRAMES), ("2f", "9f", 7)])
def test_different_numbers_of_frames_are_refused(measure, film, still, start, end, frames):
    with pytest.raises(
        InputError,
        match=rf"has {frames} frames.* has 5; give the part that was painted",
    ):
        measure(still, film("five", STILL[:5]), options=asked(start, end))


def test_another_crop_of_source_is_refused(measure, film, still):
    with pytest.raises(InputError, match=r"64 x 64 .* 96 x 64, another aspect ratio"):
        measure(still, film("square", STILL[:, :, :64]), options=asked())


def test_stored_aspect_ratio_is_accepted(measure, draw, still):
    wide = draw("wide.mkv", "-i", still, "-vf", "setsar=2", "-c:v", "libx264rgb", "-qp", 0)
    assert measure(wide, still, options=asked()).figures.warping_error == 0


def test_flow_method_is_the_one_asked_for(measure, pan):
    farneback, folder = (
        replace(asked(), motion=MotionOptions(FlowSource.parse(text))) for text in ("farneback", "/nowhere")
    )
    other = measure(pan, pan, options=farneback).figures.warping_error
    assert other != measure(pan, pan, options=asked()).figures.warping_error
    with pytest.raises(InputError, match="'/nowhere' does not exist"):
        measure(pan, pan, options=folder)


def test_files_that_are_not_films_are_refused(measure, still, style, tmp_path):
    with pytest.raises(InputError, match=r"starry\.png' is a photo"):
        measure(still, style)
    (tmp_path / "text.mp4").write_text("not a film")
    with pytest.raises(ProbeError, match=r"text\.mp4"):
        measure(tmp_path / "text.mp4", still)
    with pytest.raises(ProbeError, match="not a readable image"):
        measure(still, still, [tmp_path / "text.mp4"])


def test_style_loss_is_the_painters_own(measure, film, style, painters):
    from vidstyle.media.geometry import FrameSize
    from vidstyle.media.photo.reader import read_photo

    texture = read_photo(style, FrameSize(WIDTH, 72, Fraction(1)))[:HEIGHT]
    levels = np.stack([*[STILL[0]] * 13, 255 * texture])
    path = film("styled", levels)
    measured = measure(path, path, [style], QUICK, painters=painters)
    assert measured.style_frames == 12
    assert measured.style_loss == measured.style_loss_source
    painter = painters.painter(QUICK)
    targets = painters.style(painter, [Style(style)], [FrameSize(96, 72, Fraction(1))])
    plain, styled = (painter.measure(np.rint(image) / np.float32(255), targets) for image in levels[[0, -1]])
    assert styled < plain / 2
    assert measured.style_loss == pytest.approx((11 * plain + styled) / 12, rel=1e-4)
    painted = paint_image(painter, STILL[0] / 255, targets)
    assert painter.measure(painted.image, targets) == pytest.approx(painted.losses["style"], rel=1e-4)


def test_result_too_small_for_network_is_refused_by_name(measure, film, style):
    small = film("tiny", STILL[:3, :8, :8])
    with pytest.raises(InputError, match="8 x 8 pixels"):
        measure(small, small, [style])
