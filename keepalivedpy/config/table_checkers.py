"""Health checks as rows. Defaults may stand in the real server and in the virtual server."""

from dpvs_core.config.addresses import Address
from dpvs_core.config.keywords import Block, Keyword
from dpvs_core.config.values import UINT_MAX, Bool, Choice, Flag, Int, Text, Timer
from keepalivedpy.config.lines import SCRIPT, UserWords
from keepalivedpy.config.lines_checks import (
    AnyCase,
    Counted,
    Digest,
    DnsName,
    FileWeight,
    HexBytes,
    Lenient,
    RegexOptions,
    RegexStack,
    Reply,
    StatusCodes,
)
from keepalivedpy.model.checks import (
    BfdCheck,
    DnsCheck,
    FileCheck,
    HttpGet,
    MiscCheck,
    PingCheck,
    SmtpCheck,
    SmtpHost,
    SslGet,
    TcpCheck,
    UdpCheck,
    Url,
)

TRIES = Int()
PORT = Int(1, 65535)
IF_NAME = Text("an interface name", 15)
CONNECT_TIMEOUT = Timer(1, UINT_MAX)
LOOP = Timer(1, 2**64 - 2)
BETWEEN = Timer(0, 2**64 - 2)
OFFSET = Lenient(Int())

CHECKER_DEFAULTS = (
    Keyword("connect_timeout", CONNECT_TIMEOUT, "checker.connect_timeout_us", "until a try failed"),
    Keyword("retry", Int(1), "checker.retry", "tries before the server is down"),
    Keyword("delay_before_retry", BETWEEN, "checker.delay_before_retry_us", "between tries"),
    Keyword("warmup", BETWEEN, "checker.warmup_us", "the first check comes within that"),
)
"""In real_server and virtual_server."""

TIMING = (
    Keyword("retry", TRIES, "retry", "tries before the server is down"),
    Keyword("delay_before_retry", BETWEEN, "delay_before_retry_us", "between tries"),
    Keyword("delay_loop", LOOP, "delay_loop_us", "between checks"),
    Keyword("warmup", BETWEEN, "warmup_us", "the first check comes within that"),
    Keyword("alpha", Bool(), "alpha", "down until checked"),
)
"""In all checks that are asked by the clock."""

LOG_ALL = Keyword("log_all_failures", Bool(), "log_all_failures", "log each failed try")

CONNECTION = (
    Keyword("connect_ip", Address(), "connect_ip", "where to connect to"),
    Keyword("connect_port", PORT, "connect_port", "and the port"),
    Keyword("bindto", Address(), "bindto", "source address"),
    Keyword("bind_port", PORT, "bind_port", "source port"),
    Keyword("bind_if", IF_NAME, "bind_if", "source interface"),
    Keyword("connect_timeout", CONNECT_TIMEOUT, "connect_timeout_us", "until a try has failed"),
)
"""In checks that send packets."""

MARK = Keyword("fwmark", Int(), "fwmark", "firewall mark of its packets")
COMMON = (*CONNECTION, *TIMING, MARK, LOG_ALL)

TCP_CHECK = Block(
    "TCP_CHECK",
    (
        *CONNECTION,
        *TIMING,
        Keyword("nb_sock_retry", TRIES, "retry", "the same as retry, older word of DPVS's files"),
        Keyword("fwmark", Int(), "fwmark", "firewall mark of its packets", later=True),
        Keyword("log_all_failures", Bool(), "log_all_failures", "log each failed try", later=True),
    ),
    "up when a TCP connection opens",
    field="checkers",
    model=TcpCheck,
    repeats=True,
)

URL = Block(
    "url",
    (
        Keyword("path", Text("a path"), "path", "the page"),
        Keyword("digest", Digest(), "digest", "MD5 of a good answer"),
        Keyword("status_code", StatusCodes(), "status_code", "codes of a good answer"),
        Keyword("virtualhost", Counted(Text("a host name")), "virtualhost", "in the Host header"),
        Keyword("regex", Lenient(Text("a regular expression")), "regex", "in a good answer"),
        Keyword("regex_no_match", Flag(), "regex_no_match", "a good answer must not have it"),
        Keyword("regex_options", RegexOptions(), "regex_options", "how it is meant"),
        Keyword("regex_min_offset", OFFSET, "regex_min_offset", "it starts there or later"),
        Keyword("regex_max_offset", OFFSET, "regex_max_offset", "it starts before that"),
        Keyword("regex_stack", RegexStack(), "", "memory that matching may take"),
        Keyword("tls_compliant", Bool(), "tls_compliant", "the server must close TLS properly"),
    ),
    "a page that is asked for",
    field="urls",
    model=Url,
    repeats=True,
)

HTTP_ROWS = (
    *COMMON,
    Keyword("nb_get_retry", TRIES, "retry", "the same", successor="retry"),
    Keyword(
        "http_protocol",
        Counted(Choice("1.0", "1.0C", "1.1")),
        "http_protocol",
        "version in the request; C: with Connection: close",
    ),
    Keyword("virtualhost", Counted(Text("a host name")), "virtualhost", "in the Host header"),
    Keyword("fast_recovery", Bool(), "fast_recovery", "up at the first good answer"),
    Keyword("enable_sni", Bool(), "enable_sni", "send the host name in TLS"),
    Keyword("tls_compliant", Bool(), "tls_compliant", "the server must close TLS properly"),
    URL,
)
HTTP_GET, SSL_GET = (
    Block(name, HTTP_ROWS, doc, field="checkers", model=model, repeats=True)
    for name, doc, model in (
        ("HTTP_GET", "up when pages answer as they should", HttpGet),
        ("SSL_GET", "the same over TLS", SslGet),
    )
)

SMTP_CHECK = Block(
    "SMTP_CHECK",
    (
        *COMMON,
        Keyword("helo_name", Counted(Text("a host name")), "helo_name", "what HELO says"),
        Block(
            "host",
            COMMON,
            "where to connect to, older form",
            field="hosts",
            model=SmtpHost,
            repeats=True,
        ),
    ),
    "up when a mail server greets",
    field="checkers",
    model=SmtpCheck,
    repeats=True,
)

DNS_CHECK = Block(
    "DNS_CHECK",
    (
        *COMMON,
        Keyword(
            "type",
            AnyCase("A", "NS", "CNAME", "SOA", "MX", "TXT", "AAAA", "RRSIG", "DNSKEY"),
            "type",
            "the record that is asked for",
        ),
        Keyword("name", DnsName(), "name", "and its name"),
    ),
    "up when a DNS query is answered",
    field="checkers",
    model=DnsCheck,
    repeats=True,
)

MISC_CHECK = Block(
    "MISC_CHECK",
    (
        Keyword("misc_path", Counted(SCRIPT), "misc_path", "the program"),
        Keyword(
            "misc_timeout",
            Timer(0, 4294 * 1_000_000, whole=True),
            "misc_timeout_us",
            "it is ended after that",
        ),
        Keyword("misc_dynamic", Flag(), "misc_dynamic", "its exit status less 2 is the weight"),
        Keyword("user", Counted(UserWords()), "user", "who runs it"),
        *TIMING,
        LOG_ALL,
    ),
    "up when a program ends with 0",
    field="checkers",
    model=MiscCheck,
    repeats=True,
)

UDP_CHECK = Block(
    "UDP_CHECK",
    (
        *COMMON,
        Keyword("payload", HexBytes(), "payload", "what is sent"),
        Keyword("require_reply", Reply(), "require_reply", "an answer must come, and begin so"),
        Keyword("min_reply_length", Int(0, 65535), "min_reply_length_bytes", "of the answer"),
        Keyword("max_reply_length", Int(0, 65535), "max_reply_length_bytes", "of the answer"),
    ),
    "up while no error comes back",
    field="checkers",
    model=UdpCheck,
    repeats=True,
)

PING_CHECK = Block(
    "PING_CHECK",
    COMMON,
    "up while it answers ping",
    field="checkers",
    model=PingCheck,
    repeats=True,
)

BFD_CHECK = Block(
    "BFD_CHECK",
    (
        Keyword("name", Counted(Text("a bfd_instance", 31), most=1), "name", "its bfd_instance"),
        Keyword("alpha", Bool(), "alpha", "down until known"),
    ),
    "up while a BFD session is",
    field="checkers",
    model=BfdCheck,
    repeats=True,
)

FILE_CHECK = Block(
    "FILE_CHECK",
    (
        Keyword("track_file", Text("a track_file"), "track_file", "the file by its name"),
        Keyword("weight", FileWeight(), "", "what its value is multiplied with"),
    ),
    "a file gives the weight",
    field="checkers",
    model=FileCheck,
    repeats=True,
)

CHECKERS = (
    TCP_CHECK,
    HTTP_GET,
    SSL_GET,
    SMTP_CHECK,
    DNS_CHECK,
    MISC_CHECK,
    UDP_CHECK,
    PING_CHECK,
    BFD_CHECK,
    FILE_CHECK,
)
