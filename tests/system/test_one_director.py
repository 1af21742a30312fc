"""One director, one arm: `keepalived -f` programs the core, and clients are served.

The tutorial's keepalived.conf with a UDP service beside it. The long form is test_campaign.py.
"""

from collections.abc import Iterator

import pytest

from tests.system.lab import MEGABYTE, VIP, Lab, running_lab
from tests.system.required import (
    require_connections,
    require_download,
    require_echoes,
    require_recovery,
)

pytestmark = pytest.mark.netns


@pytest.fixture(scope="module", params=[1, 2], ids=lambda workers: f"{workers}w")
def lab(request: pytest.FixtureRequest) -> Iterator[Lab]:
    with running_lab(request.param, 20 * MEGABYTE) as lab:
        yield lab


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
    require_recovery(lab)
