"""The table of scenarios: a row is all that distinguishes one from another."""

from tests.bench.scenario import (
    MACSWAP,
    MEASURED,
    NAT,
    Case,
    Difference,
    Figure,
    Ratio,
    Run,
    Scenario,
)

CONNECTION = "cycles_per_connection"
PAIR = ("--workers", "2")
ALONE = ("--self-fed",)
"""One worker that feeds itself, as each of two does."""
REFERENCES = {MACSWAP: Run("macswap"), NAT: Run("nat")}
TO_NAT = Ratio((Figure(MEASURED),), (Figure(NAT),), "bare NAT at the same number of flows")
MEANING = (
    "ratio: cost of a packet to that of bare NAT (parse, one staged look-up, rewrite, counters and "
    "nothing else) with as many flows, measured in turn with it."
)


def beside_nat(program: str, *options: str) -> tuple[Case, ...]:
    return (Case({**REFERENCES, MEASURED: Run(program, options=options)}, TO_NAT),)


FNAT_TCP = Case(
    {**REFERENCES, "udp": Run("fnat"), MEASURED: Run("fnat-tcp")},
    TO_NAT,
    more={"ratio_to_udp": Ratio((Figure(MEASURED),), (Figure("udp"),), "UDP")},
)


def beside_fnat(program: str) -> tuple[Case, ...]:
    """Another mode, beside full NAT over IPv4."""
    return (
        Case(
            {**REFERENCES, "fnat": Run("fnat"), MEASURED: Run(program)},
            TO_NAT,
            more={"ratio_to_fnat": Ratio((Figure(MEASURED),), (Figure("fnat"),), "full NAT")},
        ),
    )


TWO_WORKERS = Case(
    {
        "nat of one": Run("nat", options=ALONE),
        "fnat of one": Run("fnat", options=ALONE),
        MACSWAP: Run("macswap", workers=2, options=PAIR),
        NAT: Run("nat", workers=2, options=PAIR),
        MEASURED: Run("fnat", workers=2, options=PAIR),
    },
    Ratio((Figure(MEASURED),), (Figure(NAT),), "bare NAT on two workers"),
    more={
        "ratio_to_one_worker": Ratio(
            (Figure(MEASURED), Figure("nat of one")),
            (Figure(NAT), Figure("fnat of one")),
            "the same of one worker that feeds itself",
        )
    },
)


REDIRECT = Case(
    {
        MACSWAP: Run("macswap", workers=2, options=PAIR),
        NAT: Run("nat", workers=2, options=PAIR),
        "straight": Run("fnat", workers=2, options=PAIR),
        MEASURED: Run("redirect", workers=2, options=("--redirect-pct", "50")),
    },
    Ratio((Figure(MEASURED),), (Figure("straight"),), "two workers, nothing redirected"),
)

LATENCY = Case(
    {
        **REFERENCES,
        "fnat": Run("fnat"),
        "reference": Run("latency-nat", rate_of="fnat"),
        MEASURED: Run("latency-fnat", rate_of="fnat"),
    },
    Ratio((Figure(MEASURED, "p50_us"),), (Figure("reference", "p50_us"),), "bare NAT's p50"),
    more={
        f"{key}_above_reference_us": Difference(
            Figure(MEASURED, f"{key}_us"), Figure("reference", f"{key}_us")
        )
        for key in ("p50", "p99")
    },
    steady_ratio=False,  # of a few whole microseconds
)


def comparison(program: str) -> tuple[Case, ...]:
    return (Case({**REFERENCES, MEASURED: Run(program)}, None),)


def setup_case(label: str, least: tuple[str, ...], options: tuple[str, ...]) -> Case:
    """New connections with `options`, beside the same with the `least` of them."""
    return Case(
        {
            **REFERENCES,
            "least": Run("conn-setup", options=least),
            MEASURED: Run("conn-setup", options=options),
        },
        Ratio((Figure(MEASURED, CONNECTION),), (Figure("least", CONNECTION),), " ".join(least)),
        label,
    )


SERVICES = tuple(
    setup_case(f"{n} services", ("--services", "10"), ("--services", str(n)))
    for n in (10, 100, 1_000, 10_000)
)
SCHEDULERS = tuple(
    setup_case(
        f"{sched}, {n} dests", ("--sched", sched, "--dests", "10"),
        ("--sched", sched, "--dests", str(n)),
    )
    for sched in ("rr", "wrr", "wlc") for n in (10, 100, 1_000)
)  # fmt: skip

MEMIF = Case(
    {MACSWAP: Run("forward", way="memif"), MEASURED: Run("balancer", way="memif")},
    Ratio((Figure(MEASURED),), (Figure(MACSWAP),), "MACs rewritten over the same memif ports"),
    steady=(Figure(MACSWAP),),
)

CONTROL = Case(
    {MEASURED: Run("control", way="control")},
    Ratio((Figure(MEASURED),), (Figure(MEASURED, "cycles_per_packet_before"),), "before"),
    steady=(Figure(MEASURED, "cycles_per_packet_before"),),
)

CONFIG = Case(
    {MEASURED: Run("config", way="config")}, None, steady=(Figure(MEASURED, "test_cpu_s"),)
)

SCENARIOS = {
    row.name: row
    for row in (
        Scenario(
            "fnat", "UDP, full NAT, both directions mixed, flows in random order", MEANING,
            beside_nat("fnat"), flows=(1_000, 100_000, 1_000_000),
        ),
        Scenario(
            "fnat-tcp", "established TCP, full NAT, no client address due",
            MEANING + " ratio_to_udp: to UDP.", (FNAT_TCP,), extra=("ratio_to_udp",),
        ),
        Scenario(
            "fnat6", "UDP over IPv6, full NAT; bare NAT is IPv4's",
            MEANING + " ratio_to_fnat: to full NAT over IPv4.", beside_fnat("fnat6"),
            extra=("ratio_to_fnat",),
        ),
        Scenario(
            "masq", "UDP, NAT: the destination alone is replaced",
            MEANING + " ratio_to_fnat: to full NAT.", beside_fnat("masq"),
            extra=("ratio_to_fnat",),
        ),
        Scenario(
            "snat", "UDP, SNAT: the source alone is replaced on the way out",
            MEANING + " ratio_to_fnat: to full NAT.", beside_fnat("snat"),
            extra=("ratio_to_fnat",),
        ),
        Scenario(
            "nat64", "UDP, full NAT between clients of IPv6 and servers of IPv4",
            MEANING + " ratio_to_fnat: to full NAT over IPv4.", beside_fnat("nat64"),
            extra=("ratio_to_fnat",),
        ),
        Scenario(
            "dr", "UDP, direct routing, the clients' packets in random order",
            MEANING + " ratio_to_fnat: to full NAT.", beside_fnat("dr"),
            extra=("ratio_to_fnat",),
        ),
        Scenario(
            "tunnel", "UDP, IPv4 in IPv4, the clients' packets in random order",
            MEANING + " ratio_to_fnat: to full NAT.", beside_fnat("tunnel"),
            extra=("ratio_to_fnat",),
        ),
        Scenario(
            "tcp-crr", "TCP connect, request, response, close, to the end of its timers",
            MEANING + " Beside its packets: what a connection costs over 8 established packets.",
            beside_nat("tcp-crr"), flows=(100_000,),
            extra=(CONNECTION, "cycles_per_connection_beside_packets"),
        ),
        Scenario(
            "conn-setup", "first packets of UDP flows, made and ended",
            "ratio: cost of a connection to that of a packet of bare NAT.",
            (Case({**REFERENCES, MEASURED: Run("conn-setup")},
                  Ratio((Figure(MEASURED, CONNECTION),), (Figure(NAT),), "a packet of bare NAT")),),
            flows=(100_000,), extra=(CONNECTION,),
        ),
        Scenario(
            "redirect", "two workers, half of the packets arrive at the wrong one",
            "ratio: cost of a packet to that without redirection; bare NAT on two workers beside.",
            (REDIRECT,),
        ),
        Scenario(
            "two-workers", "UDP full NAT on two workers at once, each fed from a ring of its own",
            "ratio: to bare NAT on two workers; ratio_to_one_worker: to the same ratio"
            " of one worker that feeds itself.",
            (TWO_WORKERS,), extra=("ratio_to_one_worker",),
        ),
        Scenario(
            "latency", "time through full NAT at half of the load it can carry",
            "ratio: median time to bare NAT's at the same rate; the rest are differences to it.",
            (LATENCY,), flows=(100_000,), rounds=5,
            extra=("p50_us", "p99_us", "max_us", "p50_above_reference_us",
                   "p99_above_reference_us"),
        ),
        Scenario(
            "control", "40,000 weights changed while packets go through dpvs",
            "ratio: cost of a packet while weights change to that before, in the same worker.",
            (CONTROL,), flows=(10_000,), rounds=3,
            extra=("cycles_per_packet_before", "batch_s", "services_batch_s", "lost_packets",
                   "address_p50_ms", "address_max_ms", "longest_block_ms"),
        ),
        Scenario(
            "config", "keepalived with many virtual servers, two real servers and checks each",
            "flows: virtual servers. test: keepalived -t; start: until all are programmed; reload: "
            "of the same file, which changes nothing.",
            (CONFIG,), flows=(10_000,),
            extra=("test_s", "test_cpu_s", "test_mb", "start_s", "reload_s"),
        ),
        Scenario(
            "services", "a new connection, with 10 to 10,000 services",
            "ratio: cost of a connection to that with 10 services.", SERVICES,
            flows=(100_000,), extra=(CONNECTION,),
        ),
        Scenario(
            "schedulers", "a new connection, with 10 to 1,000 real servers",
            "ratio: cost of a connection to that with 10 real servers.", SCHEDULERS,
            flows=(100_000,), extra=(CONNECTION,),
        ),
        Scenario(
            "stages", "where the cycles of a packet go", MEANING, beside_nat("stages"),
            extra=("stages",),
        ),
        Scenario(
            "compare-hash", "the connection table beside rte_hash",
            "library_cycles: rte_hash, cycles a look-up.", comparison("compare-hash"),
            flows=(1_000, 100_000, 1_000_000), extra=("rows",),
        ),
        Scenario(
            "compare-timer", "connection timers beside rte_timer",
            "library_cycles: rte_timer, cycles an operation.", comparison("compare-timer"),
            extra=("rows",),
        ),
        Scenario(
            "memif", "dpvs, or any other balancer, between two memif ports",
            "ratio: CPU time a packet to that of rewriting MACs between the same ports.",
            (MEMIF,), flows=(1_000, 100_000), seconds=3.0,
            extra=("mpps", "lost_packets", "p50_us", "p99_us", "max_us"),
        ),
    )
}  # fmt: skip

GROUPS = {
    "compare": ("compare-hash", "compare-timer"),
    "all": tuple(SCENARIOS),
}
