import dataclasses
import os
import shutil
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from support import raw_files
from support.clips import COPIED, QUICK

from vidstyle.errors import InputError, RangeError, WeightsError
from vidstyle.media.video.probe import Kind
from vidstyle.neural.vgg.weights import BUNDLED
from vidstyle.options.groups import (
    MachineOptions,
    Optimizer,
    Options,
    PainterKind,
    PaintOptions,
    Precision,
    SourceOptions,
)
from vidstyle.options.layers import Layers, Network
from vidstyle.options.media import ColorMatrix, EncodeOptions, PictureOptions
from vidstyle.options.objective import (
    Distance,
    LossScales,
    Norm,
    ObjectiveOptions,
    Padding,
    Pooling,
    StyleNorm,
    StyleStatistic,
    TVNorm,
)
from vidstyle.options.style import Colors, Crop, Style, StyleOptions, as_styles
from vidstyle.options.values import Cuts, FlowSource, Init, InitKind, Size, Time
from vidstyle.pipeline.plan.jobs import Job
from vidstyle.pipeline.plan.keys import keys_of, settings
from vidstyle.pipeline.plan.survey import resolve
from vidstyle.pipeline.work.ledger import Ledger


def photo(path, width=64, height=48, color=(9, 99, 199)):
    Image.new("RGB", (width, height), color).save(path)
    return path


@pytest.fixture
def make_key(tmp_path, short, style):
    """Key of a film with a style and the smallest of options, but for what is changed."""
    film, picture = tmp_path / "in.mp4", tmp_path / "starry.png"
    shutil.copyfile(short, film)
    shutil.copyfile(style, picture)

    def key(*, path=film, styles=(picture,), output="out.mp4", options=QUICK, spec=None, **changed):
        job = Job(path, Kind.FILM, as_styles(styles), tmp_path / output, replaced(options, changed))
        # Some options that decide a key need weights to be resolved, which the package does not have.
        resolved = dataclasses.replace(spec, job=job) if spec else resolve(job)
        return keys_of(resolved, Ledger(tmp_path)).frames

    key.film, key.style = film, picture
    key.spec = resolve(Job(film, Kind.FILM, as_styles([picture]), tmp_path / "out.mp4", QUICK))
    return key


def replaced(options, changed):
    for group in ("paint", "style", "objective", "source", "motion", "machine"):
        part = getattr(options, group)
        names = {field.name for field in dataclasses.fields(part)} & set(changed)
        options = dataclasses.replace(
            options, **{group: dataclasses.replace(part, **{name: changed[name] for name in names})}
        )
    return dataclasses.replace(options, painter=changed.get("painter", options.painter))


def test_same_request_has_the_same_key(make_key):
    assert make_key() == make_key()


CHANGED = {
    "first_iterations": 4,
    "coarse_size": 100,
    "windows_above": 100,
    "iterations": 3,
    "style_weight": 2.0,
    "content_weight": 2.0,
    "tv_weight": 2.0,
    "temporal_weight": 2.0,
    "stop_below": 0.0,
    "optimizer": Optimizer.ADAM,
    "learning_rate": 0.03,
    "adam_beta1": 0.8,
    "adam_epsilon": 1e-3,
    "scipy_round": 10,
    "init": Init(InitKind.NOISE),
    "seed": 3,
    "content_layers": Layers.parse("conv3_2"),
    "style_layers": Layers.parse("conv1_1:2,conv2_1"),
    "pooling": Pooling.AVG,
    "padding": Padding.ZERO,
    "gram": StyleStatistic.COVARIANCE,
    "gram_shift": -1.0,
    "content_distance": Distance.COSINE,
    "style_distance": Distance.COSINE,
    "content_norm": Norm.SUM,
    "style_norm": StyleNorm.MEAN,
    "tv": TVNorm.ABSOLUTE,
    "tv_norm": Norm.SUM,
    "laplacian_weight": 1.0,
    "laplacian_pool": 2,
    "base_weights": LossScales(1, 2, 3, 4),
    "style_scale": 0.9,
    "style_size": 40,
    "style_crop": Crop(0, 0, 30, 30),
    "colors": Colors.MATCH,
}
SHOWN = {"strength": 0.5, "colors": Colors.SOURCE, "strength_at": ("0=0.5",)}


def test_every_option_of_painting_is_covered():
    groups = (PaintOptions, StyleOptions, ObjectiveOptions)
    assert set(CHANGED | SHOWN) | {"mask", "protect", "network"} == {
        field.name for group in groups for field in dataclasses.fields(group)
    }


@pytest.mark.parametrize("name", SHOWN)
def test_compositing_options_change_result_and_not_frames(make_key, tmp_path, name):
    def keys(options):
        job = Job(make_key.film, Kind.FILM, as_styles([make_key.style]), tmp_path / "out.mp4", options)
        return keys_of(resolve(job), Ledger(tmp_path))

    changed, before = keys(replaced(QUICK, {name: SHOWN[name]})), keys(QUICK)
    assert changed.frames == before.frames
    assert changed.result != before.result


@pytest.mark.parametrize("name", CHANGED)
def test_key_changes_with_each_option_of_painting(make_key, name):
    assert make_key(spec=make_key.spec, **{name: CHANGED[name]}) != make_key()


def test_key_changes_with_contents_of_masks(make_key, tmp_path):
    mask = photo(tmp_path / "mask.png", 96, 64)
    style = Style(make_key.style, mask=mask)
    before = [make_key(mask=mask), make_key(protect=mask), make_key(styles=(style,))]
    assert len({make_key(), *before}) == 4
    photo(mask, 96, 64, color=(1, 2, 3))
    assert not {make_key(mask=mask), make_key(protect=mask), make_key(styles=(style,))} & set(before)


def test_key_changes_with_any_file_of_a_mask_sequence(make_key, tmp_path):
    folder = tmp_path / "masks"
    folder.mkdir()
    for number in range(6):
        photo(folder / f"{number}.png", 96, 64)
    before = make_key(mask=folder)
    photo(folder / "3.png", 96, 64, color=(1, 2, 3))
    assert make_key(mask=folder) != before


def test_key_changes_with_contents_of_init_image(make_key, tmp_path):
    start = Init(file=photo(tmp_path / "start.png"))
    before = make_key(init=start)
    assert before != make_key()
    photo(tmp_path / "start.png", color=(1, 2, 3))
    assert make_key(init=start) != before


def test_key_changes_with_network(make_key):
    # Without a painter, for its weights do not come along.
    other = make_key(painter=PainterKind.NONE, network=Network.VGG16)
    assert other != make_key(painter=PainterKind.NONE)


def test_key_changes_with_precision(make_key):
    assert make_key(precision=Precision.BFLOAT16) != make_key()


def test_key_changes_with_painter(make_key):
    assert make_key(painter=PainterKind.NONE) != make_key()


def test_key_changes_with_weights(make_key, tmp_path):
    weights = tmp_path / "weights.npz"
    with np.load(BUNDLED) as file:
        arrays = dict(file)
    np.savez(weights, **arrays, note=np.array("the same"))
    some = make_key(weights=weights)
    np.savez(weights, **arrays | {"block1_conv1/bias": arrays["block1_conv1/bias"] + 1})
    assert len({make_key(), some, make_key(weights=weights)}) == 3


def test_damaged_weights_are_refused_by_name(make_key, tmp_path):
    weights = tmp_path / "weights.npz"
    weights.write_bytes(BUNDLED.read_bytes()[:100_000])
    with pytest.raises(WeightsError, match=r"weights\.npz"):
        make_key(weights=weights)


def test_key_changes_with_size(make_key):
    assert make_key(size=Size(32)) != make_key()


def test_key_changes_with_range(make_key):
    keys = {
        make_key(),
        make_key(start=Time(frame=1)),
        make_key(end=Time(frame=5)),
        make_key(end=Time(frame=4)),
    }
    assert len(keys) == 4


def test_key_changes_with_cuts_but_not_with_their_notation(make_key):
    keys = [make_key(), *(make_key(cuts=Cuts.parse(text)) for text in ("off", "2f", "3f"))]
    assert len(set(keys)) == 4
    assert make_key(cuts=Cuts.parse("0.06")) == keys[2]


def test_cut_past_the_end_is_refused_by_time(make_key):
    with pytest.raises(RangeError, match="--cuts 99:"):
        make_key(cuts=Cuts.parse("99"))


def test_key_changes_with_the_matrix_of_a_film_without_one_and_not_with_its_notation(make_key):
    chosen = {
        matrix: make_key(options=dataclasses.replace(QUICK, pictures=PictureOptions(color_matrix=matrix)))
        for matrix in ColorMatrix
    }
    assert chosen[ColorMatrix.AUTO] == chosen[ColorMatrix.BT601] == make_key()
    assert len(set(chosen.values())) == 3


def test_key_changes_with_flow_method_and_contents_of_flow_files(make_key, tmp_path):
    file = tmp_path / "flow" / "forward_1_2.flo"
    file.parent.mkdir()
    file.write_bytes(b"one")
    keys = [make_key(), make_key(flow=FlowSource.parse("farneback"))]
    keys.append(make_key(flow=FlowSource(folder=file.parent)))
    file.write_bytes(b"other")
    keys.append(make_key(flow=FlowSource(folder=file.parent)))
    assert len(set(keys)) == 4
    shutil.copytree(file.parent, tmp_path / "elsewhere")
    assert make_key(flow=FlowSource(folder=tmp_path / "elsewhere")) == keys[-1]


def test_encoding_options_change_result_and_not_frames(make_key, tmp_path):
    def keys(name, encode):
        options = dataclasses.replace(COPIED, encode=encode)
        job = Job(make_key.film, Kind.FILM, as_styles([make_key.style]), tmp_path / name, options)
        return keys_of(resolve(job), Ledger(tmp_path))

    found = [
        keys("out.mp4", EncodeOptions()),
        keys("out.mkv", EncodeOptions()),
        keys("out.mp4", EncodeOptions(codec="h265")),
        keys("out.mp4", EncodeOptions(crf=30)),
        keys("out.mp4", EncodeOptions(encoder_option=("preset=slow",))),
    ]
    assert len({key.frames for key in found}) == 1
    assert len({key.result for key in found}) == 5


def test_frames_key_of_photo_depends_on_its_output_format(style, tmp_path):
    jobs = [
        Job(style, Kind.PHOTO, as_styles([style]), tmp_path / name, COPIED) for name in ("out.png", "out.jpg")
    ]
    assert len({keys_of(resolve(job), Ledger(tmp_path)).frames for job in jobs}) == 2


def test_key_changes_with_contents_of_input(make_key):
    before = make_key()
    make_key.film.write_bytes(make_key.film.read_bytes() + b"\0" * 8)
    assert make_key() != before


def test_key_changes_with_contents_number_and_order_of_styles(make_key, tmp_path):
    other = photo(tmp_path / "other.png")
    first = make_key.style
    keys = {
        make_key(),
        make_key(styles=(other,)),
        make_key(styles=(first, other)),
        make_key(styles=(other, first)),
        make_key(styles=(other, Style(first, 2))),
        make_key(styles=(Style(first, at=Time(frame=1)),)),
    }
    assert len(keys) == 6
    before = make_key()
    photo(first)
    assert make_key() != before


def test_key_changes_with_minor_version_but_not_with_patch(make_key, monkeypatch):
    keys = []
    for version in ("7.1.0", "7.1.3", "7.2.0", "8.1.0"):
        monkeypatch.setattr("vidstyle.pipeline.plan.keys.__version__", version)
        keys.append(make_key())
    assert keys[0] == keys[1]
    assert len(set(keys)) == 3


def test_key_does_not_change_with_device(make_key):
    assert make_key(device="auto") == make_key(device="gpu:3") == make_key()


def test_key_does_not_change_with_names_or_folders(make_key, tmp_path):
    expected = make_key()
    moved = tmp_path / "elsewhere" / "renamed.mp4"
    moved.parent.mkdir()
    make_key.film.rename(moved)
    picture = make_key.style.rename(moved.with_name("renamed.png"))
    assert make_key(path=moved, styles=(picture,), output="elsewhere/other.mp4") == expected


def test_key_does_not_change_with_modification_time(make_key):
    expected = make_key()
    os.utime(make_key.film, ns=(1, 1))
    os.utime(make_key.style, ns=(1, 1))
    assert make_key() == expected


def test_key_does_not_change_with_notation_of_range_or_size(make_key):
    assert make_key(start=Time(frame=0), end=Time(seconds=Fraction(9)), size=Size(None)) == make_key()


def test_input_that_vanishes_is_refused_by_name(make_key):
    job = Job(make_key.film, Kind.FILM, as_styles([make_key.style]), Path("out.mp4"), COPIED)
    spec = resolve(job)
    make_key.film.unlink()
    with pytest.raises(InputError, match=r"in\.mp4' cannot be read \(No such file or directory\)"):
        keys_of(spec, Ledger(make_key.film.parent))


def test_settings_are_plain_values():
    options = Options(
        source=SourceOptions(
            size=Size(320), start=Time.parse("1.5"), end=Time.parse("90f"), cuts=Cuts.parse("2.5,3.1")
        ),
        machine=MachineOptions(weights=Path("w.npz")),
    )
    plain = settings(options)
    assert plain["source"] == {
        "size": {"longer_side": 320},
        "start": {"seconds": "3/2", "frame": None},
        "end": {"seconds": None, "frame": 90},
        "cuts": {"times": [{"seconds": "5/2", "frame": None}, {"seconds": "31/10", "frame": None}]},
        "allow_damaged": False,
    }
    assert plain["machine"] == {
        "device": "auto",
        "precision": "auto",
        "threads": None,
        "tile": {"px": None, "auto": True},
        "weights": "w.npz",
    }
    assert plain["paint"]["optimizer"] == "lbfgs"
    assert type(plain["paint"]["optimizer"]) is str
    assert plain["painter"] == "vgg"


def test_key_of_a_raw_photo_has_what_develops_it(tmp_path, style, monkeypatch):
    (tmp_path / "in.nef").write_bytes(raw_files.nef(raw_files.jpeg(96, 64)))
    job = Job(tmp_path / "in.nef", Kind.PHOTO, as_styles([style]), tmp_path / "out.png", QUICK)
    found = set()
    for development in ("preview", "rawpy 0.24", "rawpy 0.25"):
        monkeypatch.setattr(
            "vidstyle.pipeline.plan.keys.development_of",
            lambda path, name=development: name if path.suffix == ".nef" else "",
        )
        found.add(keys_of(resolve(job), Ledger(tmp_path)).frames)
    assert len(found) == 3
