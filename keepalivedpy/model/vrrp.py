"""vrrp_instance and vrrp_sync_group (RFC 3768 / 5798 / 9568; keepalived.conf)."""

from typing import Literal

import msgspec

from keepalivedpy.model.script import Script


class VirtualAddress(msgspec.Struct, frozen=True, kw_only=True):
    """A line of virtual_ipaddress; dev None is the instance's interface (dpdk_interface)."""

    addr: str
    prefixlen: int  # 32 (128) where none is written
    dev: str | None = None
    broadcast: str | None = None
    scope: str = "global"
    label: str | None = None
    sapool: bool = (
        False  # has ports for SNAT at once, as in `dpip addr add`; a WAN address has anyway
    )


class VirtualRoute(msgspec.Struct, frozen=True, kw_only=True):
    prefix: str
    via: str | None = None
    dev: str | None = None
    src: str | None = None
    scope: str | None = None
    metric: int = 0


class Authentication(msgspec.Struct, frozen=True, kw_only=True):
    auth_type: Literal["PASS", "AH"]
    auth_pass: bytes  # at most 8 bytes, not padded


class VrrpInstance(msgspec.Struct, frozen=True, kw_only=True):
    """One virtual router. Without dpdk_interface the addresses belong to the kernel."""

    name: str
    state: Literal["MASTER", "BACKUP"] = "BACKUP"
    interface: str
    dpdk_interface: str | None = None
    virtual_router_id: int
    priority: int = 100
    advert_int_us: int = 1_000_000
    version: Literal[2, 3] = 2
    authentication: Authentication | None = None
    virtual_ipaddress: tuple[VirtualAddress, ...] = ()
    virtual_ipaddress_excluded: tuple[VirtualAddress, ...] = ()
    virtual_routes: tuple[VirtualRoute, ...] = ()
    local_addresses: tuple[VirtualAddress, ...] = ()  # of its services' local_address_groups
    mcast_src_ip: str | None = None
    unicast_peer: tuple[str, ...] = ()
    nopreempt: bool = False
    preempt_delay_us: int = 0
    track_interface: tuple[str, ...] = ()
    garp_master_delay_us: int = 5_000_000
    garp_master_repeat: int = 5
    garp_master_refresh_us: int = 0
    garp_master_refresh_repeat: int = 1
    garp_lower_prio_delay_us: int = 5_000_000
    garp_lower_prio_repeat: int = 5
    lower_prio_no_advert: bool = False
    higher_prio_send_advert: bool = False  # keepalived.conf: by default with dpdk_interface
    notify_master: Script | None = None
    notify_backup: Script | None = None
    notify_fault: Script | None = None
    notify_stop: Script | None = None
    notify: Script | None = None
    place: str = ""


class VrrpSyncGroup(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    group: tuple[str, ...]
    place: str = ""
