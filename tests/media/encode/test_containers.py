from pathlib import Path

import pytest

from vidstyle.errors import UsageError
from vidstyle.media.encode.containers import CONTAINERS, container_of, film_ending_of, film_endings


def test_endings_are_read_in_any_case():
    assert container_of(Path("a.b.MKV")).ending == ".mkv"


@pytest.mark.parametrize("name", ["out.ogg", "out.avi"])
def test_unknown_ending_is_refused_with_known_ones(name):
    with pytest.raises(UsageError, match=rf"'{name}' does not name .*\.mp4, \.mov, \.mkv, \.webm"):
        container_of(Path(name))


def test_folder_is_not_among_the_endings():
    assert film_endings()[0] == ".mp4"
    assert all(film_endings())
    assert container_of(Path("folder")).name == "a folder"


@pytest.mark.parametrize(
    ("source", "ending"), [("a.MOV", ".MOV"), ("a.png", ".apng"), ("a.avi", ".mp4"), ("frames", ".mp4")]
)
def test_result_has_the_sources_ending_where_it_can_be_written(source, ending):
    assert film_ending_of(Path(source)) == ending


@pytest.mark.parametrize("ending", CONTAINERS)
def test_fallback_codecs_are_supported(ending):
    container = CONTAINERS[ending]
    assert container.audio_fallback in {None, *container.audio}
    assert container.lossless_fallback in {None, *container.audio}
    assert container.subtitle_fallback in {None, *container.subtitles}
