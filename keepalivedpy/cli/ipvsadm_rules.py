"""ipvsadm -S: the table as command lines that -R takes back (I-022).

Unlike DPVS, which forgets them, every setting of a service, thresholds and local addresses are
printed. Not restorable by any command line: whether a dest was inhibited, and counters.
"""

from collections.abc import Iterable, Iterator

from dpvs_core.control.match_text import match_words
from dpvs_core.control.messages import DestRow, Forward, ServiceKey, ServiceRow, ServiceSpec
from keepalivedpy.cli.ipvsadm_list import Style, dest_name, dests_of, ordered, service_name

SELECTORS = {
    "tcp": "-t",
    "udp": "-u",
    "sctp": "--sctp-service",
    "icmp": "-q",
    "icmpv6": "-1",
}
FORWARDS: dict[Forward, str] = {
    "fullnat": "-b",
    "route": "-g",
    "tunnel": "-i",
    "masq": "-m",
    "snat": "-J",
    "local": "-g",
}


def selector(key: ServiceKey, style: Style) -> str:
    if key.match is not None:
        return f"-H {match_words(key, key.match)}"
    return f"{SELECTORS[key.proto]} {service_name(key, style)}"


def service_options(spec: ServiceSpec) -> str:
    """The options of a service that differ from ipvsadm's defaults; the scheduler always."""
    words = [f" -s {spec.scheduler}"]
    if spec.hash_target == "qid":
        words.append(" --hash-target qid")
    if spec.persistent_s:
        words.append(f" -p {spec.persistent_s}")
        if spec.netmask not in ("", "255.255.255.255", "128"):
            words.append(f" -M {spec.netmask}")
    words += [
        f" {option}"
        for option, wanted in (
            ("-o", spec.ops),
            ("-j enable", spec.synproxy),
            ("--expire-quiescent", spec.expire_quiescent),
            ("--quic", spec.quic),
            (f"--conn-timeout {spec.conn_timeout_s}", spec.conn_timeout_s),
            (f"--proxy-protocol {spec.proxy_protocol}", spec.proxy_protocol != "disable"),
        )
        if wanted
    ]
    words += [f" --dest-check {check}" for check in spec.dest_check]
    return "".join(words)


def dest_options(row: DestRow) -> str:
    spec = row.spec
    upper = f" -x {spec.upper_threshold}" if spec.upper_threshold else ""
    lower = f" -y {spec.lower_threshold}" if spec.lower_threshold else ""
    return f" {FORWARDS[spec.forward]} -w {spec.weight}{upper}{lower}"


def rules(rows: Iterable[ServiceRow], style: Style) -> Iterator[str]:
    """One line an object: the service, its dests, its local addresses."""
    for row in ordered(rows, style):
        at = selector(row.key, style)
        yield f"-A {at}{service_options(row.spec)}"
        for dest in dests_of(row, style):
            yield f"-a {at} -r {dest_name(dest, row.key.proto, style)}{dest_options(dest)}"
        for laddr in row.laddrs:
            yield f"-P {at} -z {laddr.spec.addr} -F {laddr.spec.dev}"
