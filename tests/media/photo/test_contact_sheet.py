import numpy as np
from PIL import Image

from vidstyle.media.photo.contact_sheet import write_sheet


def test_images_are_in_rows_with_labels_below(tmp_path):
    red, blue = (np.full((20, 30, 3), color, np.float32) for color in ((1, 0, 0), (0, 0, 1)))
    write_sheet(tmp_path / "sheet.png", [[red, blue], [blue]], [["one", "two"], ["three"]])
    sheet = np.asarray(Image.open(tmp_path / "sheet.png"))
    reds, blues = ((sheet == color).all(axis=-1) for color in ((255, 0, 0), (0, 0, 255)))
    assert (reds.sum(), blues.sum()) == (600, 1200)
    below = sheet[26:38, 6:36]
    assert (below < 128).any()
    assert reds[6, 6]
    assert blues[6, 42]


def test_labels_wider_than_their_image_do_not_reach_its_neighbours(tmp_path):
    white = np.full((20, 60, 3), 1, np.float32)
    words = ["style-weight 0.03, style-scale 0.4", "incomprehensibilities", ""]
    write_sheet(tmp_path / "sheet.png", [[white] * 3], [words])
    ink = np.asarray(Image.open(tmp_path / "sheet.png")).min(axis=(2)) < 128
    columns = [ink[:, x : x + 60] for x in (6, 72, 138)]
    assert [bool(column.any()) for column in columns] == [True, True, False]
    assert not ink[:, 66:72].any()
    lines = np.flatnonzero(np.diff(columns[0].any(axis=1).astype(int)) == 1)
    assert len(lines) >= 3
