"""Turned and mirrored films come out upright: by their pixels, not by a tag."""

import av
import numpy as np
import pytest
from support.clips import CORNERS, H264

RED, LIME, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)
# Of red, lime / blue, white as it is stored.
UPRIGHT = {
    ("-display_rotation", 90): [LIME, WHITE, RED, BLUE],
    ("-display_rotation", 180): [WHITE, BLUE, LIME, RED],
    ("-display_rotation", 270): [BLUE, RED, WHITE, LIME],
    ("-display_hflip",): [LIME, RED, WHITE, BLUE],
    ("-display_vflip",): [BLUE, WHITE, RED, LIME],
}


@pytest.mark.parametrize("turn", UPRIGHT)
def test_turned_and_mirrored_films_come_upright(bench, draw, turn):
    flat = draw("faults-corners.mp4", "-filter_complex", CORNERS, *H264)
    bench.draw("in.mp4", *turn, "-i", flat, "-c", "copy")
    bench.painted("in.mp4", "-o", "out.mp4")
    with av.open(str(bench / "out.mp4")) as film:
        picture = next(film.decode(video=0))
        image = picture.to_ndarray(format="rgb24").astype(int)
        assert not picture.side_data.get("DISPLAYMATRIX")
    height, width = image.shape[:2]
    found = [image[y, x] for y in (height // 4, 3 * height // 4) for x in (width // 4, 3 * width // 4)]
    assert np.abs(np.array(found) - UPRIGHT[turn]).max() <= 6
