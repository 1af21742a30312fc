"""Our addresses and routes against a naive search, seen by what becomes of packets in transit."""

from ipaddress import IPv4Address, IPv4Network

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.oracle.wire import ACK, DF, UDP, Ip4, Tcp, Udp, bad_checksums, frame, packet, read_ip4
from tests.steps.core import MAC, StepCore
from tests.steps.scene import CLIENT, CLIENT_MAC, RS, TO_CLIENTS, Flow, balancer, from_client

GATEWAYS = {f"10.0.0.{i}": f"02:00:00:00:01:{i:02x}" for i in range(1, 5)}

# A few bits in few places, so that prefixes nest and destinations fall into them.
ADDRS = st.builds(
    lambda a, b, c: str(IPv4Address((10 + (a << 7)) << 24 | b << 15 | c)),
    st.integers(0, 1), st.integers(0, 3), st.integers(0, 3),
)  # fmt: skip
ROUTES = st.tuples(
    ADDRS, st.sampled_from([0, 1, 8, 9, 15, 16, 17, 24, 30, 31, 32]), st.sampled_from([0, 1]),
    st.sampled_from(["", *GATEWAYS]),
)  # fmt: skip
Route = tuple[str, int, int, str]


def network(addr: str, plen: int) -> IPv4Network:
    return IPv4Network((addr, plen), strict=False)


def mac_of(addr: str) -> str:
    return GATEWAYS.get(addr, f"02:11:{IPv4Address(addr).packed.hex(':')}")


def longest(routes: list[Route], dst: str) -> Route | None:
    """The longest match; among equal prefixes the one given first."""
    found: Route | None = None
    for route in routes:
        addr, plen, _, _ = route
        if IPv4Address(dst) in network(addr, plen) and (found is None or plen > found[1]):
            found = route
    return found


def becomes(core: StepCore, dst: str) -> tuple[str, str]:
    """'sent dpdkN' and the next hop's MAC, or 'kernel'."""
    l3 = packet(Ip4(CLIENT, dst, UDP, ttl=9), Udp(1000, 2000, b"data"))
    core.forward(frame(MAC[0], CLIENT_MAC, l3))
    for dev in (0, 1):
        for sent in core.sent[dev]:
            assert sent[6:12].hex(":") == MAC[dev]
            assert read_ip4(sent[14:]).ttl == 8
            assert bad_checksums(sent[14:]) == []
            return f"sent dpdk{dev}", sent[:6].hex(":")
    return ("kernel", "") if core.to_kernel[0] else ("lost", "")


@given(
    routes=st.lists(ROUTES, max_size=12),
    own=st.lists(st.tuples(ADDRS, st.sampled_from([0, 1])), max_size=4),
    asked=st.lists(ADDRS, min_size=1, max_size=12),
)
@settings(max_examples=150, deadline=None, database=None)
def test_lookups_are_those_of_a_naive_search(
    routes: list[Route], own: list[tuple[str, int]], asked: list[str]
) -> None:
    asked = [*asked, *(addr for addr, *_ in own), *(addr for addr, *_ in routes)]
    with StepCore(settings={"ip4_forwarding": 1}) as core:
        for dev in (0, 1):
            for addr in {*asked, *GATEWAYS}:
                core.neigh(addr, dev, mac_of(addr))
        for addr, plen, dev, via in routes:
            core.route(f"{addr}/{plen}", dev, via)
        for addr, dev in own:
            core.addr(addr, dev)
        for dst in asked:
            route = longest(routes, dst)
            if route is None or dst in [addr for addr, _ in own]:
                assert becomes(core, dst) == ("kernel", "")
            else:
                hop = route[3] or dst
                assert becomes(core, dst) == (f"sent dpdk{route[2]}", mac_of(hop))


def test_every_prefix_length() -> None:
    """33 nested routes, each with its own gateway: each address finds the right one."""
    base = int(IPv4Address("170.85.170.85"))
    with StepCore(settings={"ip4_forwarding": 1}) as core:
        for plen in range(33):
            gateway = f"10.9.0.{plen + 1}"
            core.neigh(gateway, 1, f"02:22:00:00:00:{plen:02x}")
            core.route(f"{network(str(IPv4Address(base)), plen)}", 1, gateway)
        for plen in range(33):
            addr = base ^ (1 << (31 - plen)) if plen < 32 else base
            want = f"02:22:00:00:00:{plen:02x}"
            assert becomes(core, str(IPv4Address(addr))) == ("sent dpdk1", want)


def test_a_thousand_routes() -> None:
    with StepCore(settings={"ip4_forwarding": 1}) as core:
        for i in range(4):
            core.neigh(f"10.0.0.{i + 1}", 1, f"02:00:00:00:01:{i + 1:02x}")
        core.routes = [
            (f"100.{i // 250}.{i % 250}.0", 24, 1, f"10.0.0.{i % 4 + 1}", 0) for i in range(1000)
        ]
        core.route("0.0.0.0/0", 0, "10.0.0.1")
        for i in range(0, 1000, 7):
            got = becomes(core, f"100.{i // 250}.{i % 250}.9")
            assert got == ("sent dpdk1", f"02:00:00:00:01:{i % 4 + 1:02x}")


def test_a_routes_mtu_holds_for_every_packet() -> None:
    """Also for a connection whose next hop is known: not only for its first packet."""
    with balancer() as core:
        core.route("192.168.100.2/32", 1, mtu=600)
        flow = Flow(core).establish()
        for _ in range(3):
            assert len(flow.client(payload=bytes(500))) == 1
        before = core.verdicts().get("too-big", 0)
        big = Tcp(flow.cport, 80, flow.client_isn + 1, flow.server_isn + 1, ACK, payload=bytes(700))
        answered = core.forward(from_client(big, frag=DF), TO_CLIENTS)
        assert core.verdicts().get("too-big", 0) == before + 1
        assert not [sent for sent in answered if read_ip4(sent[14:]).dst == "192.168.100.2"]


def test_new_routes_are_seen_by_old_connections() -> None:
    with balancer() as core:
        flow = Flow(core).establish()
        core.neigh("10.0.0.2", 0, GATEWAYS["10.0.0.2"])
        core.route(f"{RS}/32", 0, "10.0.0.2")
        flow.client(payload=b"x")
        assert [sent[:6].hex(":") for sent in core.sent[0]] == [GATEWAYS["10.0.0.2"]]
        assert core.sent[1] == []
