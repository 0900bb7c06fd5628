"""Film of colour patches that are drawn with a known matrix, and its colours as they are decoded."""

import numpy as np
from PIL import Image

# 2 rows of 4, saturated and pale: red, green, blue, yellow, a skin, a foliage, a sky, a grey.
PATCHES = np.array(
    [[(200, 30, 30), (30, 180, 40), (40, 50, 200), (220, 210, 40)],
     [(220, 160, 130), (70, 110, 60), (110, 160, 220), (128, 128, 128)]],
    np.float32,
)  # fmt: skip
TAGS = {"bt601": "smpte170m", "bt709": "bt709", "bt2020": "bt2020nc"}


def draw_patches(draw, size, matrix, pixels="yuv444p", *, tagged=False, tags=""):
    """Draw two frames of the patches, without a tag unless `tagged`, and with further `tags`."""
    width, height = size
    image = draw("patches.png", "-f", "lavfi", "-i", "color=black:s=4x2", "-frames:v", 1)
    Image.fromarray(PATCHES.astype(np.uint8)).save(image)
    convert = (
        f"scale={width}:{height}:flags=neighbor,format=gbrp,"
        f"scale=out_color_matrix={matrix}:out_range=tv:flags=accurate_rnd+full_chroma_int,format={pixels},"
        f"setparams=colorspace={TAGS[matrix] if tagged else 'unknown'}{tags}"
    )
    encoder = ("-c:v", "libx264", "-preset", "ultrafast", "-qp", 0)
    name = f"patches-{width}x{height}-{matrix}-{pixels}-{tagged}.mkv"
    return draw(name, "-loop", 1, "-r", 25, "-i", image, "-frames:v", 2, "-vf", convert, *encoder)


def patches_of(video):
    """Read the first frame's patches, [2, 4, 3], levels of 255."""
    from vidstyle.media.geometry import FrameSize
    from vidstyle.media.video.reader import VideoReader

    with VideoReader(video, FrameSize(video.width, video.height, video.pixel_aspect)) as frames:
        image = next(iter(frames))
    height, width = image.shape[:2]
    rows, columns = height * np.array([1, 3]) // 4, width * np.array([1, 3, 5, 7]) // 8
    return image[np.ix_(rows, columns)] * 255
