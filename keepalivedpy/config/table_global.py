"""global_defs as rows.

A field `instance.X` is the default of X in every vrrp_instance.
"""

from dpvs_core.config.keywords import Block, Keyword, Lines
from dpvs_core.config.values import Bool, Flag, Int, Rest, Text, Timer
from keepalivedpy.config.lines import Tested, UserWords
from keepalivedpy.config.lines_global import MulticastAddress, SmtpServer
from keepalivedpy.config.table_global_later import FILES, IPVS, MAIL, SNMP
from keepalivedpy.config.table_process import NOTIFY, PROCESSES
from keepalivedpy.config.table_vrrp_defaults import VRRP_DEFAULTS
from keepalivedpy.model.global_defs import GlobalDefs

SECONDS = Timer(0, 4294_000_000, whole=True)
COUNT = Int(0, 2**31 - 1)
RTTIME = Int(1, 2**31 - 1, "us")
RTTIME_WORDS = "how long it may run without sleeping at real-time priority"

GLOBAL_DEFS = Block(
    "global_defs",
    (
        Lines("notification_email", Rest("an address"), "notification_email", "who gets mail"),
        Keyword(
            "notification_email_from",
            Tested(Rest("an address")),
            "notification_email_from",
            "from whom",
        ),
        Keyword("smtp_server", SmtpServer(), "", "where mail is handed in"),
        Keyword("smtp_connect_timeout", SECONDS, "smtp_connect_timeout_us", "patience with it"),
        Keyword("router_id", Tested(Text("a name")), "router_id", "this machine's name in mails"),
        Keyword("vrrp_version", Int(2, 3), "vrrp_version", "VRRP version of the instances"),
        Keyword("vrrp_mcast_group4", MulticastAddress(), "vrrp_mcast_group4", "where adverts go"),
        Keyword("vrrp_strict", Bool(), "vrrp_strict", "nothing beyond the RFC"),
        Keyword(
            "vrrp_priority", Tested(Int(-20, 19)), "vrrp_priority", "nice value of the VRRP process"
        ),
        Keyword(
            "vrrp_rt_priority", Tested(Int(1, 99)), "vrrp_rt_priority", "its real-time priority"
        ),
        Keyword("vrrp_rlimit_rttime", RTTIME, "vrrp_rlimit_rttime_us", RTTIME_WORDS),
        Keyword("vrrp_rlimit_rtime", RTTIME, "vrrp_rlimit_rttime_us", RTTIME_WORDS),
        Keyword("vrrp_no_swap", Flag(), "vrrp_no_swap", "its memory stays in memory"),
        Keyword(
            "checker_log_all_failures", Bool(), "checker_log_all_failures", "log each failed try"
        ),
        Keyword(
            "enable_script_security",
            Flag(),
            "enable_script_security",
            "no script as root that others can write",
        ),
        Keyword("script_user", Tested(UserWords()), "script_user", "who runs scripts"),
        Keyword(
            "default_interface",
            Tested(Text("an interface")),
            "default_interface",
            "for static items",
        ),
        Keyword(
            "vrrp_garp_master_delay",
            SECONDS,
            "instance.garp_master_delay_us",
            "second burst of gratuitous ARP after that",
        ),
        Keyword(
            "vrrp_garp_master_repeat",
            COUNT,
            "instance.garp_master_repeat",
            "gratuitous ARPs in a burst",
        ),
        Keyword(
            "vrrp_garp_master_refresh",
            SECONDS,
            "instance.garp_master_refresh_us",
            "a burst that often while MASTER",
        ),
        Keyword(
            "vrrp_garp_master_refresh_repeat",
            COUNT,
            "instance.garp_master_refresh_repeat",
            "gratuitous ARPs in such a burst",
        ),
        Keyword(
            "vrrp_garp_lower_prio_delay",
            SECONDS,
            "instance.garp_lower_prio_delay_us",
            "second burst after a lower advert",
        ),
        Keyword(
            "vrrp_garp_lower_prio_repeat",
            COUNT,
            "instance.garp_lower_prio_repeat",
            "gratuitous ARPs after a lower advert",
        ),
        Keyword(
            "vrrp_lower_prio_no_advert",
            Bool(),
            "instance.lower_prio_no_advert",
            "no answer to a lower advert",
        ),
        Keyword(
            "vrrp_higher_prio_send_advert",
            Bool(),
            "instance.higher_prio_send_advert",
            "an advert before giving way",
        ),
        *MAIL,
        *VRRP_DEFAULTS,
        *IPVS,
        *PROCESSES,
        *NOTIFY,
        *FILES,
        *SNMP,
    ),
    "settings of the whole program",
    field="global_defs",
    model=GlobalDefs,
)
