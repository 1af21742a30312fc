"""What vrrp_instance and vrrp_sync_group say and is read and kept."""

from functools import partial

from dpvs_core.config.keywords import Block, Keyword, Lines
from dpvs_core.config.values import Bool, Choice, Flag, Int
from keepalivedpy.config.lines import SCRIPT, Optional, OptionalInt, Tested
from keepalivedpy.config.lines_global import AnyMulticast, ExtraIf
from keepalivedpy.config.lines_vrrp import HmacKeyWords, IpvlanWords, VmacWords
from keepalivedpy.config.table_static import IF_NAME, RULE_LINE
from keepalivedpy.config.table_trackers import TRACK_INTERFACE
from keepalivedpy.model.vrrp import AuthHmac

_later = partial(Keyword, later=True)
EXTRA_IF = Tested(ExtraIf(0, 86400, "garp_extra_if"))

AUTH_HMAC = Block(
    "auth_hmac",
    (
        Keyword("key", HmacKeyWords(), "keys", "a secret by its number", many=True),
        Keyword("active_key", Int(1, 255), "active_key", "the one that signs"),
        Keyword("anti_replay", Choice("time", "monotonic"), "anti_replay", "against old adverts"),
        Keyword("time_window", Int(1, 300, "seconds"), "time_window_s", "how old one may be"),
        Keyword("mode", Choice("enforce", "permissive", "receive-only"), "mode", "what is refused"),
    ),
    "a signature behind each advert",
    field="auth_hmac",
    model=AuthHmac,
    since="2.4.0",
    later=True,
)

INSTANCE_LATER = (
    AUTH_HMAC,
    Lines("virtual_rules", RULE_LINE, "virtual_rules", "rules that go with the VIPs", later=True),
    _later(
        "notify_master_rx_lower_pri",
        SCRIPT,
        "notify_master_rx_lower_pri",
        "run when a MASTER hears a lower priority",
    ),
    _later(
        "notify_deleted", Optional(SCRIPT, True), "notify_deleted", "run when a reload drops it"
    ),
    _later("notify_priority_changes", Bool(), "notify_priority_changes", "to the pipe"),
    _later("smtp_alert", Bool(), "smtp_alert", "mail on changes"),
    _later("vrf", IF_NAME, "vrf", "of unicast adverts"),
    _later("use_vmac", VmacWords(), "use_vmac", "an interface with the VRRP MAC"),
    _later("use_vmac_addr", Flag(), "use_vmac_addr", "such interfaces for other VIPs too"),
    _later("vmac_xmit_base", Flag(), "vmac_xmit_base", "adverts from the interface below"),
    _later("use_ipvlan", IpvlanWords(), "use_ipvlan", "an ipvlan interface of its own"),
    _later("mcast_dst_ip", AnyMulticast(), "mcast_dst_ip", "where adverts go"),
    _later("track_src_ip", Flag(), "track_src_ip", "FAULT without the source address"),
    _later("unicast_fault_no_peer", Flag(), "unicast_fault_no_peer", "FAULT without any peer"),
    _later("unicast_ttl", Int(0, 255), "unicast_ttl", "of unicast adverts"),
    _later("check_unicast_src", Flag(), "check_unicast_src", "adverts from peers only"),
    _later(
        "old_unicast_checksum",
        Optional(Choice("never"), "yes"),
        "old_unicast_checksum",
        "the checksum of 1.3.6 and before",
    ),
    _later(
        "v3_checksum_as_v2",
        Bool(),
        "v3_checksum_as_v2",
        "v3 checksum without pseudo header",
        since="2.2.8",
    ),
    _later("native_ipv6", Flag(), "native_ipv6", "an IPv6 instance"),
    _later(
        "no_virtual_ipaddress",
        Flag(),
        "no_virtual_ipaddress",
        "it has no VIP on purpose",
        since="2.2.8",
    ),
    _later("promote_secondaries", Flag(), "promote_secondaries", "of the interface"),
    _later("accept", Flag(True), "accept", "packets to the VIPs are taken"),
    _later("no_accept", Flag(False), "accept", "packets to the VIPs are dropped"),
    _later(
        "skip_check_adv_addr",
        Bool(),
        "skip_check_adv_addr",
        "the same MASTER's addresses are not compared again",
    ),
    _later("strict_mode", Bool(), "strict_mode", "nothing beyond the RFC"),
    _later("garp_extra_if", EXTRA_IF, "", "on VIPs' links"),
    _later("vmac_garp_intvl", EXTRA_IF, "", "on VIPs' links", successor="garp_extra_if"),
    _later("down_timer_adverts", Int(1, 100), "down_timer_adverts", "missed adverts"),
    _later(
        "timer_expired_backup",
        OptionalInt(1, 254, 0),
        "timer_expired_backup",
        "BACKUP when it ran late",
        since="2.2.8",
    ),
    _later(
        "thread_timer_expired",
        OptionalInt(1, 254, 0),
        "timer_expired_backup",
        "old name of timer_expired_backup",
        since="2.3.2",
        successor="timer_expired_backup",
    ),
    _later(
        "owner_ignore_adverts",
        Bool(),
        "owner_ignore_adverts",
        "priority 255 ignores adverts",
        since="2.3.3",
    ),
    _later("dont_track_primary", Flag(), "dont_track_primary", "ignore its own interface"),
    _later(
        "linkbeat_use_polling",
        Flag(),
        "linkbeat_use_polling",
        "poll its link",
        successor="linkbeat_interfaces",
    ),
    _later("debug", Int(0, 4), "debug", "how much is logged"),
    _later("kernel_rx_buf_size", Tested(Int()), "kernel_rx_buf_size_bytes", "receive buffer"),
    _later(
        "lvs_sync_daemon_interface",
        IF_NAME,
        "lvs_sync_daemon_interface",
        "where sync messages run",
        successor="lvs_sync_daemon in global_defs",
    ),
)

GROUP_LATER = (
    Lines(
        "track_interface", TRACK_INTERFACE, "track_interface", "FAULT when one is down", later=True
    ),
    _later("notify_master", SCRIPT, "notify_master", "run on becoming MASTER"),
    _later("notify_backup", SCRIPT, "notify_backup", "run on becoming BACKUP"),
    _later("notify_fault", SCRIPT, "notify_fault", "run on entering FAULT"),
    _later("notify_stop", SCRIPT, "notify_stop", "run on stopping"),
    _later("notify", SCRIPT, "notify", "run on every change"),
    _later("notify_priority_changes", Bool(), "notify_priority_changes", "to the pipe"),
    _later("smtp_alert", Bool(), "smtp_alert", "mail on changes"),
    _later(
        "global_tracking",
        Flag(),
        "global_tracking",
        "watch for all members",
        successor="track_script, track_interface and others",
    ),
    _later(
        "sync_group_tracking_weight",
        Flag(),
        "sync_group_tracking_weight",
        "members' priorities change by weights too",
    ),
)
