from dataclasses import replace
from fractions import Fraction

import numpy as np
from PIL import Image

from vidstyle.media.encode.verify import Contents, read_animation, read_film, read_folder, verify
from vidstyle.media.video.probe import probe_video

SIZE = frozenset({(64, 24)})
DUE = Contents(10, SIZE, tuple(Fraction(i, 25) for i in range(11)))
TICK_S = Fraction(1, 100)


def test_equal_contents_have_no_faults():
    assert verify(DUE, DUE, TICK_S) == []
    assert verify(replace(DUE, times=DUE.times[:-1]), DUE, TICK_S) == []


def test_wrong_sizes_times_counts_and_tracks_are_found():
    assert verify(replace(DUE, sizes=frozenset({(64, 48)})), DUE, TICK_S) == ["64 x 48 pixels"]
    assert verify(replace(DUE, times=tuple(2 * t for t in DUE.times)), DUE, TICK_S) == ["wrong frame times"]
    assert verify(replace(DUE, frames=9), DUE, TICK_S)[0] == "9 frames instead of 10"
    assert verify(DUE, replace(DUE, audio=1), TICK_S) == ["0 audio tracks instead of 1"]


def test_times_may_be_off_by_the_tolerance():
    late = replace(DUE, times=tuple(time + Fraction(1, 100) for time in DUE.times))
    assert verify(late, DUE, TICK_S) == []
    assert verify(late, DUE, TICK_S / 2) == ["wrong frame times"]


def test_merged_frames_keep_the_times_of_the_first_and_the_end():
    merged = Contents(3, SIZE, (DUE.times[0], DUE.times[4], DUE.times[7], DUE.times[10]))
    assert verify(merged, DUE, TICK_S, merges_equal_frames=True) == []
    assert verify(merged, DUE, TICK_S)[0] == "3 frames instead of 10"
    early = replace(merged, times=(*merged.times[:-1], DUE.times[10] - 2 * TICK_S))
    assert verify(early, DUE, TICK_S, merges_equal_frames=True) == ["wrong frame times"]
    more = replace(DUE, frames=11)
    assert verify(more, DUE, TICK_S, merges_equal_frames=True)[0] == "11 frames instead of 10"


def test_film_is_read_with_its_tracks(clip):
    found, video = read_film(clip), probe_video(clip)
    assert found == Contents(25, frozenset({(64, 48)}), video.timestamps, 1)


def test_animation_is_read_with_the_end_of_its_last_frame(tmp_path):
    images = [Image.new("RGB", (64, 24), color) for color in ("red", "lime")]
    images[0].save(tmp_path / "a.gif", save_all=True, append_images=images[1:], duration=[100, 300])
    found = read_animation(tmp_path / "a.gif")
    assert found == Contents(2, SIZE, (Fraction(0), Fraction(1, 10), Fraction(4, 10)))
    images[0].save(tmp_path / "still.gif")
    assert read_animation(tmp_path / "still.gif") == Contents(1, SIZE)


def test_folder_is_read_by_its_first_and_last_image(tmp_path):
    assert read_folder(tmp_path) == Contents(0, frozenset())
    for number, width in ((1, 64), (2, 8), (3, 32)):
        Image.fromarray(np.zeros((24, width, 3), np.uint8)).save(tmp_path / f"{number:06d}.png")
    assert read_folder(tmp_path) == Contents(3, frozenset({(64, 24), (32, 24)}))
    assert verify(read_folder(tmp_path), replace(DUE, frames=3), TICK_S) == [
        "32 x 24 pixels and 64 x 24 pixels"
    ]
