"""What global_defs says about VRRP and is read and kept."""

from functools import partial

from dpvs_core.config.keywords import Keyword
from dpvs_core.config.values import UINT_MAX, Bool, Choice, Flag, Int, Text, Timer
from keepalivedpy.config.lines import Optional, Tested, Words
from keepalivedpy.config.lines_global import ExtraIf, MulticastAddress, RxBufs

_later = partial(Keyword, later=True)
_once = partial(_later, once=True)
PACE = Timer(1, UINT_MAX)
DELAY = Timer(1000, UINT_MAX)
INT32 = Int(-(2**31), 2**31 - 1)

VRRP_DEFAULTS = (
    _later("vrrp_mcast_group6", MulticastAddress(6), "vrrp_mcast_group6", "where adverts go"),
    _later("vrrp_garp_interval", PACE, "vrrp_garp_interval_us", "between gratuitous ARPs"),
    _later("vrrp_gna_interval", PACE, "vrrp_gna_interval_us", "between unsolicited adverts"),
    _later("vrrp_min_garp", Bool(), "vrrp_min_garp", "one gratuitous ARP, no second burst"),
    _later(
        "vrrp_garp_extra_if", Tested(ExtraIf(1, 86400, "vrrp_garp_extra_if")), "", "on VIPs' links"
    ),
    _later(
        "vrrp_vmac_garp_intvl",
        Tested(ExtraIf(1, 86400, "vrrp_garp_extra_if")),
        "",
        "on VIPs' links",
        successor="vrrp_garp_extra_if",
    ),
    _later("vrrp_down_timer_adverts", Int(1, 100), "vrrp_down_timer_adverts", "missed adverts"),
    _later(
        "vrrp_owner_ignore_adverts",
        Bool(),
        "vrrp_owner_ignore_adverts",
        "priority 255 ignores adverts",
        since="2.3.3",
    ),
    _later(
        "v3_checksum_as_v2",
        Bool(),
        "v3_checksum_as_v2",
        "v3 checksum without pseudo header",
        since="2.2.8",
    ),
    _later("vrrp_check_unicast_src", Flag(), "vrrp_check_unicast_src", "adverts from peers only"),
    _later(
        "vrrp_skip_check_adv_addr",
        Bool(),
        "vrrp_skip_check_adv_addr",
        "the same MASTER's addresses are not compared again",
    ),
    _later(
        "vrrp_notify_priority_changes",
        Bool(),
        "vrrp_notify_priority_changes",
        "changes of priority go to the pipe",
    ),
    _later("vrrp_startup_delay", DELAY, "vrrp_startup_delay_us", "hold VRRP after the start"),
    _later(
        "vrrp_delay_after_boot",
        DELAY,
        "vrrp_delay_after_boot_us",
        "the same, from the boot",
        since="2.4.0",
    ),
    _later("vrrp_rx_bufs_policy", Tested(RxBufs()), "vrrp_rx_bufs_policy", "receive buffer"),
    _later(
        "vrrp_rx_bufs_multiplier",
        Tested(Int(1)),
        "vrrp_rx_bufs_multiplier",
        "adverts in the receive buffer",
    ),
    _later("log_unknown_vrids", Flag(), "log_unknown_vrids", "log adverts of other VRIDs"),
    _later("disable_local_igmp", Flag(), "disable_local_igmp", "no membership of its own"),
    _later(
        "dynamic_interfaces",
        Optional(Choice("allow_if_changes"), "on"),
        "dynamic_interfaces",
        "interfaces may come and go",
    ),
    _once("vmac_prefix", Text("a prefix", 14), "vmac_prefix", "of VMAC interfaces' names"),
    _once("vmac_addr_prefix", Text("a prefix", 14), "vmac_addr_prefix", "of use_vmac_addr's"),
    _later(
        "vrrp_iptables",
        Words("[INPUT-CHAIN [OUTPUT-CHAIN]]", ("INPUT", "OUTPUT")),
        "vrrp_iptables",
        "chains for no_accept",
        successor="nftables",
    ),
    _later(
        "vrrp_ipsets",
        Words("names of up to six sets", ("keepalived",)),
        "vrrp_ipsets",
        "sets for no_accept",
        successor="nftables",
    ),
    _later("nftables", Optional(Text("a table"), "keepalived"), "nftables", "for no_accept"),
    _later("nftables_priority", INT32, "nftables_priority", "of its chains"),
    _later("nftables_ifindex", Flag(), "nftables_ifindex", "interfaces by number"),
    _later("nftables_counters", Flag(), "nftables_counters", "count in its rules"),
)
