"""vrrp_instance and vrrp_sync_group (RFC 3768 / 5798 / 9568; keepalived.conf)."""

from typing import Literal

import msgspec

from keepalivedpy.model.routing import VirtualAddress, VirtualRoute, VirtualRule
from keepalivedpy.model.script import Script
from keepalivedpy.model.trackers import Track

__all__ = ["VirtualAddress", "VirtualRoute", "VirtualRule"]


class UnicastPeer(msgspec.Struct, frozen=True):
    """A line of unicast_peer; the TTLs bound what is accepted from it."""

    addr: str
    min_ttl: int | None = None
    max_ttl: int | None = None


class UseVmac(msgspec.Struct, frozen=True, kw_only=True):
    """`use_vmac [[name] N] [MAC] [netlink_notify_msg] [group G]`: a macvlan of its own."""

    name: str | None = None
    mac: str | None = None
    netlink_notify_msg: bool = False
    group: int | str | None = None


class UseIpvlan(msgspec.Struct, frozen=True, kw_only=True):
    """`use_ipvlan [[name] N] [IP] [bridge|private|vepa] [group G]`."""

    name: str | None = None
    addr: str | None = None
    mode: Literal["bridge", "private", "vepa"] | None = None
    group: int | str | None = None


class HmacKey(msgspec.Struct, frozen=True):
    """`key ID VALUE`; VALUE may start with hex: or file:."""

    id: int
    value: str


class AuthHmac(msgspec.Struct, frozen=True, kw_only=True):
    """A trailer of HMAC-SHA256 behind each advert."""

    keys: tuple[HmacKey, ...] = ()
    active_key: int | None = None
    anti_replay: Literal["time", "monotonic"] | None = None
    time_window_s: int | None = None
    mode: Literal["enforce", "permissive", "receive-only"] | None = None


class Authentication(msgspec.Struct, frozen=True, kw_only=True):
    auth_type: Literal["PASS", "AH"]
    auth_pass: bytes  # at most 8 bytes, not padded


class VrrpInstance(msgspec.Struct, frozen=True, kw_only=True):
    """One virtual router. Without dpdk_interface the addresses belong to the kernel."""

    name: str
    state: Literal["MASTER", "BACKUP"] = "BACKUP"
    interface: str = ""  # "": none written, adverts are unicast
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
    unicast_peer: tuple[UnicastPeer, ...] = ()
    nopreempt: bool = False
    preempt_delay_us: int = 0
    track_interface: tuple[Track, ...] = ()
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

    # Read and kept. None: global_defs, or what upstream does.
    virtual_rules: tuple[VirtualRule, ...] = ()
    track_script: tuple[Track, ...] = ()
    track_file: tuple[Track, ...] = ()
    track_process: tuple[Track, ...] = ()
    track_bfd: tuple[Track, ...] = ()
    notify_master_rx_lower_pri: Script | None = None
    notify_deleted: Script | bool | None = None
    notify_priority_changes: bool | None = None
    smtp_alert: bool | None = None
    auth_hmac: AuthHmac | None = None
    vrf: str | None = None
    use_vmac: UseVmac | None = None
    use_vmac_addr: bool = False
    vmac_xmit_base: bool = False
    use_ipvlan: UseIpvlan | None = None
    mcast_dst_ip: str | None = None
    track_src_ip: bool = False
    unicast_fault_no_peer: bool = False
    unicast_ttl: int | None = None  # 255
    check_unicast_src: bool | None = None
    old_unicast_checksum: Literal["yes", "never"] | None = None
    v3_checksum_as_v2: bool | None = None
    native_ipv6: bool = False
    no_virtual_ipaddress: bool = False
    promote_secondaries: bool = False
    accept: bool | None = None
    skip_check_adv_addr: bool | None = None
    strict_mode: bool | None = None
    garp_extra_if_s: int | None = None
    garp_extra_if_all: bool = False
    down_timer_adverts: int | None = None  # 3
    timer_expired_backup: int | None = None  # 0: written without a number
    owner_ignore_adverts: bool | None = None
    dont_track_primary: bool = False
    linkbeat_use_polling: bool = False
    debug: int | None = None
    kernel_rx_buf_size_bytes: int | None = None
    lvs_sync_daemon_interface: str | None = None
    place: str = ""


class VrrpSyncGroup(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    group: tuple[str, ...]

    # Read and kept.
    track_interface: tuple[Track, ...] = ()
    track_script: tuple[Track, ...] = ()
    track_file: tuple[Track, ...] = ()
    track_process: tuple[Track, ...] = ()
    track_bfd: tuple[Track, ...] = ()
    notify_master: Script | None = None
    notify_backup: Script | None = None
    notify_fault: Script | None = None
    notify_stop: Script | None = None
    notify: Script | None = None
    notify_priority_changes: bool | None = None
    smtp_alert: bool | None = None
    global_tracking: bool = False
    sync_group_tracking_weight: bool = False
    place: str = ""
