"""real_server as rows. Fields `checker.X` are defaults of its checks."""

from dpvs_core.config.keywords import Block, Keyword
from dpvs_core.config.values import Bool, Int, Text
from keepalivedpy.config.lines import SCRIPT
from keepalivedpy.config.lines_checks import WEIGHT_LIMIT, Counted
from keepalivedpy.config.lines_lvs import SERVER_HEADER, Forwarding
from keepalivedpy.config.table_checkers import CHECKER_DEFAULTS, CHECKERS, LOOP
from keepalivedpy.model.lvs import RealServer

NAME = Text("a name")

REAL_SERVER = Block(
    "real_server",
    (
        Keyword("weight", Int(0, WEIGHT_LIMIT), "weight", "its share; 0 gets no new connections"),
        Keyword("lvs_method", Forwarding(), "", "how packets reach it"),
        Keyword("inhibit_on_failure", Bool(), "inhibit_on_failure", "weight 0 instead of removal"),
        Keyword("uthreshold", Int(), "uthreshold", "K-011 most connections"),
        Keyword("lthreshold", Int(), "lthreshold", "K-011 connections again below that"),
        Keyword("notify_up", SCRIPT, "notify_up", "run when it comes up"),
        Keyword("notify_down", SCRIPT, "notify_down", "run when it goes down"),
        Keyword("alpha", Bool(), "alpha", "down until checked"),
        Keyword("virtualhost", Counted(Text("a host name")), "virtualhost", "for HTTP checks"),
        Keyword("snmp_name", Counted(NAME, most=1), "snmp_name", "its name in SNMP", later=True),
        Keyword("smtp_alert", Bool(), "smtp_alert", "mail when it goes or comes", later=True),
        *CHECKER_DEFAULTS,
        Keyword("delay_loop", LOOP, "checker.delay_loop_us", "between checks"),
        *CHECKERS,
    ),
    "a real server",
    field="real_servers",
    model=RealServer,
    header=SERVER_HEADER,
    repeats=True,
)
