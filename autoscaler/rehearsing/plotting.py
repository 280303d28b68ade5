"""A backtest drawn: the load, and for each policy what was needed, wanted and ready, with every change and its reasons on hover.

PNG, or HTML that holds all it needs. Drawn by Vega-Lite (extra `plot`); the same backtest gives the same bytes.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from autoscaler.errors import SetupError, UsageError
from autoscaler.explaining import because
from autoscaler.model.decisions import Decision
from autoscaler.rehearsing.backtest import Change, Replayed, Setting
from autoscaler.rehearsing.load import Load

WIDTH = 1200
POINTS = 1500
"""Values drawn of each line: more would not be seen."""

CHANGES = 4000
"""Changes drawn of each policy: the largest."""

COLOURS = {"needed": "#9aa5b1", "wanted": "#f0a202", "ready": "#1769aa"}

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]
Spec = dict[str, Json]
"""Vega-Lite, version 5."""

TIME: Spec = {"field": "t", "type": "temporal", "title": None, "scale": {"type": "utc"}}
TIPS: list[Json] = [
    {"field": "t", "type": "temporal", "title": "at", "format": "%Y-%m-%d %H:%M:%S"},
    {"field": "change", "type": "nominal"},
    {"field": "why", "type": "nominal"},
]


def draw(path: Path, load: Load, needed: Sequence[int], setting: Setting, replayed: Sequence[Replayed]) -> bytes:
    """The drawing, as `path` ends; UsageError for neither .png nor .html, SetupError without the extra."""
    if path.suffix not in (".png", ".html"):
        raise UsageError(f"{path}: a plot is a .png or an .html", hint="name it so")
    try:
        import vl_convert
    except ImportError as error:
        raise SetupError("plots need the extra `plot`", hint="pip install 'poolkeeper[plot]'") from error
    spec = drawing(load, needed, setting, replayed)
    if path.suffix == ".png":
        return bytes(vl_convert.vegalite_to_png(spec))
    return str(vl_convert.vegalite_to_html(spec, bundle=True)).encode()


def drawing(load: Load, needed: Sequence[int], setting: Setting, replayed: Sequence[Replayed]) -> Spec:
    """The whole in Vega-Lite."""
    policies: list[Json] = [_policy_panel(load, needed, setting, one) for one in replayed]
    alike: Spec = {"vconcat": policies, "resolve": {"scale": {"y": "shared"}}}
    panels: list[Json] = [_load_panel(load, setting), alike]
    config: Spec = {"axis": {"gridOpacity": 0.4}, "view": {"strokeOpacity": 0.2}}
    return {"$schema": "https://vega.github.io/schema/vega-lite/v5.json", "vconcat": panels, "config": config}


def _load_panel(load: Load, setting: Setting) -> Spec:
    values = load.at(setting.every)
    rows: list[Json] = [{"t": _time(load, setting, start), "load": max(values[start:end])} for start, end in _bins(len(values))]
    return {
        "title": f"{load.name}: load",
        "width": WIDTH,
        "height": 140,
        "data": {"values": rows},
        "mark": {"type": "area", "color": "#c9d6df", "line": {"color": "#52616b", "strokeWidth": 1}},
        "encoding": {"x": TIME, "y": {"field": "load", "type": "quantitative", "title": None}},
    }


def _policy_panel(load: Load, needed: Sequence[int], setting: Setting, one: Replayed) -> Spec:
    count: Spec = {"field": "n", "type": "quantitative", "title": None}
    scale: Spec = {"domain": [*COLOURS], "range": [*COLOURS.values()]}
    lines: Spec = {
        "data": {"values": list(_lines(load, needed, setting, one))},
        "mark": {"type": "line", "interpolate": "step-after", "strokeWidth": 1.2},
        "encoding": {"x": TIME, "y": count, "color": {"field": "what", "type": "nominal", "title": None, "scale": scale}},
    }
    changes: Spec = {
        "data": {"values": [_point(load, setting, change) for change in _largest(one.changes)]},
        "mark": {"type": "circle", "size": 10, "color": "#d1495b", "opacity": 0.35},
        "encoding": {"x": TIME, "y": count, "tooltip": TIPS},
    }
    return {"title": f"{one.policy}: replicas", "width": WIDTH, "height": 260, "layer": [lines, changes]}


def _bins(count: int) -> Iterator[tuple[int, int]]:
    """Spans of ticks, so many that each can be seen."""
    size = max(1, -(-count // POINTS))
    yield from ((start, min(start + size, count)) for start in range(0, count, size))


def _lines(load: Load, needed: Sequence[int], setting: Setting, one: Replayed) -> Iterator[Json]:
    """Of each span the most that was needed and wanted, and the fewest that were ready."""
    for start, end in _bins(len(needed)):
        at = _time(load, setting, start)
        yield {"t": at, "what": "needed", "n": max(needed[start:end])}
        yield {"t": at, "what": "wanted", "n": max(one.wanted[start:end])}
        yield {"t": at, "what": "ready", "n": min(one.ready[start:end])}


def _largest(changes: Sequence[Change]) -> Iterator[Change]:
    """At most CHANGES of them, in their order."""
    sizes = sorted((abs(one.decision.count - one.decision.current) for one in changes), reverse=True)
    least = sizes[CHANGES] + 1 if len(sizes) > CHANGES else 0
    yield from (one for one in changes if abs(one.decision.count - one.decision.current) >= least)


def _point(load: Load, setting: Setting, change: Change) -> Json:
    decision = change.decision
    count = f"{decision.current} -> {decision.count}"
    return {"t": _time(load, setting, change.tick), "n": decision.count, "change": count, "why": _why(decision)}


def _why(decision: Decision) -> str:
    """What asked for the count, and what each later stage made of it."""
    votes = [one.vote.reasons for one in decision.votes if one.vote.count == decision.recommended]
    stages = [one.reasons for one in decision.stages if one.reasons and one.before != one.after]
    return "; ".join(because(one) for one in (*votes[:1], *stages[1:]))


def _time(load: Load, setting: Setting, tick: int) -> int:
    return load.times[0] + tick * setting.every.ms
