"""The whole of keepalived.conf."""

import msgspec

from keepalivedpy.model.bfd import BfdInstance
from keepalivedpy.model.global_defs import GlobalDefs, Named
from keepalivedpy.model.groups import ClientGroup, Ssl, TunnelGroup
from keepalivedpy.model.lvs import LocalAddressGroup, VirtualServer, VirtualServerGroup
from keepalivedpy.model.routing import VirtualAddress, VirtualRoute, VirtualRule
from keepalivedpy.model.static import (
    GarpGroup,
    InterfaceDelays,
    LinkbeatInterface,
    TrackGroup,
)
from keepalivedpy.model.trackers import TrackFile, TrackProcess, VrrpScript
from keepalivedpy.model.vrrp import VrrpInstance, VrrpSyncGroup

__all__ = ["GlobalDefs", "Root"]


class Root(msgspec.Struct, frozen=True, kw_only=True):
    global_defs: GlobalDefs = GlobalDefs()
    vrrp_instances: tuple[VrrpInstance, ...] = ()
    vrrp_sync_groups: tuple[VrrpSyncGroup, ...] = ()
    static_ipaddress: tuple[VirtualAddress, ...] = ()
    static_routes: tuple[VirtualRoute, ...] = ()
    static_rules: tuple[VirtualRule, ...] = ()
    vrrp_scripts: tuple[VrrpScript, ...] = ()
    track_files: tuple[TrackFile, ...] = ()
    track_processes: tuple[TrackProcess, ...] = ()
    bfd_instances: tuple[BfdInstance, ...] = ()
    track_groups: tuple[TrackGroup, ...] = ()
    garp_groups: tuple[GarpGroup, ...] = ()
    linkbeat_interfaces: tuple[LinkbeatInterface, ...] = ()
    interface_up_down_delays: tuple[InterfaceDelays, ...] = ()
    linkbeat_use_polling: bool = False
    net_namespace: str | None = None
    net_namespace_ipvs: Named = None
    namespace_with_ipsets: bool = False
    instance: str | None = None
    use_pid_dir: bool = False
    child_wait_time_s: int | None = None  # 5
    local_address_groups: tuple[LocalAddressGroup, ...] = ()
    deny_address_groups: tuple[ClientGroup, ...] = ()
    allow_address_groups: tuple[ClientGroup, ...] = ()
    tunnel_groups: tuple[TunnelGroup, ...] = ()
    ssl: Ssl | None = None
    virtual_server_groups: tuple[VirtualServerGroup, ...] = ()
    virtual_servers: tuple[VirtualServer, ...] = ()
