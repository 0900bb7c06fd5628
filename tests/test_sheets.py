import numpy as np
from PIL import Image

from vidstyle.media.sheets import write_sheet


def test_pictures_stand_in_rows_with_words_below_them(tmp_path):
    red, blue = (np.full((20, 30, 3), color, np.float32) for color in ((1, 0, 0), (0, 0, 1)))
    write_sheet(tmp_path / "sheet.png", [[red, blue], [blue]], [["one", "two"], ["three"]])
    sheet = np.asarray(Image.open(tmp_path / "sheet.png"))
    reds, blues = ((sheet == color).all(axis=-1) for color in ((255, 0, 0), (0, 0, 255)))
    assert (reds.sum(), blues.sum()) == (600, 1200)
    below = sheet[26:38, 6:36]
    assert (below < 128).any()
    assert reds[6, 6]
    assert blues[6, 42]
