"""The plot is drawn to scale, says its units, and follows light and dark."""

import re
from xml.etree import ElementTree

import pytest

from tests.bench import figures, plot
from tests.bench.figures import Point, Row
from tests.bench.made_up import CASE, round_of
from tests.bench.noise import Verdict
from tests.bench.scenario import Scenario

SVG = "{http://www.w3.org/2000/svg}"


def row(flows: int, size: int = 64, cycles: float = 150, name: str = "fnat") -> Row:
    verdict = Verdict((round_of(cycles),))
    return figures.row(Scenario(name, "", "", (CASE,)), CASE, Point(flows, size), verdict)


def drawn(*rows: Row) -> ElementTree.Element:
    return ElementTree.fromstring(plot.svg(rows, "a machine <of ours>"))


def lines(root: ElementTree.Element) -> list[list[tuple[float, float]]]:
    return [
        [(float(x), float(y)) for x, y in (p.split(",") for p in line.attrib["points"].split())]
        for line in root.iter(f"{SVG}polyline")
    ]


def texts(root: ElementTree.Element) -> list[str]:
    return [text.text or "" for text in root.iter(f"{SVG}text")]


def test_flows_are_logarithmic_and_cost_is_linear() -> None:
    root = drawn(row(1000, cycles=100), row(10_000, cycles=150), row(1_000_000, cycles=200))
    (x0, y0), (x1, y1), (x2, y2) = lines(root)[0]
    assert x2 - x1 == pytest.approx(2 * (x1 - x0), abs=0.2)
    assert y0 - y1 == pytest.approx(y1 - y2, abs=0.2)
    assert y0 > y1
    assert x0 == plot.LEFT and x2 == plot.WIDTH - plot.RIGHT


def test_scenario_and_both_references_with_units() -> None:
    root = drawn(row(1000), row(10_000))
    assert len(lines(root)) == 3
    said = texts(root)
    for text in ("fnat", "bare NAT", "MAC swap", "flows", "cycles a packet (median)", "10,000"):
        assert text in said
    assert said[-1] == "a machine <of ours>"


def test_two_scenarios_share_the_references() -> None:
    root = drawn(row(1000), row(2000), row(1000, name="fnat6"), row(2000, name="fnat6"))
    assert len(lines(root)) == 4


def test_a_panel_for_packet_sizes() -> None:
    root = drawn(row(1000), row(1000, 512), row(9000), row(9000, 512))
    assert "bytes a packet, 9,000 flows" in texts(root)
    assert "flows" in texts(root)
    assert len(lines(root)) == 6


def test_noisy_rows_leave_a_gap_and_nothing_is_said_so() -> None:
    noisy = figures.row(
        Scenario("fnat", "", "", (CASE,)), CASE, Point(5000, 64), Verdict((), "noise")
    )
    assert len(lines(drawn(row(1000), noisy, row(9000)))[0]) == 2
    assert any("nothing to draw" in text for text in texts(drawn(row(1000), noisy)))
    assert any("nothing to draw" in text for text in texts(drawn()))


def test_light_and_dark() -> None:
    text = plot.svg([row(1000), row(2000)], "")
    style, dark = text[: text.index("</style>")].split("@media(prefers-color-scheme:dark)")
    for selector in (".paper", "text", ".axis", ".grid", ".s0", ".s1", ".s2"):
        values = [
            re.search(re.escape(selector) + r"\{[a-z]+:(#\w+)", part) for part in (style, dark)
        ]
        assert values[0] and values[1]
        assert values[0][1] != values[1][1]
