"""The same from the other side: the released machine code of the established path has no atomics.

The marks of the compiler do not show what inline assembler does; here every instruction counts.
"""

from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.audit.allowed import ATOMICS, ESTABLISHED, SCENARIOS
from tests.audit.disassembly import Function, disassemble, functions, reached
from tests.audit.findings import Report

N_WORKERS = 3

# Called by pointer, and not by the audit's program: the ports' own.
PORTS = {"eal_rx", "eal_tx"}

# Called by pointer, so not inlined in any build.
PATH = {"worker_step", "fnat4_in", "fnat4_out", "fnat6_in", "fnat6_out"}

# Reached by code that established packets come by, not by them: a scenario of dests with thresholds
# shows that none does.
AT_THE_END = {"limit_sync": "a connection's end, at a dest with a threshold"}

# Called once, in its own file, so that the compiler may put it into its caller.
INLINED = {"join": "limit_take", "sched_move": "rr_pick"}

FROM_LIBRARIES = {
    "memcpy@plt": "headers and options",
    "memmove@plt": "TCP options",
    "memcmp@plt": "addresses",
    "clock_gettime@plt": "time stamps while a capture runs",
    "rte_eth_call_rx_callbacks@plt": "where a queue has callbacks: ours have none",
    "rte_eth_call_tx_callbacks@plt": "the same",
}

SAMPLE = """
0000000000015000 <memcpy@plt>:
   15000:\tjmp    *0x2(%rip)        # 30000 <memcpy@GLIBC_2.14>
00000000000247d0 <fast_path>:
   247d0:\tcall   15000 <memcpy@plt>
   247d5:\tcall   15010 <helper@plt>
   247da:\txchg   %ax,%ax
   247dc:\tjne    b266 <fast_path.cold>
   247de:\tje     247d5 <fast_path+0x5>
0000000000025000 <helper>:
   25000:\tlock xadd %eax,(%rdx)
   25004:\txchg   %eax,(%rdi)
   25006:\tjmp    26000 <last+0x10>
0000000000026000 <last>:
   26000:\tmfence
   26003:\tret
"""


def test_what_a_listing_says() -> None:
    found = functions(SAMPLE)
    assert {name: function.atomics for name, function in found.items()} == {
        "fast_path": [],
        "helper": ["lock xadd %eax,(%rdx)", "xchg   %eax,(%rdi)"],
        "last": ["mfence"],
    }
    assert sorted(reached(found, ["fast_path"])) == [
        "fast_path", "fast_path.cold", "helper", "last", "memcpy@plt",
    ]  # fmt: skip


@pytest.fixture(scope="module")
def released() -> dict[str, Function]:
    spec = find_spec("dpvs_core._native")
    if not spec or not spec.origin:
        pytest.skip("no native module is installed (script/setup)")
    found = disassemble(Path(spec.origin))
    if "worker_step" not in found:
        pytest.skip(f"{spec.origin} has no symbols: it was stripped")
    return found


@pytest.fixture(scope="module")
def established(released: dict[str, Function], reports: dict[str, Report]) -> set[str]:
    """Functions of the released code that established packets come by, or could."""
    return turned(released, reports, *sorted(ESTABLISHED))


def turned(released: dict[str, Function], reports: dict[str, Report], *scenarios: str) -> set[str]:
    entered = {name for s in scenarios for name in reports[s].entered(range(N_WORKERS))}
    roots = entered & set(released)
    assert roots >= PATH
    assert set(released) >= PORTS
    return set(reached(released, roots | PORTS))


def test_no_atomic_instruction_for_established_packets(
    released: dict[str, Function], established: set[str]
) -> None:
    found = {n: released[n].atomics for n in established & set(released) if released[n].atomics}
    assert found.keys() == AT_THE_END.keys(), found


def test_atomics_of_first_packets_are_instructions(released: dict[str, Function]) -> None:
    """The listing is read right: what the other half of the audit allows is here."""
    allowed = {row.atomic.function for row in ATOMICS if row.atomic.kind != "fence"}
    assert allowed
    assert [name for name in sorted(allowed) if not released[INLINED.get(name, name)].atomics] == []


def test_established_packets_call_nothing_unknown(
    released: dict[str, Function], established: set[str]
) -> None:
    assert established - set(released) - set(FROM_LIBRARIES) == set()


def test_no_turn_calls_a_heap_a_lock_or_the_kernel(
    released: dict[str, Function], reports: dict[str, Report]
) -> None:
    """First packets and the ends of connections too."""
    called = turned(released, reports, *SCENARIOS)
    assert "lport_take" in called
    assert called - set(released) - set(FROM_LIBRARIES) == set()
