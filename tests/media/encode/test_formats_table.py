import re
from fractions import Fraction

import av
import pytest
from PIL import Image
from support import formats
from support.clips import H264, ROOT, packets_of
from support.formats import AUDIO, ENDINGS, FURTHER, KEPT, OUT, SUBTITLES, VIDEO

from vidstyle.errors import ProbeError, UsageError
from vidstyle.media.encode.codecs import codec_of
from vidstyle.media.encode.containers import CONTAINERS
from vidstyle.media.video.pillow_decoder import is_animation
from vidstyle.media.video.probe import kind_of, probe_video
from vidstyle.media.video.tracks import Track
from vidstyle.options.media import EncodeOptions

ENCODERS = {"dts": "dca", "opus": "libopus", "vorbis": "libvorbis", "mp3": "libmp3lame"}


def test_page_is_up_to_date():
    assert formats.PAGE.read_text("utf-8") == formats.page()


def test_page_lists_every_container():
    assert set(ENDINGS) == set(CONTAINERS)


@pytest.mark.parametrize(("source", "test"), [(what, test) for what, (_, test) in formats.SOURCES.items()])
def test_rows_on_sources_name_their_tests(source, test):
    files = (ROOT / "tests").rglob("test_*.py")
    assert any(re.search(rf"^def {test}\(", file.read_text("utf-8"), re.MULTILINE) for file in files), source


@pytest.fixture(params=ENDINGS)
def column(request):
    return ENDINGS.index(request.param)


@pytest.fixture
def result(copy, column):
    """Copy a film into the container at hand."""

    def make(source, **options):
        return copy(source, f"out{ENDINGS[column]}", even=CONTAINERS[ENDINGS[column]].has_tracks, **options)

    return make


@pytest.fixture(scope="module")
def spoken(draw, tmp_path_factory):
    """Draw a film with audio and subtitles in each codec except MP4's timed text."""
    words = tmp_path_factory.mktemp("words") / "s.srt"
    words.write_text("1\n00:00:00,000 --> 00:00:00,200\nHello\n")
    sounds = [word for i, c in enumerate(AUDIO) for word in ("-map", 1, f"-c:a:{i}", ENCODERS.get(c, c))]
    texts = [word for i, c in enumerate(list(SUBTITLES)[:3]) for word in ("-map", 2, f"-c:s:{i}", c)]
    return draw(
        "spoken.mkv", "-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=0.2",
        "-f", "lavfi", "-i", "sine=d=0.2:r=48000", "-i", words,
        "-map", 0, *sounds, *texts, *H264, "-strict", -2,
    )  # fmt: skip


def outcome(codec, tracks, place):
    if not tracks:
        return OUT
    return KEPT if tracks[place] == codec else tracks[place]


def codecs_of(path, kind):
    if path.is_dir() or path.suffix in {".gif", ".webp", ".apng"}:
        return []
    return [stream.codec for stream in probe_video(path).streams if stream.kind is kind]


def test_audio_and_subtitles_match_the_table(spoken, result, column):
    written = result(spoken)
    sounds, texts = (codecs_of(written, kind) for kind in (Track.AUDIO, Track.SUBTITLE))
    found = {codec: outcome(codec, sounds, place) for place, codec in enumerate(AUDIO)}
    assert found == {codec: outcomes[column] for codec, outcomes in AUDIO.items()}
    for place, codec in enumerate(AUDIO):
        assert found[codec] != KEPT or packets_of(written, place) == packets_of(spoken, place)
    for place, codec in enumerate(list(SUBTITLES)[:3]):
        assert outcome(codec, texts, place) == SUBTITLES[codec][column], codec


def test_mp4_subtitles_match_the_table(spoken, draw, result, column):
    source = draw("texts.mp4", "-i", spoken, "-map", "0:v", "-map", "0:s:0", "-c", "copy", "-c:s", "mov_text")
    texts = codecs_of(result(source), Track.SUBTITLE)
    assert outcome("mov_text", texts, 0) == SUBTITLES["mov_text"][column]


def test_chapters_attachments_and_metadata_match_the_table(laden, result, column):
    written = result(laden)
    found = dict.fromkeys(FURTHER, OUT)
    if CONTAINERS[ENDINGS[column]].has_tracks:
        video = probe_video(written)
        kinds = [stream.kind for stream in video.streams]
        with av.open(str(written)) as container:
            tags = {name.lower(): value for name, value in container.metadata.items()}
        found |= {
            name: KEPT
            for name, there in {
                "chapters": [chapter.title for chapter in video.chapters] == ["One", "a=b;c"],
                "fonts and other attachments": Track.ATTACHMENT in kinds,
                "cover": Track.COVER in kinds,
                "title": tags.get("title") == "Laden",
                "timecode": dict(video.labels).get("timecode") == "01:00:00:00",
                "language of a track": dict(video.labels).get("language") == "jpn",
            }.items()
            if there
        }
    assert found == {what: outcomes[column] for what, outcomes in FURTHER.items()}


def codec_and_frame(path):
    file = min(path.iterdir()) if path.is_dir() else path
    if file.suffix == ".webp":
        return "webp", None
    with av.open(str(file)) as container:
        stream = container.streams.video[0]
        return stream.codec_context.codec.canonical_name, next(container.decode(stream))


def test_codecs_match_the_table(clip, result, column):
    assert codec_and_frame(result(clip, stop=3))[0] == VIDEO["default codec"][column]
    said = VIDEO["with `--bit-depth 10`"][column]
    encode = EncodeOptions(bit_depth=10)
    if said == "refused":
        with pytest.raises(UsageError, match="--bit-depth 10"):
            codec_of(encode, CONTAINERS[ENDINGS[column]])
        return
    codec, frame = codec_and_frame(result(clip, stop=3, encode=encode))
    assert (codec, frame.format.name) == (said, "yuv420p10le")


def test_variable_frame_times_are_as_exact_as_the_table_says(draw, result, column):
    # Slow enough for GIF.
    chosen = "testsrc2=s=64x48:r=30:d=2,select='eq(n,0)+between(n,30,45)+eq(n,55)'"
    variable = draw("slow.mp4", "-f", "lavfi", "-i", chosen, "-fps_mode", "passthrough", *H264)
    written = result(variable)
    if written.is_dir():
        assert VIDEO["frame times of a variable rate, to"][column] == OUT
        return
    before, after = probe_video(variable), probe_video(written)
    milliseconds = int(VIDEO["frame times of a variable rate, to"][column].split()[0])
    assert all(
        min(abs(at - due) for due in before.timestamps) <= Fraction(milliseconds, 1000)
        for at in after.timestamps
    )


def test_colour_tags_match_the_table(draw, result, column):
    tags = "setparams=colorspace=bt709:color_primaries=bt709:color_trc=bt709:range=tv"
    source = draw("tagged.mp4", "-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=0.2", "-vf", tags, *H264)
    written = result(source)
    kept = CONTAINERS[ENDINGS[column]].has_tracks and probe_video(written).color == probe_video(source).color
    assert (KEPT if kept else OUT) == VIDEO["colour tags"][column]


def test_transparency_matches_the_table(column):
    container = CONTAINERS[ENDINGS[column]]
    default = codec_of(EncodeOptions(), container)
    assert (KEPT if default.alpha else "shows `--background`") == VIDEO["transparency"][column]
    able = sorted(name for name in container.codecs if codec_of(EncodeOptions(codec=name), container).alpha)
    assert (", ".join(able) or "none") == VIDEO["transparency with `--codec`"][column]


def test_animated_avif_is_refused_by_name(tmp_path):
    images = [Image.new("RGB", (16, 16), colour) for colour in ("red", "blue")]
    images[0].save(tmp_path / "in.avif", save_all=True, append_images=images[1:])
    with Image.open(tmp_path / "in.avif") as image:
        assert not is_animation(image)
    with pytest.raises(ProbeError, match="animated AVIF"):
        kind_of(tmp_path / "in.avif")
