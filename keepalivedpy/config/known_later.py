"""Keywords that keepalived (upstream 2.4.3, DPVS) knows and nothing here carries yet.

They are accepted with one warning each, their blocks skipped whole. A keyword moves from here to a
row when it gets an effect.
"""

from collections.abc import Mapping


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


ROOT_LATER = _words(
    "SSL allow_address_group bfd_instance child_wait_time deny_address_group garp_group "
    "instance interface_up_down_delays linkbeat_interfaces linkbeat_use_polling "
    "namespace_with_ipsets net_namespace net_namespace_ipvs static_rules track_file "
    "track_group tunnel_group use_pid_dir vrrp_script vrrp_track_file vrrp_track_process"
)
"""Outside all blocks."""

GLOBAL_DEFS_LATER = _words(
    "bfd_cpu_affinity bfd_no_swap bfd_priority bfd_process_name bfd_rlimit_rtime "
    "bfd_rlimit_rttime bfd_rt_priority checker_cpu_affinity checker_no_swap checker_priority "
    "checker_process_name checker_rlimit_rtime checker_rlimit_rttime checker_rt_priority "
    "config_save_dir data_use_instance dbus_no_interface_name dbus_service_name "
    "disable_local_igmp dynamic_interfaces enable_dbus enable_snmp_checker "
    "enable_snmp_keepalived enable_snmp_rfc enable_snmp_rfcv2 enable_snmp_rfcv3 "
    "enable_snmp_vrrp enable_traps fifo_write_vrrp_states_on_reload include_check "
    "iproute_etc_dir iproute_usr_dir json_dump_file json_version log_unknown_vrids lvs_flush "
    "lvs_flush_on_stop lvs_flush_onstop lvs_netlink_cmd_rcv_bufs "
    "lvs_netlink_cmd_rcv_bufs_force lvs_netlink_monitor_rcv_bufs "
    "lvs_netlink_monitor_rcv_bufs_force lvs_notify_fifo lvs_notify_fifo_script "
    "lvs_process_name lvs_sync_daemon lvs_timeouts max_auto_priority min_auto_priority_delay "
    "nftables nftables_counters nftables_ifindex nftables_ipvs nftables_ipvs_priority "
    "nftables_ipvs_start_fwmark nftables_priority no_checker_emails no_email_faults "
    "notify_fifo notify_fifo_script process_monitor_rcv_bufs process_monitor_rcv_bufs_force "
    "process_name process_names random_seed reload_check_config reload_file reload_repeat "
    "reload_time_file rs_init_notifies shutdown_script shutdown_script_timeout smtp_alert "
    "smtp_alert_checker smtp_alert_vrrp smtp_helo_name snmp_rs_stats_update_interval "
    "snmp_socket snmp_vs_stats_update_interval startup_script startup_script_timeout "
    "state_dump_file stats_dump_file tmp_config_directory umask use_symlink_paths "
    "v3_checksum_as_v2 vmac_addr_prefix vmac_prefix vrrp_check_unicast_src vrrp_cpu_affinity "
    "vrrp_delay_after_boot vrrp_down_timer_adverts vrrp_garp_extra_if vrrp_garp_interval "
    "vrrp_gna_interval vrrp_ipsets vrrp_iptables vrrp_mcast_group6 vrrp_min_garp "
    "vrrp_netlink_cmd_rcv_bufs vrrp_netlink_cmd_rcv_bufs_force vrrp_netlink_monitor_rcv_bufs "
    "vrrp_netlink_monitor_rcv_bufs_force vrrp_notify_fifo vrrp_notify_fifo_script "
    "vrrp_notify_priority_changes vrrp_owner_ignore_adverts vrrp_process_name "
    "vrrp_rx_bufs_multiplier vrrp_rx_bufs_policy vrrp_skip_check_adv_addr vrrp_startup_delay "
    "vrrp_vmac_garp_intvl"
)
"""In global_defs."""

VRRP_INSTANCE_LATER = _words(
    "accept auth_hmac check_unicast_src debug dont_track_primary down_timer_adverts "
    "garp_extra_if kernel_rx_buf_size linkbeat_use_polling lvs_sync_daemon_interface "
    "mcast_dst_ip native_ipv6 no_accept no_virtual_ipaddress notify_deleted "
    "notify_master_rx_lower_pri notify_priority_changes old_unicast_checksum "
    "owner_ignore_adverts promote_secondaries skip_check_adv_addr smtp_alert strict_mode "
    "thread_timer_expired timer_expired_backup track_bfd track_file track_process "
    "track_script track_src_ip unicast_fault_no_peer unicast_ttl use_ipvlan use_vmac "
    "use_vmac_addr v3_checksum_as_v2 virtual_rules vmac_garp_intvl vmac_xmit_base vrf"
)
"""In vrrp_instance."""

SYNC_GROUP_LATER = _words(
    "global_tracking notify notify_backup notify_fault notify_master notify_priority_changes "
    "notify_stop smtp_alert sync_group_tracking_weight track_bfd track_file track_interface "
    "track_process track_script"
)
"""In vrrp_sync_group."""

VIRTUAL_SERVER_LATER = _words(
    "bps daddr_group_name flag-1 flag-2 flag-3 hashed ip_family limit_proportion "
    "mh-fallback mh-port persistence_engine sh-fallback sh-port smtp_alert snmp_name "
    "sorry_server_inhibit sorry_server_lvs_method vip_bind_dev "
    "waddr_group_name"
)
"""In virtual_server."""

REAL_SERVER_LATER = _words(
    "BFD_CHECK DNS_CHECK FILE_CHECK HTTP_GET MISC_CHECK PING_CHECK SMTP_CHECK SSL_GET "
    "UDP_CHECK smtp_alert snmp_name virtualhost"
)
"""In real_server."""

CHECKER_LATER = _words("fwmark log_all_failures")
"""In a checker that is carried."""

SKIPPED_BLOCKS: Mapping[str, tuple[str, ...]] = {
    "SSL": _words("ca certificate key password"),
    "bfd_instance": _words(
        "checker hoplimit idle_tx max_hops min_rx min_tx multihop multiplier "
        "neighbor_ip neighbour_ip passive source_ip ttl vrrp"
    ),
    "BFD_CHECK": _words("alpha name"),
    "DNS_CHECK": _words("name type"),
    "FILE_CHECK": _words("track_file weight"),
    "HTTP_GET or SSL_GET": _words(
        "enable_sni fast_recovery http_protocol nb_get_retry tls_compliant url virtualhost"
    ),
    "url": _words(
        "digest path regex regex_max_offset regex_min_offset regex_no_match "
        "regex_options regex_stack status_code tls_compliant virtualhost"
    ),
    "MISC_CHECK": _words("misc_dynamic misc_path misc_timeout user"),
    "garp_group": _words("garp_interval gna_interval interface interfaces"),
    "track_file": _words("file init_file weight"),
    "track_group": _words("group"),
    "tunnel_group": _words("tunnel_entry"),
    "tunnel_entry": _words("if kind local remote"),
    "SMTP_CHECK": _words("helo_name host"),
    "UDP_CHECK": _words("max_reply_length min_reply_length payload require_reply"),
    "auth_hmac": _words("active_key anti_replay key mode time_window"),
    "vrrp_script": _words("fall init_fail interval rise script timeout user weight"),
    "vrrp_track_file": _words("file init_file weight"),
    "vrrp_track_process": _words(
        "delay fork_delay full_command param_match process quorum quorum_max terminate_delay weight"
    ),
}
"""What stands in blocks that are skipped, to say where a misplaced keyword belongs."""
