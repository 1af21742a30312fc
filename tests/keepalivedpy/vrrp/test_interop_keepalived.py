"""Our engine and the distribution's keepalived as partners, each way."""

import shutil
import signal
from typing import TYPE_CHECKING

import pytest

from keepalivedpy.model.vrrp import Authentication, VirtualAddress, VrrpInstance
from keepalivedpy.vrrp.intervals import master_down_us

if TYPE_CHECKING:
    from conftest import Lab

KEEPALIVED = "/usr/sbin/keepalived"
pytestmark = [
    pytest.mark.netns,
    pytest.mark.skipif(
        shutil.which(KEEPALIVED) is None,
        reason=f"needs {KEEPALIVED} (apt-get install keepalived; its service must not run)",
    ),
]
SLACK_US = 100_000
CASES = {
    "v2 PASS, 1 s": (2, 1_000_000, Authentication(auth_type="PASS", auth_pass=b"secret")),
    "v3, 0.1 s": (3, 100_000, None),
}


def ours(
    priority: int, version: int, advert_us: int, authentication: Authentication | None
) -> VrrpInstance:
    return VrrpInstance(
        name="VI_1",
        interface="eth0",
        virtual_router_id=51,
        priority=priority,
        version=version,
        advert_int_us=advert_us,
        authentication=authentication,
        virtual_ipaddress=(VirtualAddress(addr="10.99.0.100", prefixlen=32),),
    )  # type: ignore[arg-type]


def theirs(
    priority: int, version: int, advert_us: int, authentication: Authentication | None
) -> str:
    auth = "authentication {\n auth_type PASS\n auth_pass secret\n }" if authentication else ""
    return f"""vrrp_instance VI_1 {{
 state BACKUP
 interface eth0
 virtual_router_id 51
 priority {priority}
 version {version}
 advert_int {advert_us / 1e6}
 {auth}
 virtual_ipaddress {{
 10.99.0.100
 }}
}}
"""


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_ours_takes_over_from_keepalived_and_gives_back(
    lab: "Lab", case: tuple[int, int, Authentication | None]
) -> None:
    keepalived = lab.keepalived("a", theirs(150, *case))
    keepalived.until("Entering MASTER STATE")
    engine = lab.engine("b", ours(100, *case))
    engine.until("Entering BACKUP STATE")
    lab.capture_advert("b")
    killed_us = keepalived.kill_keepalived()
    took_us = engine.until("Entering MASTER STATE") - killed_us
    assert took_us <= master_down_us(case[0], 100, case[1]) + SLACK_US
    lab.ip("a", "addr del 10.99.0.100/32 dev eth0")
    lab.keepalived("a", theirs(150, *case)).until("Entering MASTER STATE")
    engine.until("Entering BACKUP STATE")
    errors = [line for line in engine.lines if "checksum" in line or "invalid" in line]
    assert errors == []


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_keepalived_takes_over_from_ours(
    lab: "Lab", case: tuple[int, int, Authentication | None]
) -> None:
    engine = lab.engine("b", ours(150, *case))
    engine.until("Entering MASTER STATE")
    keepalived = lab.keepalived("a", theirs(100, *case))
    keepalived.until("Entering BACKUP STATE")
    engine.signal(signal.SIGTERM)
    keepalived.until("Backup received priority 0 advertisement")
    keepalived.until("Entering MASTER STATE")
    lab.engine("b", ours(150, *case)).until("Entering MASTER STATE")
    keepalived.until("Master received advert from 10.99.0.2 with higher priority 150, ours 100")
    keepalived.until("Entering BACKUP STATE")
