"""Channel layouts of audio: the one that a track is stored in where its own cannot be."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import av

from vidstyle.media.encode.codecs import AAC_LAYOUTS, AudioCodec
from vidstyle.media.video.tracks import Stream

_AMBISONIC = "ambisonic"
# By number of channels: where the channels of a track have no names, they are taken in this order.
_USUAL = MappingProxyType({
    1: "mono", 2: "stereo", 3: "3.0", 4: "quad", 5: "5.0", 6: "5.1", 7: "6.1", 8: "7.1",
})  # fmt: skip


@dataclass(frozen=True)
class LayoutPlan:
    """Conversion of a track's channels before its encoder."""

    filter: str = ""
    """ffmpeg's filter; empty for none."""
    options: Mapping[str, object] = field(default_factory=dict)
    """Options of the encoder, by name."""
    note: str = ""
    """Change of the channels, as a clause; empty where there is none."""


def is_kept(stream: Stream, codec: AudioCodec) -> bool:
    """Tell whether a codec stores a track's channels as they are; one of unknown layout counts as such."""
    if codec.most_channels and stream.channels > codec.most_channels:
        return False
    return not stream.layout or (_has_name(stream.layout) and _is_stored(stream.layout, codec))


def plan_layout(stream: Stream, codec: AudioCodec) -> LayoutPlan:
    """Plan how a codec stores a track's channels.

    Named channels are mixed to the nearest layout that the codec has. Channels without a common name are
    taken one by one as a named layout of as many: by their own names where these fit one, otherwise in their
    order. More of them than any such layout has stay as they are, for the encoder to refuse.
    """
    if not codec.layouts:
        return LayoutPlan()
    nearest = f"aformat=channel_layouts={'|'.join(codec.layouts)}"
    if not stream.layout or _has_name(stream.layout):
        return LayoutPlan(nearest, note="" if is_kept(stream, codec) else _mixed(stream.layout, codec))
    if stream.layout.startswith(_AMBISONIC) and codec.ambisonic_options:
        return LayoutPlan(options=codec.ambisonic_options)
    layout = _find_layout(stream) or _USUAL.get(stream.channels)
    if layout is None:
        return LayoutPlan()
    note = _taken(stream, layout)
    if not _is_stored(layout, codec):
        note = f"{note}; {_mixed(layout, codec)}"
    return LayoutPlan(f"{_map(stream, layout)},{nearest}", note="" if stream.channels == 1 else note)


def plan_order(stream: Stream) -> LayoutPlan | None:
    """Plan a common order of channels for a container that takes every track to be in one.

    None where the channels have no names, or are in such an order.
    """
    layout = _find_layout(stream)
    return LayoutPlan(_map(stream, layout), note=_taken(stream, layout)) if layout else None


def _has_name(layout: str) -> bool:
    """Tell whether a channel layout places each channel at a loudspeaker by a name, as `5.1` does."""
    return not re.match(rf"\d+ channels|{_AMBISONIC}|binaural|downmix", layout)


def _is_stored(layout: str, codec: AudioCodec) -> bool:
    # Encoders take the channels at the sides for those at the back, where they have the latter only.
    return not codec.layouts or not {layout, layout.removesuffix("(side)")}.isdisjoint(codec.layouts)


def _find_layout(stream: Stream) -> str | None:
    """Find the layout that has the channels of a track in another order."""
    names = sorted(_names(stream))
    return next((layout for layout in AAC_LAYOUTS if sorted(_names_in(layout)) == names), None)


def _map(stream: Stream, layout: str) -> str:
    """Give the filter that moves each channel to its place in a layout, or one by one without such names."""
    names, wanted = _names(stream), _names_in(layout)
    order = map(names.index, wanted) if set(wanted) == set(names) else range(stream.channels)
    return f"channelmap=map={'|'.join(map(str, order))}:channel_layout={layout}"


def _taken(stream: Stream, layout: str) -> str:
    own = "+".join(_names(stream)) or ("" if stream.layout.endswith("channels") else stream.layout)
    return f"{stream.channels} channels {f'({own})' if own else 'without names'} are taken as {layout}"


def _mixed(layout: str, codec: AudioCodec) -> str:
    return f"{layout} is mixed to another layout for {codec.label}"


def _names(stream: Stream) -> list[str]:
    """List the channels of a layout such as `4 channels (FR+FL+LFE+FC)`."""
    found = re.fullmatch(r"\d+ channels \((.+)\)", stream.layout)
    return found[1].split("+") if found else []


def _names_in(layout: str) -> list[str]:
    return [channel.name for channel in av.AudioLayout(layout).channels]
