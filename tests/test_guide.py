from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from conftest import QUICK

from vidstyle.media.palettes import grey, palette_of
from vidstyle.options import Colors, Init, StyleOptions
from vidstyle.pipeline.guide import guide_of
from vidstyle.pipeline.jobs import plan
from vidstyle.pipeline.survey import survey

FRAMES = np.random.default_rng(6).random((6, 32, 48, 3), np.float32)


class Studio:
    """Notes how styles are looked at."""

    def style(self, painter, styles, sizes, look):
        self.asked = painter, styles, sizes
        self.look = look
        return "targets"


@pytest.fixture
def guided(short, style):
    """Guide of six frames in some colours, and what the studio was asked."""

    def make(paint=QUICK.paint, **options):
        options = replace(QUICK, paint=paint, style=StyleOptions(**options))
        job = plan([short], [style], Path("out.mp4"), options)[0]
        studio = Studio()
        guide = guide_of(studio, "painter", job, survey(job), lambda index: nullcontext(FRAMES[index:]))
        return guide, studio

    return make


def test_a_frame_is_painted_as_it_is_in_the_jobs_style(guided):
    guide, studio = guided()
    image = FRAMES[3]
    content, style, more = guide.at(3, image)
    assert content is image
    assert (style, dict(more)) == ("targets", {})
    assert studio.look.palette is None
    assert studio.asked[0] == "painter"


@pytest.mark.parametrize("colors", [Colors.MATCH, Colors.LUMINANCE])
def test_a_film_has_one_palette(guided, colors):
    _, studio = guided(colors=colors)
    np.testing.assert_allclose(studio.look.palette.mean, palette_of(FRAMES).mean)


def test_in_luminance_the_painter_sees_grey(guided):
    guide, studio = guided(colors=Colors.LUMINANCE)
    np.testing.assert_array_equal(guide.at(0, FRAMES[0]).content, grey(FRAMES[0]))
    assert studio.look.grey
    assert not guided(colors=Colors.MATCH)[1].look.grey


def test_with_the_sources_chroma_the_painter_sees_colours(guided):
    guide, studio = guided(colors=Colors.SOURCE)
    image = FRAMES[0]
    assert guide.at(0, image).content is image
    assert studio.look.palette is None


def starting(guided, init, index=0, **options):
    guide, _ = guided(paint=replace(QUICK.paint, init=Init.parse(init), seed=5), **options)
    return guide.at(index, FRAMES[index]).more.get("start"), guide


def test_a_shot_starts_from_its_source_the_style_or_a_picture(guided, style):
    assert starting(guided, "source")[0] is None
    by_style, by_file = (starting(guided, init)[0] for init in ("style", str(style)))
    np.testing.assert_array_equal(by_style, by_file)
    assert by_style.shape == FRAMES[0].shape


def test_noise_is_that_of_the_seed_and_another_for_each_shot(guided):
    first, again, other = (starting(guided, "noise", index)[0] for index in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()
    assert 0.4 < first.mean() < 0.6
    in_grey, _ = starting(guided, "noise", colors=Colors.LUMINANCE)
    np.testing.assert_array_equal(in_grey, grey(first))


def test_on_request_a_frame_starts_from_the_one_before_as_it_is(guided):
    assert starting(guided, "previous")[1].unmoved
    assert not starting(guided, "source")[1].unmoved
