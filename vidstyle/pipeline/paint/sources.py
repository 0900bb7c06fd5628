"""The pictures of a job's source."""

from contextlib import nullcontext

import numpy as np
from numpy.typing import NDArray

from vidstyle.media.photo.reader import read_photo
from vidstyle.media.video.reader import VideoReader
from vidstyle.pipeline.paint.passes import Source
from vidstyle.pipeline.plan.jobs import Job
from vidstyle.pipeline.plan.survey import Survey


def source_of(job: Job, measures: Survey, photo: NDArray[np.float32] | None = None) -> Source:
    """Open a job's source from a frame on; a photo that was read before is not read again."""
    video, frame = measures.video, measures.frame
    if photo is not None:
        return lambda _: nullcontext([photo])
    if video is None:
        return lambda _: nullcontext([read_photo(job.input, frame, measures.rendering)])
    return lambda index: VideoReader(video, frame, index, measures.stop)
