"""JSON values of events, results and measurements."""

import dataclasses
import math
from collections.abc import Mapping
from enum import Enum
from typing import Any

from vidstyle.errors import text_of_name
from vidstyle.events import Losses


def to_json(value: Any) -> Any:
    """Convert dataclasses, paths and enums to JSON values; NaN and infinity, which JSON lacks, to null.

    >>> to_json({"loss": float("nan"), "shots": ((0, 3),)})
    {'loss': None, 'shots': [[0, 3]]}
    """
    if dataclasses.is_dataclass(value):
        return {field.name: to_json(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        total = {"total": to_json(value.total)} if isinstance(value, Losses) else {}
        return total | {str(key): to_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [to_json(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, Enum):
        return value.value
    return value if isinstance(value, str | int | float | None) else text_of_name(str(value))
