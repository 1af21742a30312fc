"""The whole of keepalived.conf."""

import msgspec

from keepalivedpy.model.lvs import LocalAddressGroup, VirtualServer, VirtualServerGroup
from keepalivedpy.model.script import ScriptUser
from keepalivedpy.model.vrrp import VirtualAddress, VirtualRoute, VrrpInstance, VrrpSyncGroup


class GlobalDefs(msgspec.Struct, frozen=True, kw_only=True):
    notification_email: tuple[str, ...] = ()
    notification_email_from: str | None = None
    smtp_server: str | None = None
    smtp_port: int = 25
    smtp_connect_timeout_us: int = 30_000_000
    router_id: str | None = None  # None: the host's name
    vrrp_version: int = 2
    vrrp_mcast_group4: str = "224.0.0.18"
    vrrp_strict: bool = False
    vrrp_priority: int | None = None  # nice
    vrrp_rt_priority: int | None = None  # SCHED_RR
    vrrp_rlimit_rttime_us: int | None = None
    vrrp_no_swap: bool = False
    checker_log_all_failures: bool = False
    enable_script_security: bool = False
    script_user: ScriptUser | None = None
    default_interface: str = "eth0"  # of static addresses and routes without dev


class Root(msgspec.Struct, frozen=True, kw_only=True):
    global_defs: GlobalDefs = GlobalDefs()
    vrrp_instances: tuple[VrrpInstance, ...] = ()
    vrrp_sync_groups: tuple[VrrpSyncGroup, ...] = ()
    static_ipaddress: tuple[VirtualAddress, ...] = ()
    static_routes: tuple[VirtualRoute, ...] = ()
    local_address_groups: tuple[LocalAddressGroup, ...] = ()
    virtual_server_groups: tuple[VirtualServerGroup, ...] = ()
    virtual_servers: tuple[VirtualServer, ...] = ()
