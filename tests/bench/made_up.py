"""Samples and rounds that no machine has made, for tests of the judge and the report."""

from dataclasses import replace

from tests.bench.noise import Disturbance, Round
from tests.bench.scenario import MACSWAP, MEASURED, NAT, Case, Figure, Ratio, Run, Sample

QUIET = Disturbance(stolen_pct=0.0, others_pct=0.5)
CASE = Case(
    {MACSWAP: Run("macswap"), NAT: Run("nat"), MEASURED: Run("fnat")},
    Ratio((Figure(MEASURED),), (Figure(NAT),), "bare NAT"),
)


def sample(cycles: float, tail: float = 1.1) -> Sample:
    return {
        "cycles_per_packet": cycles,
        "p10": cycles * 0.9,
        "p90": cycles * tail,
        "mpps_per_cpu_second": 2450 / cycles,
        "mpps_through": 2450 / cycles,
    }


def round_of(
    fnat: float, nat: float = 100.0, macswap: float = 50.0, tail: float = 1.1, **noise: float
) -> Round:
    """`tail`: p90 of bare NAT over its median; `noise`: fields of Disturbance."""
    samples = {MACSWAP: sample(macswap), NAT: sample(nat, tail), MEASURED: sample(fnat)}
    return Round(samples, replace(QUIET, **noise))
