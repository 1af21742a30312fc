"""The same from the other side: the released machine code of the established path has no atomics.

The marks of the compiler do not show what inline assembler does; here every instruction counts.
"""

from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.audit.allowed import ATOMICS
from tests.audit.disassembly import Function, disassemble, functions, reached
from tests.audit.findings import Report

N_WORKERS = 3

# Called by pointer, and not by the audit's program: the ports' own.
PORTS = {"eal_rx", "eal_tx"}

FROM_LIBRARIES = {
    "memcpy@plt": "headers and options",
    "memmove@plt": "TCP options",
    "memcmp@plt": "addresses",
    "clock_gettime@plt": "time stamps while a capture runs",
}

SAMPLE = """
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
    roots = reports["established"].entered(range(N_WORKERS)) & set(released)
    assert {"worker_step", "fast_path", "fnat_in", "fnat_out"} <= roots
    assert set(released) >= PORTS
    return set(reached(released, roots | PORTS))


def test_no_atomic_instruction_for_established_packets(
    released: dict[str, Function], established: set[str]
) -> None:
    assert {
        n: released[n].atomics for n in established & set(released) if released[n].atomics
    } == {}


def test_atomics_of_first_packets_are_instructions(released: dict[str, Function]) -> None:
    """The listing is read right: what the other half of the audit allows is here."""
    allowed = {row.atomic.function for row in ATOMICS if row.atomic.kind != "fence"}
    assert allowed
    assert [name for name in sorted(allowed) if not released[name].atomics] == []


def test_established_packets_call_nothing_unknown(
    released: dict[str, Function], established: set[str]
) -> None:
    assert established - set(released) - set(FROM_LIBRARIES) == set()
