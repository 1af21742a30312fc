"""Health checks of real servers as written: one struct a kind, defaults of outer blocks filled in.

None is "not written": the server's own address and port, no binding, the service's loop.
"""

import msgspec

from keepalivedpy.model.script import Script, ScriptUser


class Check(msgspec.Struct, frozen=True, kw_only=True, tag=True, tag_field="check"):
    """What all kinds have that are asked by the clock."""

    retry: int = 1
    delay_before_retry_us: int = 60_000_000
    delay_loop_us: int | None = None  # None: the virtual server's
    warmup_us: int | None = None  # None: delay_loop
    alpha: bool | None = None  # None: the server's, then the service's
    log_all_failures: bool = False


class NetworkCheck(Check, frozen=True, kw_only=True):
    """What those have that send packets."""

    connect_ip: str | None = None
    connect_port: int | None = None
    bindto: str | None = None
    bind_port: int | None = None
    bind_if: str | None = None
    fwmark: int = 0
    connect_timeout_us: int = 5_000_000


class TcpCheck(NetworkCheck, frozen=True, kw_only=True):
    """TCP_CHECK: up when a connection opens."""

    delay_before_retry_us: int = 1_000_000


class StatusRange(msgspec.Struct, frozen=True, kw_only=True):
    """Answers of HTTP that are good: `first` to `last`."""

    first: int
    last: int


class Url(msgspec.Struct, frozen=True, kw_only=True):
    """One page of HTTP_GET; offsets are bytes of the body."""

    path: str
    digest: str | None = None  # MD5 of the body, 32 hexadecimal digits
    status_code: tuple[StatusRange, ...] = ()  # (): 200-299
    virtualhost: str | None = None
    regex: str | None = None
    regex_no_match: bool = False
    regex_options: tuple[str, ...] = ()
    regex_min_offset: int | None = None
    regex_max_offset: int | None = None
    regex_stack_start_kib: int | None = None
    regex_stack_max_kib: int | None = None
    tls_compliant: bool | None = None


class HttpGet(NetworkCheck, frozen=True, kw_only=True):
    """HTTP_GET: up when every page answers as it should."""

    delay_before_retry_us: int = 3_000_000
    http_protocol: str = "1.0"
    virtualhost: str | None = None
    fast_recovery: bool = False
    enable_sni: bool = False
    tls_compliant: bool = False
    urls: tuple[Url, ...] = ()


class SslGet(HttpGet, frozen=True, kw_only=True):
    """SSL_GET: the same over TLS."""


class SmtpHost(msgspec.Struct, frozen=True, kw_only=True):
    """`host` of SMTP_CHECK, its older way to say where: None takes the check's."""

    connect_ip: str | None = None
    connect_port: int | None = None
    bindto: str | None = None
    bind_port: int | None = None
    bind_if: str | None = None
    fwmark: int | None = None
    connect_timeout_us: int | None = None
    retry: int | None = None
    delay_before_retry_us: int | None = None
    delay_loop_us: int | None = None
    warmup_us: int | None = None
    alpha: bool | None = None
    log_all_failures: bool | None = None


class SmtpCheck(NetworkCheck, frozen=True, kw_only=True):
    """SMTP_CHECK: up when the mail server greets and takes HELO."""

    delay_before_retry_us: int = 1_000_000
    helo_name: str | None = None  # None: smtpchecker.keepalived.org
    hosts: tuple[SmtpHost, ...] = ()


class DnsCheck(NetworkCheck, frozen=True, kw_only=True):
    """DNS_CHECK: up when a query is answered."""

    retry: int = 3
    type: str = "SOA"
    name: str = "."


class MiscCheck(Check, frozen=True, kw_only=True):
    """MISC_CHECK: up when a program ends with 0."""

    retry: int = 0
    misc_path: Script
    misc_timeout_us: int = 0  # 0: the loop
    misc_dynamic: bool = False
    user: ScriptUser | None = None


class ReplyPattern(msgspec.Struct, frozen=True, kw_only=True):
    """What an answer must begin with, as hexadecimal digits; an X takes any. "": any answer."""

    digits: str = ""


class UdpCheck(NetworkCheck, frozen=True, kw_only=True):
    """UDP_CHECK: up while no error comes back, or when an answer does."""

    payload: bytes = b""
    require_reply: ReplyPattern | None = None
    min_reply_length_bytes: int = 0
    max_reply_length_bytes: int = 255


class PingCheck(NetworkCheck, frozen=True, kw_only=True):
    """PING_CHECK: up while it answers ICMP echo."""


class BfdCheck(msgspec.Struct, frozen=True, kw_only=True, tag=True, tag_field="check"):
    """BFD_CHECK: up while a bfd_instance is."""

    name: str
    alpha: bool | None = None


class FileCheck(msgspec.Struct, frozen=True, kw_only=True, tag=True, tag_field="check"):
    """FILE_CHECK: a track_file gives the weight."""

    track_file: str
    weight: int = 1
    reverse: bool = False


Checker = (
    TcpCheck | HttpGet | SslGet | SmtpCheck | DnsCheck
    | MiscCheck | UdpCheck | PingCheck | BfdCheck | FileCheck
)  # fmt: skip
