"""Sets of services: what an edit publishes, as packets see it, against a dictionary."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.oracle.wire import SYN, TCP, UDP, Tcp, Udp
from tests.steps.core import Dest, StepCore
from tests.steps.scene import RS, RS_MAC, VIP, client_udp, director, from_client

Key = tuple[str, int, int]
"""Address, port, protocol."""

KEYS = st.tuples(
    st.integers(100, 160).map(lambda i: f"10.0.1.{i}"), st.sampled_from([80, 443]),
    st.sampled_from([TCP, UDP]),
)  # fmt: skip
CHANGES = st.lists(st.tuples(st.sampled_from(["put", "put", "delete"]), KEYS, st.integers(1, 9)))
EDITS = st.lists(st.tuples(CHANGES, st.booleans()), max_size=5)


def ask(core: StepCore, key: Key, cport: int) -> int | None:
    """The dest port that a first packet for the service gets; None: no service took it."""
    addr, port, proto = key
    if proto == TCP:
        sent = from_client(Tcp(cport, port, 1, flags=SYN), vip=addr)
    else:
        sent = client_udp(Udp(cport, port), vip=addr)
    out = core.forward(sent)
    return int.from_bytes(out[0][36:38], "big") if out else None


def apply(core: StepCore, changes: list[tuple[str, Key, int]], keeps: bool,
          model: dict[Key, int]) -> dict[Key, int]:  # fmt: skip
    """One edit, committed if `keeps`; the services there are afterwards."""
    after = dict(model)

    class AbortedError(Exception):
        pass

    try:
        with core.edit() as edit:
            for what, (addr, port, proto), dport in changes:
                key = (addr, port, proto)
                if what == "put":
                    assert edit.put(addr, port, [Dest(RS, dport, id=1)], proto) == 0
                    after[key] = dport
                else:
                    assert (edit.delete(addr, port, proto) == 0) == (key in after)
                    after.pop(key, None)
            if not keeps:
                raise AbortedError
    except AbortedError:
        return model
    return after


@given(edits=EDITS)
@settings(max_examples=60, deadline=None, database=None)
def test_published_services_are_the_models(edits: list[tuple[list, bool]]) -> None:
    cport = 1000
    model: dict[Key, int] = {}
    touched: set[Key] = set()
    with director() as core:
        for changes, keeps in edits:
            model = apply(core, changes, keeps, model)
            touched |= {key for _, key, _ in changes}
            for key in touched:
                cport += 1
                assert ask(core, key, cport) == model.get(key), key


def test_many_services_and_their_replacement() -> None:
    """A thousand of them in one edit; another edit takes every other away and changes the rest."""
    addrs = [f"10.0.{i // 200}.{i % 200 + 1}" for i in range(1000)]
    with director() as core:
        with core.edit() as edit:
            for i, addr in enumerate(addrs):
                assert edit.put(addr, 80, [Dest(RS, 1 + i, id=1)]) == 0
        assert [ask(core, (addr, 80, TCP), 1000) for addr in addrs] == list(range(1, 1001))
        with core.edit() as edit:
            for i, addr in enumerate(addrs):
                if i % 2:
                    assert edit.delete(addr, 80) == 0
                else:
                    assert edit.put(addr, 80, [Dest(RS, 2001 + i, id=1)]) == 0
        want = [None if i % 2 else 2001 + i for i in range(1000)]
        assert [ask(core, (addr, 80, TCP), 1001) for addr in addrs] == want


def test_an_edit_that_makes_and_drops_many_addresses_ends() -> None:
    """Their entries must not fill the table of addresses: the search would never end."""
    with director() as core:
        with core.edit() as edit:
            for i in range(200):
                assert edit.put(f"10.0.3.{i}", 80, [Dest(RS, 80, id=1)]) == 0
                assert edit.delete(f"10.0.3.{i}", 80) == 0
            assert edit.put(VIP, 80, [Dest(RS, 80, id=1)]) == 0
        assert ask(core, (VIP, 80, TCP), 1000) == 80
        assert ask(core, ("10.0.3.7", 80, TCP), 1000) is None


def test_refused_services_leave_the_edit_usable() -> None:
    with director() as core:
        with core.edit() as edit:
            assert edit.put(VIP, 81, [Dest(RS, 80, id=1 << 20)]) < 0  # no such dest id
            core.laddrs["192.168.100.9"] = 60
            assert edit.put(VIP, 82, [Dest(RS, 80, id=1)]) < 0  # no such local address
            del core.laddrs["192.168.100.9"]
            assert edit.put(VIP, 80, [Dest(RS, 8080, id=1)]) == 0
        got = [ask(core, (VIP, port, TCP), 1000) for port in (80, 81, 82)]
        assert got == [8080, None, None]


def test_a_dest_without_port_gets_the_services() -> None:
    with director() as core:
        core.service(VIP, 8443, [Dest(RS, 0, id=1)])
        assert ask(core, (VIP, 8443, TCP), 1000) == 8443


def test_a_vip_that_is_no_address_of_the_core_leaves_the_rest_to_linux() -> None:
    """OSPF mode: the VIP is announced, not configured; what no service takes is the kernel's,
    also when a route covers the address and when forwarding is on."""
    other = "10.0.0.77"
    for forwarding in (0, 1):
        with director(settings={"ip4_forwarding": forwarding}) as core:
            core.neigh(other, 0, RS_MAC)
            core.service(other, 80, [Dest(RS, 80, id=1)])
            assert ask(core, (other, 80, TCP), 1000) == 80
            assert core.forward(from_client(Tcp(1000, 22, 1, flags=SYN), vip=other)) == []
            assert len(core.to_kernel[0]) == 1
