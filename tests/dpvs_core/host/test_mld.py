"""Multicast listener discovery (F-221; RFC 3810 for hosts, RFC 2710 beside an old querier).

By the test's clock; every report is read back whole by an oracle written from the RFCs.
"""

from collections.abc import Iterator
from ipaddress import ip_address

import pytest

pytest.importorskip("dpvs_core._native", reason="needs the native module: script/setup")

from dpvs_core._native import lib

from tests.dpvs_core.host import nd_scene
from tests.dpvs_core.host.nd_scene import FAR_OURS, OURS, nd_director
from tests.oracle.mld import Query, Record, Report, read_report
from tests.oracle.nd import solicited_node
from tests.steps.core import MAC, NO_ID, StepCore
from tests.steps.neighbours import addr_states

TICK_S = 0.05
LOCAL = str(ip_address(nd_scene.LOCAL))
NEW = "2001:db8::ab:cdef"


def group(addr: str) -> str:
    return str(ip_address(solicited_node(addr)))


G_NEW, G_OURS, G_LOCAL = group(NEW), group(OURS), group(LOCAL)


def told(core: StepCore, seconds: float, dev: int = 0) -> list[tuple[float, Report]]:
    """What is reported in that time, and when."""
    found, start_us = [], core.now_us
    while core.now_us < start_us + seconds * 1e6:
        core.reports.clear()
        core.step(10_000, turns=2)
        at_s = (core.now_us - start_us) / 1e6
        found += [(at_s, read_report(frame, MAC[dev])) for frame in core.reports[dev]]
    return found


def records(reports: list[tuple[float, Report]]) -> list[Record]:
    return [record for _, report in reports for record in report.records]


def quiet(core: StepCore) -> None:
    """All that was to be told of the scene's addresses was told."""
    told(core, 3.0)
    assert told(core, 5.0) == []


@pytest.fixture(params=[1, 3])
def core(request: pytest.FixtureRequest) -> Iterator[StepCore]:
    with nd_director(request.param) as core:
        yield core


def ask(core: StepCore, query: Query, dev: int = 0) -> None:
    core.send(bytes(query), dev, core.n_workers - 1)
    core.step()


def test_the_groups_of_all_addresses_are_reported_at_start(core: StepCore) -> None:
    """MUST: RFC 4861 7.2.1 (a node joins the group of each of its addresses), RFC 3810 6.1."""
    first, *more = told(core, 2.0)
    assert first[0] <= 2 * TICK_S
    assert first[1].src == LOCAL
    assert sorted(first[1].records) == sorted([("to-ex", G_OURS), ("to-ex", G_LOCAL)])
    assert [report for _, report in more] == [first[1]], "robustness 2: once more, a second later"
    assert told(core, 5.0) == []


def test_each_device_has_its_own(core: StepCore) -> None:
    assert set(records(told(core, 3.0, dev=1))) == {("to-ex", group(FAR_OURS))}


def test_join_and_leave_are_told_twice_each(core: StepCore) -> None:
    quiet(core)
    core.addr(NEW, 0)
    joins = told(core, 3.0)
    assert records(joins) == [("to-ex", G_NEW)] * 2
    assert 0 < joins[1][0] - joins[0][0] <= 1.0 + TICK_S
    core.remove_addr(NEW)
    assert records(told(core, 3.0)) == [("to-in", G_NEW)] * 2
    assert told(core, 3.0) == []


def test_a_group_of_two_addresses_is_left_with_the_last(core: StepCore) -> None:
    """NEGATIVE: one address goes, the other still needs the group."""
    twin = "2001:db8:1::ab:cdef"
    quiet(core)
    core.addr(NEW, 0)
    core.addr(twin, 0)
    assert records(told(core, 3.0)) == [("to-ex", G_NEW)] * 2
    core.remove_addr(NEW)
    assert told(core, 3.0) == []
    core.remove_addr(twin)
    assert records(told(core, 3.0)) == [("to-in", G_NEW)] * 2


def test_the_group_is_joined_before_its_address_is_asked_for(core: StepCore) -> None:
    """RFC 4862 5.4.2: else the answer of a switch that snoops does not come."""
    quiet(core)
    core.addr(NEW, 0, dad=True)
    core.sent.clear()
    order: list[str] = []
    for _ in range(10):
        core.reports.clear()
        core.sent.clear()
        lib.core_step_host(core.core, core.now_us)
        core.now_us += 10_000
        core.step(turns=1)
        order += ["report"] * len(core.reports[0]) + ["probe"] * len(core.sent[0])
    assert order[:2] == ["report", "probe"]


def test_until_there_is_a_link_local_address_reports_come_from_none(core: StepCore) -> None:
    """RFC 3810 5.2.13; RFC 3590 4: then all again."""
    core.remove_addr(nd_scene.LOCAL)
    quiet(core)
    core.addr(nd_scene.LOCAL, 0, dad=True)
    start = told(core, 0.5)
    assert {report.src for _, report in start} == {"::"}
    assert ("to-ex", G_LOCAL) in records(start)
    after = [report for _, report in told(core, 4.0) if report.src == LOCAL]
    assert addr_states(core) == {LOCAL: "PREFERRED"}
    assert {record for report in after for record in report.records} == {
        ("to-ex", G_OURS), ("to-ex", G_LOCAL),
    }  # fmt: skip


@pytest.mark.parametrize(("code", "max_s"), [(1000, 1.0), (0, 0.0), (0x8123, 0x1123 << 3)])
def test_a_general_query_is_answered_in_time(core: StepCore, code: int, max_s: float) -> None:
    """RFC 3810 5.1.3, 6.2, 6.3: one report with all groups, within the time that it gives."""
    max_s = max_s / 1000 if code >= 0x8000 else max_s
    quiet(core)
    ask(core, Query(max_code=code))
    answers = told(core, max_s + 2 * TICK_S)
    assert len(answers) == 1
    at_s, report = answers[0]
    assert at_s <= max_s + TICK_S + 0.01
    assert sorted(report.records) == sorted([("is-ex", G_OURS), ("is-ex", G_LOCAL)])
    assert told(core, 5.0) == []


def test_answers_are_spread_over_the_time(core: StepCore) -> None:
    quiet(core)
    times = []
    for _ in range(12):
        ask(core, Query(max_code=2000))
        [(at_s, _)] = told(core, 2.2)
        times.append(at_s)
    assert max(times) - min(times) > 0.5
    assert len({round(at_s, 1) for at_s in times}) >= 4


def test_a_query_about_a_group_is_answered_for_it_alone(core: StepCore) -> None:
    quiet(core)
    for query in (Query(G_OURS), Query(G_OURS, sources=("2001:db8::5",))):
        ask(core, query)
        assert records(told(core, 1.2)) == [("is-ex", G_OURS)]
    ask(core, Query(G_NEW))
    assert told(core, 1.2) == [], "not our group"


def test_a_device_answers_for_its_own_groups(core: StepCore) -> None:
    quiet(core)
    ask(core, Query(G_LOCAL), dev=1)
    assert told(core, 1.2) == []
    ask(core, Query(), dev=1)
    assert records(told(core, 1.2, dev=1)) == [("is-ex", group(FAR_OURS))]


@pytest.mark.parametrize(
    "query",
    [
        Query(src="2001:db8::99"), Query(src="::"), Query(ttl=2), Query(ttl=255),
        Query(options=b""), Query(options=bytes((1, 4, 0, 0, 0, 0))), Query(flip=1),
        Query(cut=2), Query(robustness=None, cut=1),
        Query(options=bytes((5, 9, 0, 0, 1, 0))),
    ],
)  # fmt: skip
def test_what_is_no_valid_query_is_not_answered(core: StepCore, query: Query) -> None:
    """NEGATIVE: RFC 3810 6.2 and 8.1: source, hop limit, router alert, checksum, length."""
    quiet(core)
    ask(core, query)
    assert told(core, 1.5) == []


def test_an_alert_behind_other_options_is_found(core: StepCore) -> None:
    quiet(core)
    ask(core, Query(options=bytes((0, 0, 5, 2, 0, 0))))
    assert len(told(core, 1.2)) == 1


def test_robustness_is_the_queriers(core: StepCore) -> None:
    quiet(core)
    ask(core, Query(robustness=4))
    told(core, 1.2)
    core.addr(NEW, 0)
    assert records(told(core, 6.0)) == [("to-ex", G_NEW)] * 4


def test_beside_an_old_querier_version_1_is_spoken(core: StepCore) -> None:
    """RFC 3810 8.2.1: for robustness x 125 s and the time of the query, then version 2 again."""
    quiet(core)
    ask(core, Query(robustness=None, max_code=1000))
    answers = [report for _, report in told(core, 1.2)]
    assert sorted(answers, key=repr) == sorted(
        [Report(1, LOCAL, (("report", known),)) for known in (G_OURS, G_LOCAL)], key=repr
    )
    core.addr(NEW, 0)
    assert [report.records for _, report in told(core, 3.0)] == [(("report", G_NEW),)] * 2
    core.remove_addr(NEW)
    assert [report.records for _, report in told(core, 3.0)] == [(("done", G_NEW),)] * 2
    core.pass_time(240.0)
    ask(core, Query())
    assert {report.version for _, report in told(core, 1.2)} == {1}
    core.pass_time(10.0)
    ask(core, Query())
    assert [report.version for _, report in told(core, 1.2)] == [2]


def test_linux_hears_the_query_too(core: StepCore) -> None:
    """It has groups of its own on the kernel port."""
    quiet(core)
    core.to_kernel.clear()
    query = Query()
    ask(core, query)
    assert core.to_kernel[0] == [bytes(query)]
    assert core.verdicts()["mld-received"] == 1


def test_without_a_kernel_port_it_ends_here() -> None:
    with nd_director(settings={"kernel_ports": 0}) as core:
        quiet(core)
        ask(core, Query())
        assert core.verdicts()["mld-handled"] == 1
        assert len(told(core, 1.2)) == 1


def test_a_thousand_groups_in_reports_of_an_mtu(core: StepCore) -> None:
    quiet(core)
    core.addrs += [(f"2001:db8:2::{i + 0x100:x}", 0, 0, NO_ID) for i in range(1000)]
    core._publish()
    core.pass_time(0.1, TICK_S)
    frames = core.reports[0][:14]
    assert max(len(frame) for frame in frames) <= 1514
    assert len(set(records([(0.0, read_report(frame, MAC[0])) for frame in frames]))) == 1000
    told(core, 3.0)


def test_more_groups_than_there_is_room_for_are_counted(core: StepCore) -> None:
    """NEGATIVE: three are the scene's; what has no room is not reported, the rest is."""
    quiet(core)
    n_room = int(lib.CORE_MAX_GROUPS) - 3
    core.addrs += [(f"2001:db8:2::{i + 0x100:x}", 0, 0, NO_ID) for i in range(n_room)]
    core._publish()
    core.step()
    assert "mld-full" not in core.verdicts()
    core.addr("2001:db8:2::ff:1", 0)
    core.step()
    assert core.verdicts()["mld-full"] == 1
    core.pass_time(4.0, TICK_S)
    reports = [(0.0, read_report(frame, MAC[0])) for frame in core.reports[0]]
    assert len(set(records(reports))) == n_room
