import builtins
import sys
import types

import pytest
from support.runs import every_event, job_events

from vidstyle.cli.report.progress_bar import ProgressBar
from vidstyle.cli.streams import Stream


def test_log_gets_plain_lines_and_the_result(capsys):
    progress = ProgressBar()
    for event in job_events():
        progress(event)
    out, err = capsys.readouterr()
    lines = err.splitlines()
    assert lines[0] == "in.mp4 -> in-starry.mp4: 3 frames of 320x180"
    assert lines[-1].startswith("in-starry.mp4: 3 frames, 2.0 s per frame")
    assert "\x1b" not in err
    assert out == ""


def test_bars_on_a_terminal_vanish_with_the_context(monkeypatch, capsys):
    monkeypatch.setattr(Stream, "isatty", lambda _: True)
    with ProgressBar() as progress:
        for event in [*job_events()][:4]:
            progress(event)
    err = capsys.readouterr().err
    assert "frame 1/3" in err
    assert err.endswith("\x1b[2K")


@pytest.fixture
def notebook(monkeypatch):
    """Stands in for IPython and ipywidgets in a Jupyter kernel; gives what is displayed."""

    class ZMQInteractiveShell:
        pass

    class Output:
        def __enter__(self):
            return self

        def __exit__(self, *_):
            return None

        def close(self):
            pass

        def clear_output(self, *, wait):
            pass

    shown = []
    ipython, display, widgets = (
        types.ModuleType(name) for name in ("IPython", "IPython.display", "ipywidgets")
    )
    widgets.__spec__ = types.SimpleNamespace()
    ipython.get_ipython = ZMQInteractiveShell
    display.display = shown.append
    widgets.Output = Output
    ipython.display = display
    for module in (ipython, display, widgets):
        monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr(builtins, "get_ipython", ZMQInteractiveShell, raising=False)
    return shown


def test_notebook_gets_bars_and_lines_in_its_output(notebook, capsys):
    with ProgressBar(iterations=5) as progress:
        for event in every_event():
            progress(event)
    assert notebook
    assert capsys.readouterr() == ("", "")


def test_notebook_without_widgets_gets_plain_lines(notebook, capsys, monkeypatch):
    monkeypatch.setattr("vidstyle.cli.report.progress_bar.find_spec", lambda _: None)
    progress = ProgressBar()
    progress(next(job_events()))
    assert notebook == []
    assert capsys.readouterr().err.startswith("in.mp4 -> ")
