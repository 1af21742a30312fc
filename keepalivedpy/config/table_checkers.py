"""Health checks as rows. Defaults may stand in the real server and in the virtual server."""

from dpvs_core.config.addresses import Address
from dpvs_core.config.keywords import Block, Keyword
from dpvs_core.config.values import Bool, Int, Text, Timer
from keepalivedpy.config.known_later import CHECKER_LATER
from keepalivedpy.model.lvs import TcpCheck

RETRY = Int()

CHECKER_DEFAULTS = (
    Keyword("connect_timeout", Timer(1), "checker.connect_timeout_us", "until a try has failed"),
    Keyword("retry", Int(1), "checker.retry", "tries before the server is down"),
    Keyword("delay_before_retry", Timer(), "checker.delay_before_retry_us", "between tries"),
    Keyword("warmup", Timer(), "checker.warmup_us", "the first check comes within that"),
)
"""In real_server and virtual_server."""

TCP_CHECK = Block(
    "TCP_CHECK",
    (
        Keyword("connect_ip", Address(), "connect_ip", "where to connect to"),
        Keyword("connect_port", Int(1, 65535), "connect_port", "and the port"),
        Keyword("bindto", Address(), "bindto", "source address"),
        Keyword("bind_port", Int(1, 65535), "bind_port", "source port"),
        Keyword("bind_if", Text("an interface name", 15), "bind_if", "source interface"),
        Keyword("connect_timeout", Timer(1), "connect_timeout_us", "until a try has failed"),
        Keyword("retry", RETRY, "retry", "tries before the server is down"),
        Keyword("nb_sock_retry", RETRY, "retry", "the same, older word of DPVS's files"),
        Keyword("delay_before_retry", Timer(), "delay_before_retry_us", "between tries"),
        Keyword("delay_loop", Timer(1), "delay_loop_us", "between checks"),
        Keyword("warmup", Timer(), "warmup_us", "the first check comes within that"),
        Keyword("alpha", Bool(), "alpha", "down until checked"),
    ),
    "up when a TCP connection opens",
    field="checkers",
    model=TcpCheck,
    repeats=True,
    unread=CHECKER_LATER,
)
