"""The rows as SVG: cost against flows, and against packet size. Pure: rows in, text out.

One panel for each of the two that has at least two values; each scenario is a line, the references
of the first scenario are thin ones. Colours follow the reader's light or dark setting.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

from tests.bench.figures import Row

WIDTH, HEIGHT = 640, 400
LEFT, RIGHT, TOP, BOTTOM = 70, 200, 40, 56
N_Y_TICKS = 5
COLOURS = ("#0969da", "#cf222e", "#1a7f37", "#8250df", "#bf8700", "#0f7b8a", "#a0446b")
DARK_COLOURS = ("#58a6ff", "#ff7b72", "#56d364", "#d2a8ff", "#e3b341", "#56d4dd", "#f778ba")
REFERENCES = {
    "bare NAT": "reference_cycles_per_packet",
    "MAC swap": "macswap_cycles_per_packet",
}
COST = "cycles_per_packet"


@dataclass(frozen=True, slots=True)
class Line:
    name: str
    is_reference: bool
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Panel:
    """`unit`: below the horizontal axis, which is logarithmic."""

    unit: str
    lines: tuple[Line, ...]


def svg(rows: Sequence[Row], machine: str) -> str:
    """The whole file; a sentence instead of a panel where there is nothing to draw."""
    panels = [panel for panel in (_by_flows(rows), _by_size(rows)) if panel]
    height = max(1, len(panels)) * HEIGHT + 24
    body = [_panel(panel, at * HEIGHT) for at, panel in enumerate(panels)] or [
        _text(LEFT, HEIGHT // 2, "nothing to draw: two numbers of flows or packet sizes are needed")
    ]
    return "\n".join((
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        f'font-family="sans-serif" font-size="12">',
        _style(),
        f'<rect class="paper" width="{WIDTH}" height="{height}"/>',
        *body,
        _text(LEFT, height - 8, machine, size=9),
        "</svg>\n",
    ))  # fmt: skip


def _by_flows(rows: Sequence[Row]) -> Panel | None:
    """At the smallest packet."""
    smallest = min((row["packet_bytes"] for row in rows), default=0)
    return _series(
        "flows", [row for row in rows if row["packet_bytes"] == smallest], lambda row: row["flows"]
    )


def _by_size(rows: Sequence[Row]) -> Panel | None:
    """At the largest number of flows that has several sizes."""
    sizes = {flows: {r["packet_bytes"] for r in rows if r["flows"] == flows}
             for flows in {row["flows"] for row in rows}}  # fmt: skip
    flows = max((flows for flows, seen in sizes.items() if len(seen) > 1), default=None)
    chosen = [row for row in rows if row["flows"] == flows]
    return _series(f"bytes a packet, {flows:,} flows" if flows else "", chosen,
                   lambda row: row["packet_bytes"])  # fmt: skip


def _series(unit: str, rows: Sequence[Row], x: Callable[[Row], int]) -> Panel | None:
    def line(name: str, key: str, of: list[Row], is_reference: bool) -> Line:
        points = {float(x(row)): float(row[key]) for row in of if row[key] is not None}
        return Line(name, is_reference, tuple(sorted(points.items())))

    by_name: dict[str, list[Row]] = {}
    for row in rows:
        name = " ".join(filter(None, (row["scenario"], row["case"])))
        by_name.setdefault(name, []).append(row)
    lines = [line(name, COST, of, False) for name, of in by_name.items()]
    for of in list(by_name.values())[:1]:
        lines += [line(name, key, of, True) for name, key in REFERENCES.items()]
    drawn = tuple(each for each in lines if len(each.points) > 1)
    return Panel(unit, drawn) if drawn else None


def _panel(panel: Panel, top: int) -> str:
    xs = [x for line in panel.lines for x, _ in line.points]
    highest = max(y for line in panel.lines for _, y in line.points)
    step = nice_step(highest / N_Y_TICKS)
    y_max = step * math.ceil(highest / step)
    low, high = math.log10(min(xs)), math.log10(max(xs))
    x0, x1, y0, y1 = LEFT, WIDTH - RIGHT, top + HEIGHT - BOTTOM, top + TOP

    def at(x: float, y: float) -> tuple[float, float]:
        share = (math.log10(x) - low) / (high - low)
        return x0 + share * (x1 - x0), y0 - y / y_max * (y0 - y1)

    parts = [_text(x0, y1 - 14, "cycles a packet (median)")]
    for n in range(round(y_max / step) + 1):
        _, y_px = at(xs[0], n * step)
        parts.append(f'<path class="grid" d="M{x0} {y_px:.1f}H{x1}"/>')
        parts.append(_text(x0 - 8, y_px + 4, f"{n * step:g}", anchor="end"))
    for x in sorted(set(xs)):
        x_px, _ = at(x, 0)
        parts.append(f'<path class="axis" d="M{x_px:.1f} {y0}v5"/>')
        parts.append(_text(x_px, y0 + 19, f"{x:,.0f}", anchor="middle"))
    parts.append(f'<path class="axis" d="M{x0} {y1}V{y0}H{x1}"/>')
    parts.append(_text((x0 + x1) / 2, y0 + 40, panel.unit, anchor="middle"))
    parts += [_line(line, n, at, y1 + 18 * n) for n, line in enumerate(panel.lines)]
    return "\n".join(parts)


def _line(
    line: Line, number: int, at: Callable[[float, float], tuple[float, float]], legend_y: float
) -> str:
    points = [at(*point) for point in line.points]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    kind = f"s{number % len(COLOURS)}" + (" reference" if line.is_reference else "")
    x = WIDTH - RIGHT + 16
    return "\n".join((
        f'<polyline class="{kind}" points="{path}"/>',
        *(f'<circle class="{kind} dot" cx="{px:.1f}" cy="{py:.1f}" r="2.5"/>' for px, py in points),
        f'<path class="{kind}" d="M{x} {legend_y:.1f}h22"/>',
        _text(x + 28, legend_y + 4, line.name),
    ))  # fmt: skip


def nice_step(about: float) -> float:
    """1, 2 or 5 times a power of ten, not less.

    >>> nice_step(37), nice_step(60), nice_step(0.12)
    (50.0, 100.0, 0.2)
    """
    power = 10.0 ** math.floor(math.log10(about))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= about)


def _text(x: float, y: float, text: str, anchor: str = "start", size: int = 12) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}">'
        f"{escape(text)}</text>"
    )


def _style() -> str:
    def colours(of: Sequence[str]) -> str:
        return "".join(f".s{n}{{stroke:{c}}}.s{n}.dot{{fill:{c}}}" for n, c in enumerate(of))

    return (
        "<style>"
        "polyline,path{fill:none;stroke-width:2}.reference{stroke-dasharray:5 3;stroke-width:1.5}"
        ".paper{fill:#fff}text{fill:#1f2328}.axis{stroke:#59636e;stroke-width:1}"
        ".grid{stroke:#d1d9e0;stroke-width:1}" + colours(COLOURS)
        + "@media(prefers-color-scheme:dark){.paper{fill:#0d1117}text{fill:#f0f6fc}"
        ".axis{stroke:#9198a1}.grid{stroke:#3d444d}" + colours(DARK_COLOURS) + "}</style>"
    )  # fmt: skip
