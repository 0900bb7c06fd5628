import numpy as np
from PIL import Image
from support.clips import COPIED

from vidstyle.pipeline.paint.sources import source_of
from vidstyle.pipeline.plan.jobs import plan
from vidstyle.pipeline.plan.survey import survey


def test_a_photo_is_one_picture_read_once(style, tmp_path):
    path = tmp_path / "photo.png"
    Image.new("RGB", (40, 30), (255, 0, 51)).save(path)
    (job,) = plan([path], [style], tmp_path / "out.png", COPIED)
    measures = survey(job)
    with source_of(job, measures)(0) as images:
        (image,) = images
    np.testing.assert_allclose(image[0, 0], [1, 0, 0.2], atol=1e-6)
    path.unlink()
    with source_of(job, measures, image)(0) as images:
        assert next(iter(images)) is image


def test_a_film_is_opened_at_any_frame_of_its_part(short, style, tmp_path):
    (job,) = plan([short], [style], tmp_path / "out.mp4", COPIED)
    source = source_of(job, survey(job))
    with source(0) as images:
        whole = list(images)
    with source(4) as images:
        rest = list(images)
    assert (len(whole), len(rest)) == (6, 2)
    np.testing.assert_array_equal(rest[0], whole[4])
