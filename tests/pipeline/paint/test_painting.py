from dataclasses import replace

import cv2
import numpy as np
from PIL import Image
from support.clips import QUICK, STARRY

from vidstyle import stylize
from vidstyle.media.frame_png import write_frame
from vidstyle.options.groups import PaintOptions, SourceOptions
from vidstyle.options.values import Cuts
from vidstyle.pipeline.paint.recorder import resumed
from vidstyle.pipeline.results import FrameMetrics
from vidstyle.pipeline.work.frame_store import Record


def test_figures_of_a_frame_that_was_painted_before_come_from_its_record():
    figures = FrameMetrics(3, False, 7, 1, 0.5, None, 0.25, 0.125)
    again = resumed(Record(3, 0, figures.as_dict(), {}))
    assert again.resumed
    assert (again.index, again.iterations, again.warping_error) == (3, 7, 0.25)


def likeness(image, source, part):
    """Correlation of what a part of two pictures [H, W, 3] shows in lightness."""
    return np.corrcoef(image[part].mean(axis=-1).ravel(), source[part].mean(axis=-1).ravel())[0, 1]


def test_dark_thing_that_comes_into_view_is_still_to_be_seen_in_the_painting(tmp_path):
    draw = np.random.default_rng(1)
    ground = cv2.resize(draw.random((8, 12, 3), np.float32), (96, 64), interpolation=cv2.INTER_CUBIC)
    # With grain, or the frames would be held.
    frames = [0.3 + 0.4 * ground + draw.normal(0, 0.004, (64, 96, 3)).astype(np.float32) for _ in range(4)]
    for frame in frames[1:]:
        frame[20:46, 40:52] = 0.08
    paint = PaintOptions(first_iterations=12, iterations=8)
    options = replace(QUICK, paint=paint, source=SourceOptions(cuts=Cuts(())))

    def painted(name, images):
        folder = tmp_path / name
        folder.mkdir()
        for index, image in enumerate(images):
            write_frame(folder / f"{index}.png", np.clip(image, 0, 1))
        stylize(folder / "%d.png", STARRY, tmp_path / f"{name}-painted", options=options)
        last = max((tmp_path / f"{name}-painted").glob("*.png"))
        return np.asarray(Image.open(last).convert("RGB"), np.float32)

    around = np.s_[14:52, 30:62]
    alone = likeness(painted("alone", frames[-1:]), frames[-1], around)
    carried = likeness(painted("film", frames), frames[-1], around)
    assert alone > 0.5
    assert carried > 0.85 * alone
