import dataclasses
from fractions import Fraction

import numpy as np
from PIL import Image
from support.clips import COPIED, QUICK

from vidstyle.options.groups import MotionOptions, SourceOptions
from vidstyle.options.values import Size, Time
from vidstyle.pipeline.estimate.weigh import weigh
from vidstyle.pipeline.plan.jobs import plan


def weighed(path, style, folder, options):
    return weigh(plan([path], [style], folder / f"out{path.suffix}", options)[0])


def test_a_photo_weighs_its_pixels_and_iterations(tmp_path, style):
    Image.fromarray(np.zeros((30, 40, 3), np.uint8)).save(tmp_path / "in.png")
    assert weighed(tmp_path / "in.png", style, tmp_path, QUICK) == 40 * 30 * 3
    small = dataclasses.replace(QUICK, source=SourceOptions(Size(20)))
    assert weighed(tmp_path / "in.png", style, tmp_path, small) == 20 * 15 * 3


def test_a_film_weighs_its_frames(tmp_path, style, short):
    assert weighed(short, style, tmp_path, QUICK) == 48 * 32 * (3 + 5 * 2)
    assert weighed(short, style, tmp_path, COPIED) == 48 * 32 * 6
    again = dataclasses.replace(QUICK, motion=MotionOptions(passes=2))
    assert weighed(short, style, tmp_path, again) == 48 * 32 * (3 + 5 * 2 + 6 * 2)
    part = dataclasses.replace(
        COPIED, source=SourceOptions(start=Time(frame=2), end=Time(seconds=Fraction(2, 15)))
    )
    assert weighed(short, style, tmp_path, part) == 48 * 32 * 2


def test_what_is_there_already_weighs_nothing(tmp_path, style, short):
    (tmp_path / "out.mp4").touch()
    assert weighed(short, style, tmp_path, COPIED) == 0
