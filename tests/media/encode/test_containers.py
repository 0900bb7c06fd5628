from pathlib import Path

import pytest

from vidstyle.errors import UsageError
from vidstyle.media.encode.containers import CONTAINERS, ending_of, is_text


def test_endings_are_read_in_any_case():
    assert ending_of(Path("a.b.MKV")) == ".mkv"


@pytest.mark.parametrize("name", ["out.ogg", "out.avi"])
def test_an_ending_of_no_film_is_refused_with_those_that_are(name):
    with pytest.raises(UsageError, match=rf"'{name}' has no .*\.mp4, \.mov, \.mkv, \.webm"):
        ending_of(Path(name))


def test_only_text_can_become_other_text():
    assert is_text("subrip")
    assert is_text("mov_text")
    assert not is_text("hdmv_pgs_subtitle")


@pytest.mark.parametrize("ending", CONTAINERS)
def test_what_sound_and_subtitles_become_is_held(ending):
    container = CONTAINERS[ending]
    assert container.audio_made in {None, *container.audio}
    assert container.subtitles_made in {None, *container.subtitles}
