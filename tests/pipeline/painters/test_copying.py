import numpy as np
import pytest

from vidstyle.errors import PainterError
from vidstyle.neural.inputs import FrameTargets
from vidstyle.pipeline.painters.copying import CopyingPainter

IMAGE = np.random.default_rng(2).random((8, 12, 3), np.float32)


def test_copy_is_the_frame_itself_and_has_no_losses():
    painted = CopyingPainter().paint(FrameTargets(IMAGE, ()))
    assert painted.image is IMAGE
    assert (painted.losses, painted.iterations, painted.seconds) == (None, 0, 0.0)


def test_style_loss_of_a_copy_is_refused_by_name():
    with pytest.raises(PainterError, match="--painter none has no style loss"):
        CopyingPainter().measure(IMAGE, ())
