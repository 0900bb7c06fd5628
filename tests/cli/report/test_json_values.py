from pathlib import Path

from vidstyle.cli.report.json_values import to_json
from vidstyle.events import Losses, Status


def test_losses_have_their_total():
    assert to_json(Losses(content=1.0, style=2.0, tv=3.0, temporal=4.0)) == {
        "total": 10.0,
        "content": 1.0,
        "style": 2.0,
        "tv": 3.0,
        "temporal": 4.0,
    }


def test_values_that_json_lacks_are_null_or_text():
    value = {"loss": float("nan"), "path": Path("a/b"), "status": Status.DONE, "shots": ((0, 3),), "ok": True}
    assert to_json(value) == {"loss": None, "path": "a/b", "status": "done", "shots": [[0, 3]], "ok": True}
