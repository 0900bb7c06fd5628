"""Only the named file is opened: no list, no protocol, no program that a file asks for."""

import os
import socket
import threading
from dataclasses import replace
from fractions import Fraction

import av
import cv2
import numpy as np
import pytest
from av.error import FFmpegError

from vidstyle.errors import VidstyleError
from vidstyle.media.encode.ffmpeg import run
from vidstyle.media.encode.writer import write_film
from vidstyle.media.frame_png import write_frame
from vidstyle.media.geometry import FrameSize
from vidstyle.media.video.damage import scan
from vidstyle.media.video.header import Header, read_header
from vidstyle.media.video.probe import probe_video
from vidstyle.media.video.reader import VideoReader
from vidstyle.media.video.video import Decoder

FRAME = FrameSize(64, 48, Fraction(1))

LISTS = {
    "ffconcat": "ffconcat version 1.0\nfile {}\n",
    "hls": "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{}\n#EXT-X-ENDLIST\n",
    "dash": '<?xml version="1.0"?>'
    '<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" mediaPresentationDuration="PT1S">'
    '<Period><AdaptationSet mimeType="video/mp4"><Representation id="1" bandwidth="1"><BaseURL>{}</BaseURL>'
    "</Representation></AdaptationSet></Period></MPD>",
    "sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\n"
    "m=video 5004 RTP/AVP 96\na=rtpmap:96 H264/90000\n",
}


@pytest.fixture
def server():
    """Run a listener on this machine that records who calls."""
    calls = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.05)
        over = threading.Event()

        def listen():
            while not over.is_set():
                try:
                    connection, _ = listener.accept()
                except TimeoutError:
                    continue
                calls.append(connection)
                connection.close()

        thread = threading.Thread(target=listen)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/film.mp4", calls
        over.set()
        thread.join()


@pytest.mark.parametrize("ending", ["mp4", "mkv", "ts", "m3u8", "ffconcat", "mpd", "sdp"])
@pytest.mark.parametrize("kind", LISTS)
def test_list_is_no_film_whatever_its_name(bench, film, kind, ending):
    (bench / f"list.{ending}").write_text(LISTS[kind].format(film))
    assert bench.refused(f"list.{ending}").startswith(f"'list.{ending}' is not a video or photo")


@pytest.mark.parametrize("kind", ["ffconcat", "hls", "dash"])
def test_list_does_not_make_anyone_call_a_server(bench, server, kind):
    address, calls = server
    (bench / "list.mp4").write_text(LISTS[kind].format(address))
    bench.refused("list.mp4")
    assert calls == []


@pytest.mark.parametrize(
    "protocol",
    [
        "concat:{}",
        "subfile,,start,0,end,9999,,:{}",
        "file:{}",
        "crypto:{}",
        "data:{}",
        "async:{}",
        "cache:{}",
    ],
)
def test_protocol_is_a_name_that_is_not_there(bench, film, protocol):
    sentence = bench.refused(protocol.format(film))
    assert sentence.endswith("cannot be opened: No such file or directory; check the name.")


def test_address_is_not_called(bench, server):
    address, calls = server
    assert "cannot be opened" in bench.refused(address)
    assert "cannot be opened" in bench.refused("in.mp4", "--style", address)
    assert calls == []


def shown_to_glance(video, _folder):
    assert read_header(video.path) != Header()


def shown_to_probe(video, _folder):
    probe_video(video.path)


def shown_to_salvage(video, _folder):
    assert scan(video.path, video.index).first is not None


def shown_to_opencv(video, _folder):
    with VideoReader(video, FRAME) as reader:
        assert next(iter(reader)).shape == (48, 64, 3)


def shown_to_pyav(video, folder):
    shown_to_opencv(replace(video, decoder=Decoder.PYAV), folder)


def shown_to_ffmpeg(video, folder):
    write_frame(folder / "000000.png", np.zeros((48, 64, 3), np.float32))
    write_film(folder, folder / "out.mp4", video, FRAME, 0, 1)


READERS = [shown_to_glance, shown_to_probe, shown_to_salvage, shown_to_opencv, shown_to_pyav, shown_to_ffmpeg]


@pytest.mark.parametrize("kind", ["ffconcat", "hls"])
@pytest.mark.parametrize("reader", READERS)
def test_none_of_the_libraries_opens_what_a_list_names(bench, film, server, reader, kind):
    # As if the film had been exchanged for it after it was looked into.
    address, calls = server
    video = probe_video(bench / film)
    reader(video, bench.folder)
    for named in (film, address):
        (bench / "list.m3u8").write_text(LISTS[kind].format(named))
        with pytest.raises((VidstyleError, FFmpegError, AssertionError)):
            reader(replace(video, path=bench / "list.m3u8"), bench.folder)
    assert calls == []


@pytest.mark.parametrize("kind", ["ffconcat", "hls"])
def test_without_a_whitelist_they_would(bench, film, server, kind, monkeypatch):
    address, calls = server
    (bench / "list.m3u8").write_text(LISTS[kind].format(film))
    monkeypatch.delenv("OPENCV_FFMPEG_CAPTURE_OPTIONS")
    with av.open(str(bench / "list.m3u8")) as container:
        assert next(container.decode(video=0)).width == 64
    capture = cv2.VideoCapture(str(bench / "list.m3u8"), cv2.CAP_FFMPEG)
    assert capture.read()[0]
    capture.release()
    run(["-i", bench / "list.m3u8", "-f", "null", "-"], what="read a list")
    (bench / "list.m3u8").write_text(LISTS[kind].format(address))
    with pytest.raises(FFmpegError):
        av.open(str(bench / "list.m3u8"), options={"protocol_whitelist": "file,http,tcp", "safe": "0"})
    assert calls


def test_list_is_no_film_to_opencv_whatever_the_environment_says(bench, film):
    # OpenCV's ffmpeg takes its options from the environment; a looser one must not win.
    (bench / "list.mp4").write_text(LISTS["ffconcat"].format(film))
    probe = (
        "from vidstyle.media.video import opencv_decoder\nimport cv2, sys\n"
        "sys.exit(cv2.VideoCapture('list.mp4', cv2.CAP_FFMPEG).isOpened())"
    )
    environment = {"OPENCV_FFMPEG_CAPTURE_OPTIONS": "safe;0"}
    assert bench.apart(patch=probe, env=environment).code == 0


def test_reader_of_files_that_run_programs_is_not_asked(bench):
    # Pillow hands PostScript to Ghostscript, whatever the name says.
    (bench / "gs").write_text("#!/bin/sh\ntouch called\n")
    (bench / "gs").chmod(0o755)
    (bench / "photo.jpg").write_text(
        "%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 64 48\n%%EndComments\nshowpage\n"
    )
    outcome = bench.apart("photo.jpg", env={"PATH": f"{bench.folder}{os.pathsep}{os.environ['PATH']}"})
    assert outcome.code == 1
    assert "is not a video or photo" in outcome.err
    assert not (bench / "called").exists()
