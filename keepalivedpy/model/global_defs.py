"""global_defs: settings of the whole program. None is "not written"; durations are microseconds.

What comes behind "read and kept" has no effect yet.
"""

from typing import Literal

import msgspec

from keepalivedpy.model.script import Script, ScriptUser

Named = str | bool | None
"""A keyword with an optional word: True is the keyword alone, False is not used."""


class NotifyFifo(msgspec.Struct, frozen=True):
    """`PATH [USER [GROUP]]`: a named pipe that gets each change as a line."""

    path: str
    user: str | None = None
    group: str | None = None


class LvsSyncDaemon(msgspec.Struct, frozen=True, kw_only=True):
    """IPVS connection sync: over which device, following which vrrp_instance."""

    interface: str
    instance: str | None = None
    syncid: int | None = None
    maxlen_bytes: int | None = None
    port: int | None = None
    ttl: int | None = None
    group: str | None = None


class LvsTimeouts(msgspec.Struct, frozen=True, kw_only=True):
    tcp_s: int | None = None
    tcpfin_s: int | None = None
    udp_s: int | None = None


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

    # Read and kept: mail.
    smtp_helo_name: str | None = None
    smtp_alert: bool | None = None
    smtp_alert_vrrp: bool | None = None
    smtp_alert_checker: bool | None = None
    no_email_faults: bool = False
    no_checker_emails: bool = False
    rs_init_notifies: bool = False

    # Read and kept: VRRP.
    vrrp_mcast_group6: str | None = None  # ff02::12
    vrrp_garp_interval_us: int | None = None
    vrrp_gna_interval_us: int | None = None
    vrrp_min_garp: bool = False
    vrrp_garp_extra_if_s: int | None = None
    vrrp_garp_extra_if_all: bool = False
    vrrp_down_timer_adverts: int | None = None  # 3
    vrrp_owner_ignore_adverts: bool = False
    v3_checksum_as_v2: bool = False
    vrrp_check_unicast_src: bool = False
    vrrp_skip_check_adv_addr: bool = False
    vrrp_notify_priority_changes: bool = False
    vrrp_startup_delay_us: int | None = None
    vrrp_delay_after_boot_us: int | None = None
    vrrp_rx_bufs_policy: Literal["MTU", "ADVERT", "NO_SEND_RX"] | int | None = None
    vrrp_rx_bufs_multiplier: int | None = None  # 3
    log_unknown_vrids: bool = False
    disable_local_igmp: bool = False
    dynamic_interfaces: Literal["on", "allow_if_changes"] | None = None
    vmac_prefix: str | None = None  # vrrp
    vmac_addr_prefix: str | None = None
    vrrp_iptables: tuple[str, ...] = ()
    vrrp_ipsets: tuple[str, ...] = ()
    nftables: str | None = None
    nftables_priority: int | None = None  # -1
    nftables_ifindex: bool = False
    nftables_counters: bool = False

    # Read and kept: IPVS of the kernel.
    lvs_sync_daemon: LvsSyncDaemon | None = None
    lvs_timeouts: LvsTimeouts | None = None
    lvs_flush: bool = False
    lvs_flush_on_stop: Literal["all", "VS"] | None = None
    nftables_ipvs: Named = None
    nftables_ipvs_priority: int | None = None
    nftables_ipvs_start_fwmark: int | None = None  # 1000

    # Read and kept: processes.
    process_names: bool = False
    process_name: str | None = None
    vrrp_process_name: str | None = None
    checker_process_name: str | None = None
    bfd_process_name: str | None = None
    max_auto_priority: int | None = None  # -1: the highest there is
    min_auto_priority_delay_us: int | None = None
    vrrp_cpu_affinity: tuple[int, ...] = ()
    checker_priority: int | None = None
    checker_rt_priority: int | None = None
    checker_cpu_affinity: tuple[int, ...] = ()
    checker_no_swap: bool = False
    checker_rlimit_rttime_us: int | None = None
    bfd_priority: int | None = None
    bfd_rt_priority: int | None = None
    bfd_cpu_affinity: tuple[int, ...] = ()
    bfd_no_swap: bool = False
    bfd_rlimit_rttime_us: int | None = None
    vrrp_netlink_cmd_rcv_bufs_bytes: int | None = None
    vrrp_netlink_cmd_rcv_bufs_force: bool = False
    vrrp_netlink_monitor_rcv_bufs_bytes: int | None = None
    vrrp_netlink_monitor_rcv_bufs_force: bool = False
    lvs_netlink_cmd_rcv_bufs_bytes: int | None = None
    lvs_netlink_cmd_rcv_bufs_force: bool = False
    lvs_netlink_monitor_rcv_bufs_bytes: int | None = None
    lvs_netlink_monitor_rcv_bufs_force: bool = False
    process_monitor_rcv_bufs_bytes: int | None = None
    process_monitor_rcv_bufs_force: bool = False
    random_seed: int | None = None
    umask: int | None = None

    # Read and kept: scripts and pipes.
    startup_script: Script | None = None
    startup_script_timeout_us: int | None = None
    shutdown_script: Script | None = None
    shutdown_script_timeout_us: int | None = None
    use_symlink_paths: bool = False
    notify_fifo: NotifyFifo | None = None
    notify_fifo_script: Script | None = None
    vrrp_notify_fifo: NotifyFifo | None = None
    vrrp_notify_fifo_script: Script | None = None
    lvs_notify_fifo: NotifyFifo | None = None
    lvs_notify_fifo_script: Script | None = None
    fifo_write_vrrp_states_on_reload: bool = False

    # Read and kept: files and reload.
    tmp_config_directory: str | None = None
    config_save_dir: str | None = None
    include_check: tuple[str, ...] = ()
    reload_check_config: Named = None
    reload_time_file: str | None = None
    reload_repeat: bool = False
    reload_file: Named = None
    data_use_instance: bool = False
    state_dump_file: str | None = None
    stats_dump_file: str | None = None
    json_dump_file: str | None = None
    json_version: int | None = None
    iproute_usr_dir: str | None = None
    iproute_etc_dir: str | None = None

    # Read and kept: SNMP and D-Bus.
    snmp_socket: str | None = None
    enable_snmp_vrrp: bool = False
    enable_snmp_checker: bool = False
    enable_snmp_rfc: bool = False
    enable_snmp_rfcv2: bool = False
    enable_snmp_rfcv3: bool = False
    enable_traps: bool = False
    snmp_vs_stats_update_interval_us: int | None = None
    snmp_rs_stats_update_interval_us: int | None = None
    enable_dbus: bool = False
    dbus_service_name: str | None = None
    dbus_no_interface_name: str | None = None
