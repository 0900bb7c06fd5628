from contextlib import nullcontext
from pathlib import Path

import numpy as np
import pytest

from vidstyle.errors import Interrupted
from vidstyle.media.frames import read_frame, write_frame
from vidstyle.media.palettes import colored
from vidstyle.options import Colors, Options, PainterKind, Style, StyleOptions
from vidstyle.pipeline.finish import Finish, finish_frames, finish_of

draw = np.random.default_rng(2)
PAINTED, SOURCE = draw.random((2, 3, 4, 5, 3), np.float32)


def test_strength_goes_from_the_source_to_the_painting():
    assert not Finish().changes
    np.testing.assert_array_equal(Finish(0)(PAINTED[0], SOURCE[0]), SOURCE[0])
    np.testing.assert_allclose(Finish(1)(PAINTED[0], SOURCE[0]), PAINTED[0], atol=1e-6)
    half = Finish(0.5)(PAINTED[0], SOURCE[0])
    np.testing.assert_allclose(half, (PAINTED[0] + SOURCE[0]) / 2, atol=1e-6)


def test_the_sources_chroma_is_put_over_the_painting():
    assert Finish(chroma=True).changes
    np.testing.assert_array_equal(
        Finish(chroma=True)(PAINTED[0], SOURCE[0]),
        SOURCE[0] + (colored(PAINTED[0], SOURCE[0]) - SOURCE[0]),
    )


def test_what_is_not_covered_is_the_source():
    cover = draw.random((4, 5), np.float32)
    cover[0] = 0
    shown = Finish(0.5, masked=True)(PAINTED[0], SOURCE[0], cover)
    np.testing.assert_array_equal(shown[0], SOURCE[0][0])
    share = 0.5 * cover[..., None]
    np.testing.assert_allclose(shown, share * PAINTED[0] + (1 - share) * SOURCE[0], atol=1e-6)


def test_a_mask_of_any_style_covers_a_part_only():
    styles = [Style(Path("a.png")), Style(Path("b.png"), mask=Path("m.png"))]
    assert finish_of(Options(), styles) == Finish(masked=True)
    assert finish_of(Options(), styles[:1]) == Finish()
    assert finish_of(Options(style=StyleOptions(mask=Path("m.png")))) == Finish(masked=True)


@pytest.mark.parametrize(
    ("options", "finish"),
    [
        (StyleOptions(), Finish()),
        (StyleOptions(strength=0.3), Finish(0.3)),
        (StyleOptions(colors=Colors.SOURCE), Finish(chroma=True)),
        (StyleOptions(colors=Colors.LUMINANCE), Finish(chroma=True)),
        (StyleOptions(colors=Colors.MATCH), Finish()),
    ],
)
def test_options_say_what_is_shown(options, finish):
    assert finish_of(Options(style=options)) == finish
    assert finish_of(Options(style=options, painter=PainterKind.NONE)) == Finish()


@pytest.fixture
def finishing(tmp_path):
    """Finishes three painted frames at half strength, into a folder."""
    paths = {index: tmp_path / f"{index:06d}.png" for index in (7, 8, 9)}
    for path, image in zip(paths.values(), PAINTED, strict=True):
        write_frame(path, image)

    def run(should_stop=lambda: False):
        shown = tmp_path / "shown"
        source = lambda index: nullcontext(SOURCE[index - 7 :])  # noqa: E731
        finish_frames(Finish(0.5), paths.__getitem__, source, range(7, 10), shown, should_stop=should_stop)
        return shown

    return run


def test_each_frame_is_made_of_its_own_source(finishing):
    shown = finishing()
    for index in range(3):
        found = read_frame(shown / f"{7 + index:06d}.png")
        np.testing.assert_allclose(found, (PAINTED[index] + SOURCE[index]) / 2, atol=2 / 65535)


def test_it_can_be_stopped(finishing):
    with pytest.raises(Interrupted):
        finishing(lambda: True)
