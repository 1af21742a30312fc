"""The options of script/bench. Pure but for --list and --help, which print and end."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass

from tests.bench.core_program import SMALLEST_PACKET
from tests.bench.scenario import Scenario
from tests.bench.scenarios import GROUPS, SCENARIOS


@dataclass(frozen=True, slots=True)
class Options:
    scenarios: tuple[Scenario, ...]
    flows: tuple[int, ...]  # empty: the scenario's own
    packet_bytes: tuple[int, ...]
    seconds: float  # 0: the scenario's own
    rounds: int  # 0: the scenario's own
    workers: int
    cpus: tuple[int, ...]
    json: str
    plot: str
    balancer: str


def parse(argv: Sequence[str]) -> Options:
    parser = argparse.ArgumentParser(
        prog="script/bench",
        description="Measure the forwarding core, beside the least that any balancer does.",
    )
    add = parser.add_argument
    add("scenario", nargs="*", metavar="SCENARIO", help="--list has them")
    add("--list", action="store_true", help="name the scenarios and end")
    add("--flows", type=numbers, default=(), help="such as 1000,1000000")
    add("--packet-bytes", type=numbers, default=(SMALLEST_PACKET,),
        help="frame sizes with their check sequence, such as 64,512,1400")  # fmt: skip
    add("--workers", type=int, choices=(1, 2), default=0,
        help="measure fnat, fnat-tcp, fnat6, dr or tunnel on so many workers")  # fmt: skip
    add("--seconds", type=float, default=0.0, help="of one measurement")
    add("--rounds", type=int, default=0, help="interleaved repetitions, from 2")
    add("--cpus", type=numbers, default=(0, 1), metavar="A,B[,C]",
        help="processors: A generates, B is measured, C (else A) answers (memif)")  # fmt: skip
    add("--json", metavar="FILE", default="", help="also write the rows there")
    add("--plot", metavar="FILE.svg", default="", help="also draw them")
    add("--balancer", metavar="COMMAND", default="",
        help="memif: what to start in place of dpvs")  # fmt: skip
    given = parser.parse_args(argv)
    if given.list:
        width = max(map(len, SCENARIOS))
        print("\n".join(f"{row.name:{width}}  {row.sentence}" for row in SCENARIOS.values()))
        raise SystemExit(0)
    unknown = [word for word in given.scenario if word not in {**SCENARIOS, **GROUPS}]
    if unknown:
        parser.error(f"there is no scenario {unknown[0]}; --list names them")
    if not given.scenario:
        parser.error("which scenario? --list names them, `all` is the whole table")
    if given.rounds == 1:
        parser.error("--rounds: one round cannot show whether the machine was quiet; from 2")
    names = [name for word in given.scenario for name in GROUPS.get(word, (word,))]
    return Options(
        scenarios=tuple(SCENARIOS[name] for name in dict.fromkeys(names)),
        flows=given.flows, packet_bytes=given.packet_bytes, seconds=given.seconds,
        rounds=given.rounds, workers=given.workers, cpus=given.cpus, json=given.json,
        plot=given.plot, balancer=given.balancer,
    )  # fmt: skip


def numbers(text: str) -> tuple[int, ...]:
    """
    >>> numbers("1000,64")
    (1000, 64)
    """
    values = tuple(int(part) for part in text.split(","))
    if min(values) < 0:
        raise ValueError(text)
    return values
