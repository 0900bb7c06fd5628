from dataclasses import replace

import pytest
from support.clips import QUICK

from vidstyle.options.groups import PainterKind
from vidstyle.pipeline.painters.registry import PAINTER_TYPES, painter_type


def test_every_painter_that_the_command_line_names_has_its_type():
    assert set(PAINTER_TYPES) == set(PainterKind)


@pytest.mark.parametrize("kind", PainterKind)
def test_type_of_some_options_is_that_of_their_painter(kind):
    assert painter_type(replace(QUICK, painter=kind)) is PAINTER_TYPES[kind]
    assert PAINTER_TYPES[kind].stored_bytes_per_pixel > 0
