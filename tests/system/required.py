"""What must hold of every director, small or large: functions that assert it."""

import json

from tests.netns import udp_load
from tests.system.lab import (
    SERVERS,
    UDP_PORT,
    VIP,
    Echoed,
    Lab,
    Programmed,
    Served,
    tcp_opens,
)

TCP = f"TCP {VIP}:80"
UDP = f"UDP {VIP}:{UDP_PORT}"


def require_connections(lab: Lab, n_requests: int, concurrency: int) -> None:
    """A connection for each request, no error, and `ipvsadm --stats` counting exactly them.

    `ab` opens a few more at its end, up to `concurrency`, and closes them unused: the client's
    kernel knows how many there were.
    """
    before, opens_before = lab.connections(), tcp_opens(lab.client)
    assert lab.ab(n_requests, concurrency) == Served(complete=n_requests, failed=0)
    after, opens = lab.connections(), tcp_opens(lab.client) - opens_before
    assert n_requests <= opens <= n_requests + concurrency
    assert after[TCP] - before[TCP] == opens
    per_server = [after[f"{server}:80"] - before[f"{server}:80"] for server in SERVERS]
    assert sum(per_server) == opens
    assert min(per_server) > opens / 3  # round robin


def require_echoes(lab: Lab, rate_pps: int, seconds: float, n_flows: int) -> None:
    before = lab.connections()[UDP]
    sent = int(rate_pps * seconds)
    assert lab.udp(rate_pps, seconds, n_flows) == Echoed(sent, sent, lost=0, doubled=0, foreign=0)
    assert lab.connections()[UDP] - before == n_flows


def require_download(lab: Lab) -> None:
    there, here = lab.download()
    assert here == there


def require_recovery(lab: Lab) -> float:
    """dpvs killed -9 under load comes back with everything, with nobody's help: services, local
    addresses, the kernel port's address, the VIP. Seconds from its first answer to all of it."""
    words = (VIP, str(UDP_PORT), "200", "12", "20")
    load = lab.client.start_module(udp_load, *words)
    lab.kill_core()
    wait_for = Programmed(lab)
    seconds = max(wait_for.seconds(what) for what in Programmed.PARTS)

    load.wait(30)
    echoed = Echoed(**json.loads(load.log_text()))
    assert 0 < echoed.received < echoed.sent  # it was away, and served the same clients again
    require_connections(lab, 50, 5)
    return seconds
