"""One director, one arm: `keepalived -f` programs the core, and clients are served.

The tutorial's keepalived.conf with a UDP service beside it. Figures of the long campaigns are
those that the first release promises.
"""

import json
from collections.abc import Iterator

import pytest

from tests.netns import udp_load
from tests.system.lab import (
    MEGABYTE,
    SERVERS,
    UDP_PORT,
    VIP,
    Echoed,
    Lab,
    Programmed,
    Served,
    running_lab,
    tcp_opens,
)

pytestmark = pytest.mark.netns

TCP = f"TCP {VIP}:80"
UDP = f"UDP {VIP}:{UDP_PORT}"
PROGRAMMED_WITHIN_S = 1.0


@pytest.fixture(scope="module", params=[1, 2], ids=lambda workers: f"{workers}w")
def lab(request: pytest.FixtureRequest) -> Iterator[Lab]:
    with running_lab(request.param, 20 * MEGABYTE) as lab:
        yield lab


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


def test_connections(lab: Lab) -> None:
    require_connections(lab, 200, 20)


def test_udp_echo(lab: Lab) -> None:
    require_echoes(lab, 500, 1.0, 20)


def test_download(lab: Lab) -> None:
    require_download(lab)


def test_ping_of_the_vip_and_of_the_kernel_port(lab: Lab) -> None:
    for address in (VIP, "192.168.100.28"):
        done = lab.client.run(["ping", "-c3", "-i0.2", "-W1", address], check=False)
        assert "3 received" in done.stdout


def test_killed_core_is_programmed_again(lab: Lab) -> None:
    """Under load, with nobody's help: services, laddrs, addresses of the kernel port, VIP."""
    words = (VIP, str(UDP_PORT), "200", "12", "20")
    load = lab.client.start_module(udp_load, *words)
    kill_s = lab.kill_core()
    wait_for = Programmed(lab)
    seconds = {what: wait_for.seconds(what) for what in Programmed.PARTS}

    load.wait(30)
    echoed = Echoed(**json.loads(load.log_text()))
    assert 0 < echoed.received < echoed.sent  # it was away, and served the same clients again
    require_connections(lab, 50, 5)
    assert max(seconds.values()) < PROGRAMMED_WITHIN_S, f"{seconds}, away for {kill_s:.1f} s"


@pytest.mark.long
@pytest.mark.parametrize("n_workers", [1, 2, 3])
def test_campaign(n_workers: int) -> None:
    with running_lab(n_workers, 200 * MEGABYTE) as lab:
        require_connections(lab, 10_000, 50)
        require_echoes(lab, 2_000, 10.0, 64)
        require_download(lab)
