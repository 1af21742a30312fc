"""What global_defs says about mail, IPVS, files and SNMP, and is read and kept."""

from functools import partial

from dpvs_core.config.keywords import Keyword
from dpvs_core.config.values import Bool, Choice, Flag, Int, Text, Timer
from keepalivedpy.config.lines import Optional, Tested
from keepalivedpy.config.lines_global import (
    IncludeChecks,
    OneWord,
    SyncDaemonWords,
    TimeoutsWords,
)
from keepalivedpy.config.table_vrrp_defaults import INT32

_later = partial(Keyword, later=True)
_once = partial(_later, once=True)
PATH = Text("a path")
ONE_PATH = Tested(OneWord("a path"))
NAME = Text("a name")
STATS_INTERVAL = Timer(1000, 30_000_000)

MAIL = (
    _later("smtp_helo_name", Optional(NAME, None), "smtp_helo_name", "our name in SMTP"),
    _later("smtp_alert", Bool(), "smtp_alert", "mail for everything"),
    _later("smtp_alert_vrrp", Bool(), "smtp_alert_vrrp", "mail for VRRP"),
    _later("smtp_alert_checker", Bool(), "smtp_alert_checker", "mail for servers"),
    _later("no_email_faults", Flag(), "no_email_faults", "no mail for FAULT"),
    _later("no_checker_emails", Bool(), "no_checker_emails", "no mail for servers"),
    _later("rs_init_notifies", Bool(), "rs_init_notifies", "notify_up at start"),
)

IPVS = (
    _once("lvs_sync_daemon", Tested(SyncDaemonWords()), "lvs_sync_daemon", "the kernel's sync"),
    _later("lvs_timeouts", Tested(TimeoutsWords()), "lvs_timeouts", "of the kernel's connections"),
    _later("lvs_flush", Flag(), "lvs_flush", "remove all services at start"),
    _later(
        "lvs_flush_on_stop", Optional(Choice("VS"), "all"), "lvs_flush_on_stop", "and at the end"
    ),
    _later("lvs_flush_onstop", Optional(Choice("VS"), "all"), "lvs_flush_on_stop", "its old name"),
    _once("nftables_ipvs", Optional(NAME, True), "nftables_ipvs", "table for group services"),
    _later("nftables_ipvs_priority", INT32, "nftables_ipvs_priority", "of its chain"),
    _later("nftables_ipvs_start_fwmark", Int(1), "nftables_ipvs_start_fwmark", "first mark"),
)

FILES = (
    _once("tmp_config_directory", Tested(PATH), "tmp_config_directory", "for its own copy"),
    _later("config_save_dir", PATH, "config_save_dir", "configurations before and after a reload"),
    _later(
        "include_check",
        IncludeChecks(),
        "include_check",
        "what an include must not lack",
    ),
    _later(
        "reload_check_config",
        Optional(PATH, True),
        "reload_check_config",
        "a reload only of a right file",
    ),
    _later("reload_time_file", Tested(PATH), "reload_time_file", "when to reload"),
    _later("reload_repeat", Flag(), "reload_repeat", "that time every day"),
    _later("reload_file", Optional(PATH, True), "reload_file", "is there while it reloads"),
    _later("data_use_instance", Bool(), "data_use_instance", "instance in names of dumps"),
    _later("state_dump_file", ONE_PATH, "state_dump_file", "where SIGUSR1 writes", since="2.3.3"),
    _later("stats_dump_file", ONE_PATH, "stats_dump_file", "where SIGUSR2 writes", since="2.3.3"),
    _later("json_dump_file", ONE_PATH, "json_dump_file", "where the JSON goes", since="2.3.3"),
    _later("json_version", Tested(Int(1, 2)), "json_version", "its form", since="2.2.8"),
    _later("iproute_usr_dir", ONE_PATH, "iproute_usr_dir", "rt_tables and others", since="2.3.2"),
    _later("iproute_etc_dir", ONE_PATH, "iproute_etc_dir", "rt_tables and others", since="2.3.2"),
)

SNMP = (
    _once("snmp_socket", Tested(OneWord("a name")), "snmp_socket", "of the SNMP agent"),
    _later("enable_snmp_vrrp", Flag(), "enable_snmp_vrrp", "the VRRP MIB"),
    _later("enable_snmp_keepalived", Flag(), "enable_snmp_vrrp", "old name of enable_snmp_vrrp"),
    _later("enable_snmp_checker", Flag(), "enable_snmp_checker", "the checkers' MIB"),
    _later("enable_snmp_rfc", Flag(), "enable_snmp_rfc", "both RFCs' MIBs"),
    _later("enable_snmp_rfcv2", Flag(), "enable_snmp_rfcv2", "RFC 2787"),
    _later("enable_snmp_rfcv3", Flag(), "enable_snmp_rfcv3", "RFC 6527"),
    _later("enable_traps", Flag(), "enable_traps", "SNMP traps"),
    _later(
        "snmp_vs_stats_update_interval",
        STATS_INTERVAL,
        "snmp_vs_stats_update_interval_us",
        "age of a service's figures",
        since="2.3.0",
    ),
    _later(
        "snmp_rs_stats_update_interval",
        STATS_INTERVAL,
        "snmp_rs_stats_update_interval_us",
        "age of a server's figures",
        since="2.3.0",
    ),
    _later("enable_dbus", Flag(), "enable_dbus", "the D-Bus interface"),
    _later("dbus_service_name", Tested(NAME), "dbus_service_name", "its name"),
    _later(
        "dbus_no_interface_name", NAME, "dbus_no_interface_name", "for instances", since="2.3.0"
    ),
)
