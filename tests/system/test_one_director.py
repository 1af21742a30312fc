"""One director, one arm: `keepalived -f` programs the core, and clients are served.

The tutorial's keepalived.conf with a UDP service beside it. Figures of the long campaigns are
those that the first release promises.
"""

import json
import time
from collections.abc import Iterator

import pytest

from tests.netns import udp_load
from tests.netns.wait import until
from tests.system.lab import MEGABYTE, SERVERS, UDP_PORT, VIP, Echoed, Lab, Served, running_lab

pytestmark = pytest.mark.netns

TCP = f"TCP {VIP}:80"
UDP = f"UDP {VIP}:{UDP_PORT}"
PROGRAMMED_WITHIN_S = 1.0


@pytest.fixture(scope="module", params=[1, 2], ids=lambda workers: f"{workers}w")
def lab(request: pytest.FixtureRequest) -> Iterator[Lab]:
    with running_lab(request.param, 20 * MEGABYTE) as lab:
        yield lab


def require_connections(lab: Lab, n_requests: int, concurrency: int) -> None:
    """`n_requests` connections without an error, and `ipvsadm --stats` counting exactly them."""
    before = lab.connections()
    assert lab.ab(n_requests, concurrency) == Served(complete=n_requests, failed=0)
    after = lab.connections()
    assert after[TCP] - before[TCP] == n_requests
    per_server = [after[f"{server}:80"] - before[f"{server}:80"] for server in SERVERS]
    assert sum(per_server) == n_requests
    assert min(per_server) > n_requests / 3  # round robin


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


def test_killed_core_is_back_and_programmed(lab: Lab) -> None:
    """Under load, with nobody's help: services, laddrs, VIP, addresses of the kernel port."""
    laddrs = lab.director.tool("ipvsadm", "-G")
    assert "192.168.100.200" in laddrs
    assert "192.168.100.201" in laddrs
    words = (VIP, str(UDP_PORT), "200", "10", "20")
    load = lab.client.start_module(udp_load, *words)

    lab.kill_core()
    back_s = time.monotonic()
    lab.wait_until_programmed(PROGRAMMED_WITHIN_S)
    until("laddrs", lambda: "192.168.100.201" in lab.director.tool("ipvsadm", "-G"), 1)
    assert time.monotonic() - back_s < PROGRAMMED_WITHIN_S
    kernel_port = lab.net["director"].run(["ip", "-br", "address", "show", "dpdk0.kni"]).stdout
    assert "192.168.100.28/24" in kernel_port

    load.wait(30)
    echoed = Echoed(**json.loads(load.log_text()))
    assert 0 < echoed.received < echoed.sent  # it was away, and served the same clients again
    require_connections(lab, 50, 5)


@pytest.mark.long
@pytest.mark.parametrize("n_workers", [1, 2, 3])
def test_campaign(n_workers: int) -> None:
    with running_lab(n_workers, 200 * MEGABYTE) as lab:
        require_connections(lab, 10_000, 50)
        require_echoes(lab, 2_000, 10.0, 64)
        require_download(lab)
