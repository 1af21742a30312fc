"""vrrp_instance and vrrp_sync_group as rows (keepalived.conf; RFC 3768, 5798, 9568)."""

from dpvs_core.config.addresses import Address
from dpvs_core.config.keywords import NAMED, Block, Keyword, Lines, Named
from dpvs_core.config.values import Bool, Choice, Flag, Int, Timer
from keepalivedpy.config.lines import SCRIPT
from keepalivedpy.config.lines_vrrp import AllWords, AuthPass, PeerLine
from keepalivedpy.config.table_global import COUNT, SECONDS
from keepalivedpy.config.table_static import ADDRESS_LINE, IF_NAME, ROUTE_LINE
from keepalivedpy.config.table_trackers import TRACK_INTERFACE, TRACKS
from keepalivedpy.config.table_vrrp_later import GROUP_LATER, INSTANCE_LATER
from keepalivedpy.model.vrrp import Authentication, VrrpInstance, VrrpSyncGroup

AUTHENTICATION = Block(
    "authentication",
    (
        Keyword("auth_type", Choice("PASS", "AH"), "auth_type", "password or IPsec AH"),
        Keyword("auth_pass", AuthPass(), "auth_pass", "8 bytes count"),
    ),
    "of adverts, VRRPv2 only",
    field="authentication",
    model=Authentication,
)

VRRP_INSTANCE = Block(
    "vrrp_instance",
    (
        Keyword("state", Choice("MASTER", "BACKUP"), "state", "what it wants to be at start"),
        Keyword("interface", IF_NAME, "interface", "where adverts run, e.g. dpdk0.kni"),
        Keyword("dpdk_interface", IF_NAME, "dpdk_interface", "K-004 device that gets the VIPs"),
        Keyword("virtual_router_id", Int(1, 255), "virtual_router_id", "VRID, one a link"),
        Keyword("priority", Int(1, 255), "priority", "the highest is MASTER; 255: address owner"),
        Keyword("advert_int", Timer(10_000, 255_000_000), "advert_int_us", "between adverts"),
        Keyword("version", Int(2, 3), "version", "VRRP version"),
        AUTHENTICATION,
        Lines(
            "virtual_ipaddress",
            ADDRESS_LINE,
            "virtual_ipaddress",
            "the VIPs, in the adverts",
        ),
        Lines(
            "virtual_ipaddress_excluded",
            ADDRESS_LINE,
            "virtual_ipaddress_excluded",
            "VIPs that are not in the adverts",
        ),
        Lines(
            "virtual_routes",
            ROUTE_LINE,
            "virtual_routes",
            "routes that go with the VIPs",
        ),
        Keyword("mcast_src_ip", Address(), "mcast_src_ip", "source of adverts"),
        Keyword("unicast_src_ip", Address(), "mcast_src_ip", "source of unicast adverts"),
        Lines(
            "unicast_peer",
            PeerLine(),
            "unicast_peer",
            "adverts go to these instead of the group",
        ),
        Keyword("nopreempt", Flag(True), "nopreempt", "do not take over from a lower priority"),
        Keyword("preempt", Flag(False), "nopreempt", "take over from a lower priority"),
        Keyword("preempt_delay", Timer(0, 1000_000_000), "preempt_delay_us", "wait before that"),
        Lines(
            "track_interface",
            TRACK_INTERFACE,
            "track_interface",
            "FAULT when one is down",
        ),
        Keyword("garp_master_delay", SECONDS, "garp_master_delay_us", "second burst after that"),
        Keyword("garp_master_repeat", COUNT, "garp_master_repeat", "gratuitous ARPs in a burst"),
        Keyword("garp_master_refresh", SECONDS, "garp_master_refresh_us", "a burst that often"),
        Keyword(
            "garp_master_refresh_repeat",
            COUNT,
            "garp_master_refresh_repeat",
            "gratuitous ARPs in such a burst",
        ),
        Keyword(
            "garp_lower_prio_delay",
            SECONDS,
            "garp_lower_prio_delay_us",
            "second burst after a lower advert",
        ),
        Keyword(
            "garp_lower_prio_repeat",
            COUNT,
            "garp_lower_prio_repeat",
            "gratuitous ARPs after a lower advert",
        ),
        Keyword(
            "lower_prio_no_advert", Bool(), "lower_prio_no_advert", "no answer to a lower advert"
        ),
        Keyword(
            "higher_prio_send_advert",
            Bool(),
            "higher_prio_send_advert",
            "an advert before giving way (default with dpdk_interface: on)",
        ),
        Keyword("notify_master", SCRIPT, "notify_master", "run on becoming MASTER"),
        Keyword("notify_backup", SCRIPT, "notify_backup", "run on becoming BACKUP"),
        Keyword("notify_fault", SCRIPT, "notify_fault", "run on entering FAULT"),
        Keyword("notify_stop", SCRIPT, "notify_stop", "run on stopping"),
        Keyword("notify", SCRIPT, "notify", "run on every change"),
        *TRACKS,
        *INSTANCE_LATER,
    ),
    "a virtual router",
    field="vrrp_instances",
    model=VrrpInstance,
    header=Named(alone=True),
    repeats=True,
)

VRRP_SYNC_GROUP = Block(
    "vrrp_sync_group",
    (
        Lines("group", AllWords(), "group", "the instances that change together"),
        *TRACKS,
        *GROUP_LATER,
    ),
    "instances that change together",
    field="vrrp_sync_groups",
    header=NAMED,
    repeats=True,
    model=VrrpSyncGroup,
)
