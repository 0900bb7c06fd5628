import numpy as np
import pytest
from support.losses import style_regions, targets_of

from vidstyle.neural.device.backend import compiled, keras
from vidstyle.neural.objective import tiling
from vidstyle.neural.objective.objective import Objective
from vidstyle.neural.objective.windowed import Surroundings, evaluate_window, window_sums
from vidstyle.neural.vgg.encoder import Encoder
from vidstyle.neural.vgg.weights import load_weights
from vidstyle.options.groups import PaintOptions
from vidstyle.options.layers import Layers
from vidstyle.options.objective import ObjectiveOptions

SHALLOW = ObjectiveOptions(
    content_layers=Layers.parse("conv2_1"), style_layers=Layers.parse("conv1_1,conv2_1:2,conv3_1")
)
SIZE, WINDOW, INNER = (96, 128), np.s_[16:80, 32:112], np.s_[24:-24, 24:-24]


def tensor(array):
    return keras.ops.convert_to_tensor(np.asarray(array, np.float32))


@pytest.fixture(scope="module", params=[False, True], ids=["one style", "regions and protection"])
def evaluated(request):
    """Evaluate an image whose window changed: as a whole, and by its window."""
    draw = np.random.default_rng(3)
    objective = Objective(SHALLOW, PaintOptions())
    encoder = Encoder(load_weights(), SHALLOW.layers)
    content, style, image, warped = (draw.random((*SIZE, 3)).astype(np.float32) for _ in range(4))
    mask, trust = draw.random((2, *SIZE)).astype(np.float32)
    masks = (mask, 1 - mask) if request.param else None
    styles = style_regions(SHALLOW, encoder, (style, style[::-1]), masks, "float32")
    more = {"protect": mask} if request.param else {}
    targets = targets_of(
        objective, encoder, content, styles, warped=warped, trust=trust, dtype="float32", **more
    )
    corner = keras.ops.convert_to_tensor((16, 32), "int32")
    before = tensor(image)
    sums = compiled(lambda x, t: tiling.accumulate(objective, encoder, x, t, None), xla=False)
    part = compiled(lambda x, t: window_sums(objective, encoder, x, corner, t), xla=False)
    rest = keras.tree.map_structure(
        keras.ops.subtract, sums(before, targets), part(tensor(image[WINDOW]), targets)
    )
    changed = image.copy()
    inside = changed[WINDOW]
    inside[INNER] = draw.random(inside[INNER].shape)
    whole = compiled(lambda x, t: tiling.evaluate(objective, encoder, x, t, None), xla=False)
    by_window = compiled(
        lambda x, t: evaluate_window(objective, encoder, x, t, Surroundings(corner, before, rest)), xla=False
    )
    return [
        [np.asarray(value) for value in found]
        for found in (whole(tensor(changed), targets), by_window(tensor(changed[WINDOW]), targets))
    ]


def test_loss_and_groups_are_those_of_the_whole_image(evaluated):
    (loss, groups, _), (loss_of_window, groups_of_window, _) = evaluated
    assert loss_of_window == pytest.approx(loss, rel=1e-3)
    assert groups_of_window == pytest.approx(groups, rel=1e-3)


def test_gradient_inside_is_that_of_the_whole_image(evaluated):
    (_, _, gradient), (_, _, of_window) = evaluated
    inside = gradient[WINDOW][INNER]
    assert np.linalg.norm(of_window[INNER] - inside) < 0.01 * np.linalg.norm(inside)
