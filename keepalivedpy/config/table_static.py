"""bfd_instance, track_group, garp_group, links and what stands outside all blocks, as rows."""

from functools import partial

from dpvs_core.config.addresses import Address
from dpvs_core.config.keywords import NAMED, Block, Keyword, Lines
from dpvs_core.config.values import UINT_MAX, Bool, Flag, Int, Text, Timer
from keepalivedpy.config.lines import Optional, Tested
from keepalivedpy.config.lines_routing import AddressLine, RouteLine, RuleLine
from keepalivedpy.config.lines_trackers import DelaysLine, LinkbeatLine, Millis, Weight
from keepalivedpy.config.lines_vrrp import AllWords
from keepalivedpy.model.bfd import BfdInstance
from keepalivedpy.model.static import GarpGroup, TrackGroup

ADDRESS_LINE = AddressLine()
ROUTE_LINE = RouteLine()
RULE_LINE = RuleLine()
IF_NAME = Text("an interface name", 15)
PACE = Timer(0, UINT_MAX)
PERIOD = Millis(1, 4294967)

BFD_INSTANCE = Block(
    "bfd_instance",
    (
        Keyword("neighbor_ip", Address(), "neighbor_ip", "the other end"),
        Keyword("neighbour_ip", Address(), "neighbor_ip", "the other end"),
        Keyword("source_ip", Address(), "source_ip", "our end"),
        Keyword("min_rx", PERIOD, "min_rx_us", "fastest packets we can take"),
        Keyword("min_tx", PERIOD, "min_tx_us", "fastest packets we send"),
        Keyword("idle_tx", Millis(1000, 4294967), "idle_tx_us", "while the session is down"),
        Keyword("multiplier", Int(1, 255), "multiplier", "missed packets until it is down"),
        Keyword("passive", Flag(), "passive", "wait for the other end"),
        Keyword("ttl", Int(1, 255), "ttl", "of packets sent"),
        Keyword("hoplimit", Int(1, 255), "ttl", "of packets sent, IPv6"),
        Keyword("max_hops", Int(-1, 255), "max_hops", "how far packets may have come"),
        Keyword("multihop", Bool(), "multihop", "over routers, port 4784", since="2.2.8"),
        Keyword("weight", Weight(253), "", "what it does to the priority; 0: FAULT"),
        Keyword("vrrp", Flag(), "vrrp", "for track_bfd only"),
        Keyword("checker", Flag(), "checker", "for BFD_CHECK only"),
    ),
    "a neighbour that is watched by BFD",
    field="bfd_instances",
    model=BfdInstance,
    header=NAMED,
    repeats=True,
    later=True,
)

TRACK_GROUP = Block(
    "track_group",
    (Lines("group", AllWords(), "group", "instances of which one must run"),),
    "instances that watch static items",
    field="track_groups",
    model=TrackGroup,
    header=NAMED,
    repeats=True,
    later=True,
)

GARP_GROUP = Block(
    "garp_group",
    (
        Keyword("garp_interval", PACE, "garp_interval_us", "between gratuitous ARPs"),
        Keyword("gna_interval", PACE, "gna_interval_us", "between unsolicited adverts"),
        Keyword("interface", IF_NAME, "interfaces", "on this interface", many=True),
        Lines("interfaces", AllWords(), "interfaces", "on these interfaces together"),
    ),
    "the pace of gratuitous ARP",
    field="garp_groups",
    model=GarpGroup,
    repeats=True,
    later=True,
)

STATIC_ITEMS = (
    Lines("static_ipaddress", ADDRESS_LINE, "static_ipaddress", "addresses that do not move"),
    Lines("static_routes", ROUTE_LINE, "static_routes", "routes that do not move"),
    Lines("static_rules", RULE_LINE, "static_rules", "rules that do not move", later=True),
)

_later = partial(Keyword, later=True)
PROGRAM = (
    _later("net_namespace", Tested(Text("a name")), "net_namespace", "where it all runs"),
    _later(
        "net_namespace_ipvs",
        Optional(Text("a name"), True),
        "net_namespace_ipvs",
        "where the kernel's IPVS is; alone: the first one",
    ),
    _later("namespace_with_ipsets", Flag(), "namespace_with_ipsets", "sets in that namespace"),
    _later(
        "instance",
        Tested(Text("a name")),
        "instance",
        "several daemons in one namespace",
        once=True,
    ),
    _later("use_pid_dir", Flag(), "use_pid_dir", "pid files in a folder of their own"),
    _later("child_wait_time", Int(), "child_wait_time_s", "patience with children at the end"),
    _later("linkbeat_use_polling", Flag(), "linkbeat_use_polling", "poll all links"),
    Lines(
        "linkbeat_interfaces",
        LinkbeatLine(),
        "linkbeat_interfaces",
        "links that are polled",
        later=True,
    ),
    Lines(
        "interface_up_down_delays",
        DelaysLine(),
        "interface_up_down_delays",
        "how long a link's change must last",
        later=True,
    ),
)
