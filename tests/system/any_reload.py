"""Random configurations, and a director that is reloaded from any of them to any other."""

import random
import re
import signal
import time
from difflib import unified_diff

from tests.netns.director import STOP_TIMEOUT_S, Core, keepalived_command
from tests.netns.node import Node
from tests.netns.program import Program
from tests.netns.wait import until
from tests.system.pair_lab import steady

DEVICE, KERNEL_PORT = "dpdk0", "dpdk0.kni"
VIPS = [f"192.168.100.{n}" for n in range(240, 246)]
LADDRS = [f"192.168.100.{n}" for n in range(200, 206)]
SERVERS = ("192.168.100.2", "192.168.100.3", "192.168.100.4")
LISTINGS = (
    ("ipvsadm", "-S", "-n"),
    ("ipvsadm", "-G"),
    ("dpip", "addr", "show"),
    ("dpip", "route", "show"),
    ("ip", "-o", "address", "show", KERNEL_PORT),
    ("ip", "route", "show", "dev", KERNEL_PORT),
)
QUIET_S, SETTLE_S = 1.0, 30.0


def configuration(chance: random.Random) -> str:
    """Up to two instances in the core and one in the kernel, static items, up to four services.

    The instances share nothing; local addresses may be used by one service or several. Each service
    has a server: one without is an error, for which a reload keeps the old configuration.
    """
    vips = chance.sample(VIPS, len(VIPS))
    parts = [
        _instance(chance, f"VI_{n}", 10 + n, f"dpdk_interface {DEVICE}", [vips.pop(), vips.pop()])
        for n in range(chance.randint(1, 2))
    ]
    if chance.random() < 0.5:
        parts.append(_instance(chance, "VI_KERNEL", 20, "", [vips.pop()]))
    if chance.random() < 0.5:
        parts.append(f"static_ipaddress {{\n    {vips.pop()}/24 dev {DEVICE}\n}}\n")
    groups = range(chance.randint(1, 2))
    parts += [_laddr_group(n, chance.sample(LADDRS[3 * n : 3 * n + 3], 2)) for n in groups]
    ports = chance.sample(range(80, 86), chance.randint(0, 4))
    return "".join(parts + [_service(chance, port, len(groups)) for port in ports])


def _instance(
    chance: random.Random, name: str, vrid: int, device: str, addresses: list[str]
) -> str:
    lines = "".join(
        f"        {address}/{chance.choice((24, 32))}\n"
        for address in addresses[: chance.randint(1, 2)]
    )
    route = f"10.{vrid}.0.0/16 via 192.168.100.1 dev {DEVICE if device else KERNEL_PORT}"
    routes = f"    virtual_routes {{\n        {route}\n    }}\n" if chance.random() < 0.5 else ""
    return (
        f"vrrp_instance {name} {{\n    state BACKUP\n    interface {KERNEL_PORT}\n    {device}\n"
        f"    virtual_router_id {vrid}\n    priority {chance.choice((100, 150))}\n"
        f"    version 3\n    advert_int 0.1\n"
        f"    virtual_ipaddress {{\n{lines}    }}\n{routes}}}\n"
    )


def _laddr_group(number: int, addresses: list[str]) -> str:
    lines = "".join(f"    {address} {DEVICE}\n" for address in addresses)
    return f"local_address_group g{number} {{\n{lines}}}\n"


def _service(chance: random.Random, port: int, n_groups: int) -> str:
    kind = chance.choice(("FNAT", "FNAT", "DR", "NAT"))
    group = f"    laddr_group_name g{chance.randrange(n_groups)}\n" if kind == "FNAT" else ""
    servers = "".join(
        f"    real_server {server} {port} {{\n        weight {chance.randint(1, 3)}\n    }}\n"
        for server in chance.sample(SERVERS, chance.randint(1, 3))
    )
    return (
        f"virtual_server {VIPS[0]} {port} {{\n    lb_algo {chance.choice(('rr', 'wrr', 'wlc'))}\n"
        f"    lb_kind {kind}\n    protocol {chance.choice(('TCP', 'UDP'))}\n{group}{servers}}}\n"
    )


def awaited(text: str) -> set[str]:
    """What of a configuration must be listed before it can be all there."""
    return {
        *re.findall(r"^ {8}(\d\S+/\d+)$", text, re.MULTILINE),
        *(f"{ip}:{port}" for ip, port in re.findall(r"real_server (\S+) (\d+)", text)),
    }


class Reloads:
    """`core` runs all the time, keepalived is started, reloaded and ended."""

    def __init__(self, node: Node, core: Core) -> None:
        self.node, self.core = node, core
        self._file = node.folder / "keepalived.conf"
        self._keepalived: Program | None = None

    def director_log(self) -> str:
        return self._keepalived.log_text() if self._keepalived is not None else ""

    def start(self, text: str) -> dict[str, str]:
        """Start with this configuration; the state that it comes to."""
        self._file.write_text(text, encoding="utf-8")
        command = keepalived_command(self.node, self._file)
        self._keepalived = self.node.start(command, "keepalived.log")
        wanted, seen, since_s = awaited(text), self.state(), time.monotonic()

        def is_quiet() -> bool:
            nonlocal seen, since_s
            now = self.state()
            if now != seen:
                seen, since_s = now, time.monotonic()
            return not _missing(wanted, now) and time.monotonic() - since_s > QUIET_S

        try:
            until("all of the configuration, and quiet", is_quiet, SETTLE_S, every_s=0.1)
        except TimeoutError as error:
            error.add_note(f"missing {_missing(wanted, seen)} of\n{text}\nin\n{seen}")
            raise
        return seen

    def reload(self, text: str, fresh: dict[str, str]) -> None:
        """Reload with this configuration; TimeoutError if it does not come to that state."""
        assert self._keepalived is not None
        self._file.write_text(text, encoding="utf-8")
        self._keepalived.send(signal.SIGHUP)
        try:
            until("a fresh start's state", lambda: self.state() == fresh, SETTLE_S, every_s=0.1)
        except TimeoutError as error:
            for listing, now in self.state().items():
                lines = unified_diff(
                    fresh[listing].splitlines(), now.splitlines(), "fresh", "reloaded", lineterm=""
                )
                error.add_note("\n".join((listing, *lines)))
            raise

    def stop(self) -> None:
        assert self._keepalived is not None
        self._keepalived.send(signal.SIGTERM)
        assert self._keepalived.wait(STOP_TIMEOUT_S) == 0

    def state(self) -> dict[str, str]:
        """What the listings show, in an order of its own."""
        shown = {}
        for argv in LISTINGS:
            done = self.node.run(argv, check=False)
            rows = [_by_any(steady(row)) for row in (done.stdout or done.stderr).splitlines()]
            shown[" ".join(argv)] = "\n".join(sorted(rows))
        return shown


def _by_any(row: str) -> str:
    """Of several addresses of a network its connected route prefers the one that came first: that
    of the instance that was master first, which of two in one file is chance."""
    return re.sub(r" via 0\.0\.0\.0 src \S+ (.* scope link )", r" \1", row)


def _missing(words: set[str], state: dict[str, str]) -> set[str]:
    text = "\n".join(state.values())
    return {word for word in words if word not in text}
