import json
from pathlib import Path

import pytest

from vidstyle.events import FrameDone, Losses, Status
from vidstyle.pipeline.results import FrameMetrics, JobResult, Stages

LOSSES = Losses(content=1.0, style=2.0, tv=4.0, temporal=8.0)


def figures(index=12, loss=LOSSES, error=0.5, source=0.25):
    return FrameMetrics(index, False, 20, 1, 3.5, loss, error, source)


def test_metrics_are_read_back_from_json():
    written = json.loads(json.dumps(figures().as_dict()))
    assert FrameMetrics.from_dict(written, resumed=False) == figures()


def test_metrics_of_copied_first_frame_are_read_back():
    bare = figures(loss=None, error=None, source=None)
    assert FrameMetrics.from_dict(json.loads(json.dumps(bare.as_dict())), resumed=False) == bare


def test_metrics_read_back_may_count_as_resumed():
    assert FrameMetrics.from_dict(figures().as_dict(), resumed=True).resumed


def test_metrics_include_total_of_losses():
    assert figures().as_dict() == {
        "index": 12,
        "resumed": False,
        "iterations": 20,
        "undone": 1,
        "seconds": 3.5,
        "loss": {"total": 15.0, "content": 1.0, "style": 2.0, "tv": 4.0, "temporal": 8.0},
        "warping_error": 0.5,
        "warping_error_source": 0.25,
        "kind": "painted",
    }


def test_event_counts_frames_from_start_of_job():
    assert figures(index=12).event(3, 10) == FrameDone(3, 2, 12, False, 20, 3.5, LOSSES, 0.5, 0.25)


def test_means_are_over_frames_with_a_figure():
    first = figures(0, Losses(content=0, style=4.0, tv=0, temporal=0), None, None)
    second = figures(1, Losses(content=0, style=2.0, tv=0, temporal=0), 0.5, 0.25)
    third = figures(2, Losses(content=0, style=0.0, tv=0, temporal=0), 0.25, 0.75)
    result = JobResult(Path("a"), Path("b"), per_frame=[first, second, third])
    assert (result.style_loss, result.warping_error, result.warping_error_source) == (2.0, 0.375, 0.5)


@pytest.mark.parametrize("frames", [[], [figures(loss=None, error=None, source=None)]])
def test_means_without_figures_are_none(frames):
    result = JobResult(Path("a"), Path("b"), per_frame=frames)
    assert (result.style_loss, result.warping_error, result.warping_error_source) == (None, None, None)


def test_result_is_written_with_every_figure():
    result = JobResult(
        input=Path("in.mp4"),
        output=Path("out.mp4"),
        status=Status.DONE,
        width=48,
        height=32,
        frames=1,
        seconds=9.0,
        stages=Stages(7, 1, 10, 2, 8, 3, 9, 4, 5, 6),
        shots=[(0, 1)],
        per_frame=[figures()],
    )
    assert result.as_dict() == {
        "input": "in.mp4",
        "output": "out.mp4",
        "status": "done",
        "error": None,
        "width": 48,
        "height": 32,
        "frames": 1,
        "seconds": 9.0,
        "stages": {
            "start": 7,
            "decode": 1,
            "plan": 10,
            "flow": 2,
            "look": 8,
            "paint": 3,
            "fill": 9,
            "wait": 4,
            "save": 5,
            "encode": 6,
        },
        "shots": [[0, 1]],
        "warping_error_10": None,
        "warping_error_10_source": None,
        "per_frame": [figures().as_dict()],
    }
