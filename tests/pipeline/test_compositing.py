from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from vidstyle.errors import Interrupted
from vidstyle.imaging.recolor import transfer_chroma
from vidstyle.media.frame_png import read_frame, write_frame
from vidstyle.options.groups import Options, PainterKind
from vidstyle.options.style import Colors, Style, StyleOptions
from vidstyle.pipeline.compositing import Compositing, composited_frames, compositing_of
from vidstyle.pipeline.work.frame_store import FrameStore

draw = np.random.default_rng(2)
PAINTED, SOURCE = draw.random((2, 3, 4, 5, 3), np.float32)


def test_strength_blends_source_and_painting():
    assert not Compositing().changes
    np.testing.assert_array_equal(Compositing(0)(PAINTED[0], SOURCE[0]), SOURCE[0])
    np.testing.assert_allclose(Compositing(1)(PAINTED[0], SOURCE[0]), PAINTED[0], atol=1e-6)
    half = Compositing(0.5)(PAINTED[0], SOURCE[0])
    np.testing.assert_allclose(half, (PAINTED[0] + SOURCE[0]) / 2, atol=1e-6)


def test_chroma_of_source_replaces_that_of_painting():
    assert Compositing(chroma=True).changes
    np.testing.assert_array_equal(
        Compositing(chroma=True)(PAINTED[0], SOURCE[0]),
        SOURCE[0] + (transfer_chroma(PAINTED[0], SOURCE[0]) - SOURCE[0]),
    )


def test_uncovered_pixels_are_the_source():
    cover = draw.random((4, 5), np.float32)
    cover[0] = 0
    shown = Compositing(0.5, masked=True)(PAINTED[0], SOURCE[0], cover)
    np.testing.assert_array_equal(shown[0], SOURCE[0][0])
    share = 0.5 * cover[..., None]
    np.testing.assert_allclose(shown, share * PAINTED[0] + (1 - share) * SOURCE[0], atol=1e-6)


def test_mask_of_any_style_makes_compositing_masked():
    styles = [Style(Path("a.png")), Style(Path("b.png"), mask=Path("m.png"))]
    assert compositing_of(Options(), styles) == Compositing(masked=True)
    assert compositing_of(Options(), styles[:1]) == Compositing()
    assert compositing_of(Options(style=StyleOptions(mask=Path("m.png")))) == Compositing(masked=True)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (StyleOptions(), Compositing()),
        (StyleOptions(strength=0.3), Compositing(0.3)),
        (StyleOptions(colors=Colors.SOURCE), Compositing(chroma=True)),
        (StyleOptions(colors=Colors.LUMINANCE), Compositing(chroma=True)),
        (StyleOptions(colors=Colors.MATCH), Compositing()),
    ],
)
def test_compositing_follows_options(options, expected):
    assert compositing_of(Options(style=options)) == expected
    assert compositing_of(Options(style=options, painter=PainterKind.NONE)) == Compositing()


def film(*seconds):
    return SimpleNamespace(timestamps=seconds, second_of=lambda time: time.seconds)


def test_strength_is_interpolated_between_times():
    compositing = compositing_of(Options(style=StyleOptions(strength_at=("3=0.2", "1=1"))))
    assert compositing.changes
    moments = film(0, 1, 2, 3, 9)
    assert [compositing.strength_at(moments, index) for index in range(5)] == pytest.approx(
        [1, 1, 0.6, 0.2, 0.2]
    )
    assert Compositing(0.3).strength_at(moments, 2) == 0.3


@pytest.fixture
def composited(tmp_path):
    """Composite three painted frames."""
    store = FrameStore(tmp_path / "work")
    store.open()
    for index, image in enumerate(PAINTED, 7):
        write_frame(store.frame(index), image)
    covers = {7: np.zeros((4, 5), np.float32), 8: None, 9: np.ones((4, 5), np.float32)}

    def run(compositing, should_stop=lambda: False):
        def source(index):
            return nullcontext(SOURCE[index - 7 :])

        given = {"cover": covers.get, "should_stop": should_stop}
        with composited_frames(compositing, store, source, range(7, 10), **given) as folder:
            run.folder = folder
            return [read_frame(folder / f"{index:06d}.png") for index in (7, 8, 9)]

    run.store = store
    return run


def test_frame_is_composited_with_its_own_source_and_cover(composited):
    first, *others = composited(Compositing(0.5))
    np.testing.assert_allclose(first, SOURCE[0], atol=2 / 65535)
    for shown, painted, source in zip(others, PAINTED[1:], SOURCE[1:], strict=True):
        np.testing.assert_allclose(shown, (painted + source) / 2, atol=2 / 65535)
    assert not composited.folder.exists()


def test_painted_frames_are_used_where_compositing_changes_nothing(composited):
    shown = composited(Compositing())
    assert composited.folder == composited.store.frames
    np.testing.assert_allclose(shown, PAINTED, atol=2 / 65535)
    assert composited.folder.exists()


def test_compositing_can_be_stopped(composited):
    with pytest.raises(Interrupted):
        composited(Compositing(0.5), lambda: True)
