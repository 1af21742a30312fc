"""Statuses that between them show every state, for the screens in screens/."""

import msgspec

from keepalivedpy.status.model import (
    CheckerStatus,
    CheckStatus,
    CoreStatus,
    InstanceStatus,
    ProcessStatus,
    ServerStatus,
    ServiceStatus,
    Status,
    VrrpStatus,
)

NOW = 1_700_000_000.0  # 2023-11-14 22:13:20 UTC
CORE = CoreStatus(path="/var/run/dpvs.ipc", connected=True, instance="4f1c")
LOST = CoreStatus(
    path="/var/run/dpvs.ipc", connected=False, trouble="dpvs cannot be reached: Connection refused"
)


def instance(name: str, state: str, why: str, age_s: float, **more: object) -> InstanceStatus:
    values = {
        "name": name, "state": state, "why": why, "since": NOW - age_s,
        "interface": "dpdk0.kni", "dpdk_interface": "dpdk0", "virtual_router_id": 51,
        "version": 2, "priority": 100, "advert_int_s": 1.0,
        "addresses": ("192.168.100.254/32",),
        "local_addresses": ("192.168.100.200/32", "192.168.100.201/32"),
        "addresses_set": state == "MASTER", **more,
    }  # fmt: skip
    return msgspec.convert(values, InstanceStatus)


def server(addr: str, alive: bool, trouble: str = "", **more: object) -> ServerStatus:
    check = CheckStatus(
        kind="TCP_CHECK", target=f"{addr}:80", up=alive, has_run=True, since=NOW, trouble=trouble
    )
    values = {
        "addr": addr, "port": 80, "weight": 100, "alive": alive, "in_use": alive, "sorry": False,
        "since": NOW - 70, "checks": (check,), **more,
    }  # fmt: skip
    return msgspec.convert(values, ServerStatus)


def service(quorum_up: bool, *servers: ServerStatus, **more: object) -> ServiceStatus:
    values = {
        "name": "[192.168.100.254]:tcp:80", "names": ("192.168.100.254:80 tcp",), "quorum": 1,
        "quorum_up": quorum_up, "since": NOW - 3700, "servers": servers, **more,
    }  # fmt: skip
    return msgspec.convert(values, ServiceStatus)


def status(
    instances: tuple[InstanceStatus, ...] | None = None,
    services: tuple[ServiceStatus, ...] | None = None,
    vrrp_core: CoreStatus | None = CORE,
    checkers_core: CoreStatus | None = CORE,
    **more: object,
) -> Status:
    vrrp = VrrpStatus(pid=12, since=NOW, core=vrrp_core, instances=instances or ())
    checkers = CheckerStatus(pid=13, since=NOW, core=checkers_core, services=services or ())
    values = {
        "pid": 11, "version": "0.1.0", "since": NOW - 90_000,
        "config": "/etc/keepalived/keepalived.conf",
        "vrrp": vrrp if instances is not None else None,
        "checkers": checkers if services is not None else None, **more,
    }  # fmt: skip
    return msgspec.convert(values, Status)


ONE, TWO, SORRY = "192.168.100.2", "192.168.100.3", "192.168.100.9"
DEAD = server(TWO, False, "Connection refused", since=NOW - 5)
STANDS_BY = server(SORRY, True, in_use=False, sorry=True, checks=(), weight=1)
STANDS_IN = server(SORRY, True, in_use=True, sorry=True, checks=(), weight=1, since=NOW - 3700)

EXAMPLES = {
    "master": status(
        (instance("VI_1", "MASTER", "Receive advertisement timeout", 11_500),),
        (service(True, server(ONE, True), server(TWO, True)),),
    ),
    "backup": status(
        (
            instance("VI_1", "BACKUP", "", 200_000, master="192.168.100.28", master_priority=150),
            instance(
                "inner", "BACKUP", "its sync group follows VI_1", 0, sync_group="G1", version=3,
                advert_int_s=0.1, interface="eth0", dpdk_interface="", local_addresses=()),
        ),
    ),
    "fault": status(
        (
            instance(
                "VI_1", "FAULT", "interface dpdk0.kni is down", 61,
                faults=("Cannot reach dpvs", "interface dpdk0.kni is down")),
            instance("VI_2", "INIT", "", 1, addresses=tuple(f"10.0.0.{n}/32" for n in range(11))),
        ),
        (),
        LOST,
        LOST,
    ),
    "not_set": status(
        (instance("VI_1", "MASTER", "Receive advertisement timeout", 2, addresses_set=False),),
        (),
        msgspec.structs.replace(CORE, trouble="waits for the services"),
        msgspec.structs.replace(CORE, refused=("service.add [192.0.2.1]:tcp:81: no scheduler x",)),
    ),
    "services": status(
        None,
        (
            service(True, server(ONE, True), DEAD, STANDS_BY),
            service(
                False,
                server(ONE, False, "timeout", inhibited=True),
                server(TWO, True, in_use=False),
                STANDS_IN,
                quorum=2,
            ),
            service(
                False, name="[web]:0", names=tuple(f"10.0.0.1:{n} udp" for n in range(80, 86))),
            service(
                True,
                server("2001:db8::2", True, checks=()),
                server("2001:db8::3", True, checks=(
                    CheckStatus(kind="TCP_CHECK", target="[2001:db8::3]:80", up=True,
                                has_run=False, since=NOW),)),
                server("2001:db8::4", True, checks=(
                    CheckStatus(kind="TCP_CHECK", target="10.0.0.4:8080", up=True,
                                has_run=True, since=NOW, trouble="timeout"),)),
                server("2001:db8::5", True, weight=0, in_use=False, checks=()),
                names=("[2001:db8::1]:80 tcp",)),
        ),
    ),
    "troubles": status(
        processes=(
            ProcessStatus(name="dpvs", pid=21, since=NOW, n_ended=1,
                          ended="was killed by signal 9"),
            ProcessStatus(name="VRRP", pid=0, n_ended=2, ended="ended with exit status 70"),
            ProcessStatus(name="Healthcheck", pid=13, since=NOW, n_ended=3,
                          ended="was killed by signal 9"),
        ),
        troubles=("VRRP process is not running: it ended with exit status 70",),
    ),
    "not_running": Status(
        pid=None, troubles=("keepalived is not running (/run/keepalived.pid)",)
    ),
}  # fmt: skip
