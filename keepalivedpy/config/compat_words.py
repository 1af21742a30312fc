"""keepalived's own sentences, as rows over what ours say; compat.py prints them.

SAME says the same as ours in other words: the first row that fits counts. MORE says what keepalived
adds to that, often of the keyword: all rows that fit. Where neither fits our words stay.

In `words`: the groups of `found` and `expected` (`float_x` as a C program prints a number), and
`kind` and `name` of the block around, `key` and `first`, `second`, ... the words of the line,
`source` the line. A line that begins with BARE is said by a check after the reading, without place.
"""

import re
from typing import NamedTuple

BARE = "~"
ANY = ".*"


class Wording(NamedTuple):
    """`found`, `expected`, `kind` and `key` match all of theirs."""

    found: re.Pattern[str]
    words: tuple[str, ...]
    expected: re.Pattern[str]
    kind: re.Pattern[str]
    key: re.Pattern[str]


def _row(found: str, *words: str, expected: str = ANY, kind: str = ANY, key: str = ANY) -> Wording:
    patterns = [re.compile(text, re.DOTALL) for text in (found, expected, kind, key)]
    return Wording(patterns[0], words, *patterns[1:])


NUMBER = r"'(?P<a>.*)'(?: after \S+)?"
POSITIVE = r"'(?P<a>\d[\d.]*)'(?: after \S+)?"
NEGATIVE = r"'(?P<a>-\d+)'(?: after \S+)?"
ADDRESS_LINE = r"ADDRESS\[/LENGTH\] \[dev.*"
WHOLE = r"(?:a number(?: of \S+)?|a whole number of seconds)"

SAME = (
    _row(r"unknown keyword '(?P<a>.*)'.*", "Unknown keyword '{a}'"),
    _row(
        r"virtual_server without an address",
        "*** Configuration line starting `{key}` is missing a parameter after keyword `{key}`"
        " at word position 2",
    ),
    _row(
        r"(?P<a>\S+) without its argument",
        "*** Configuration line starting `{a}` is missing a parameter after keyword `{a}`"
        " at word position 2",
    ),
    _row(r"'\{' without a keyword", "Unexpected '{{' - ignoring"),
    _row(r"a block after \S+", "Unexpected '{{' - ignoring"),
    _row(r"'\}' that closes nothing", "Extra '}}' found"),
    _row(r"the end of the configuration inside .*", "~There are 1 missing '}}'s or extra '{{'s"),
    _row(r"a [\"'] that is not closed", "Unterminated quote '{source}'"),
    _row(r"a NUL byte", "~configuration appears to have embedded NULs - ignoring line"),
    _row(r"a line of \d+ bytes", "line too long - ignoring"),
    _row(
        r"'(?P<a>[\d.]+)/(?P<b>\d+)'",
        "number '{b}' outside range [0, 32]",
        "Invalid address prefix len {b} for address {a}/{b} - using 32",
        expected=rf"{ADDRESS_LINE}|PREFIX/LENGTH or default",
    ),
    _row(r"'(?P<a>\S+)'", "VRRP parsed invalid IP {a}. skipping IP...", expected=ADDRESS_LINE),
    _row(
        r"'(?P<a>\S+)' after \S+",
        "Unknown configuration entry '{a}' for ip address - ignoring",
        expected=ADDRESS_LINE,
    ),
    _row(
        NUMBER,
        "VRRP parsed invalid IP {a}. skipping IP...",
        "unknown route keyword {a}",
        expected=r"\[TYPE\] \[to\] PREFIX.*",
    ),
    _row(r"the end of the line after dev", "No dev parameter specified for {first}"),
    _row(
        r"'(?P<a>.*)' after label",
        "Address label {a} is longer than maximum length 15 - removing address",
    ),
    _row(
        r"'(?P<a>.*)' after brd", "VRRP is trying to assign invalid broadcast {a}. skipping VIP..."
    ),
    _row(
        r"'(?P<a>.*)' after peer",
        "VRRP parsed invalid IP {a}. skipping IP...",
        "Invalid peer address {a}",
    ),
    _row(
        r"'(?P<a>\S+)'",
        "Configuration error: VRRP instance[{name}] malformed unicast peer address[{a}]."
        " Skipping...",
        expected="an IP address",
        kind="vrrp_instance",
    ),
    _row(
        r"'(?P<a>\S+)'",
        "Invalid real server ip address/port {a}/{third} - skipping",
        expected="an IP address",
        key="real_server",
    ),
    _row(
        r"'(?P<a>[A-Za-z]\S*)' after table",
        "Routing table {a} not found for route",
        expected=r"a number.*",
    ),
    _row(NEGATIVE, "negative number '{a}'", expected=rf"(?:{WHOLE}|seconds) from \d.*"),
    _row(
        POSITIVE,
        "number '{a}' outside range [{float_b:.6f}, {float_c:.6f}]",
        expected=r"seconds from (?P<float_b>\S+) to (?P<float_c>\S+)",
    ),
    _row(
        r"'(?P<a>\d+)'(?: after \S+)?",
        "number '{a}' outside range [{b}, {c}]",
        expected=rf"{WHOLE} from (?P<b>\S+) to (?P<c>\S+)",
    ),
    _row(NUMBER, "invalid number '{a}'", expected=r"(?:a number|a whole number|seconds) .*"),
    _row(r"include\S? (?P<a>.*) \(no such file\)", "Config files missing '{a}'."),
    _row(
        r"(?:include\S? of )?the directory (?P<a>.*)",
        "Configuration file '{a}' is a directory - skipping",
    ),
    _row(
        r"(?:include\S? of )?the program or device (?P<a>.*)",
        "Configuration file '{a}' is not a regular non-executable file - skipping",
    ),
    _row(r"~(?P<a>SEQ|LST).*", "Invalid ~{a} specification '{source}'"),
    _row(
        r"\$\{_RANDOM (?P<a>\d+) (?P<b>\d+)\}", "${{_RANDOM}}: min {a} exceeds max {b}, using {a}"
    ),
    _row(
        r"the script \S+ without script security",
        "~SECURITY VIOLATION - check scripts are being executed but script_security not enabled.",
        kind="virtual_server",
    ),
    _row(
        r"the script \S+ without script security",
        "~SECURITY VIOLATION - scripts are being executed but script_security not enabled.",
    ),
    _row(
        r"the script \S+, which is missing or may not be executed",
        "~Disabling track script {b} since not found/accessible",
        expected=r"a program for (?P<b>\S+)",
    ),
    _row(
        r"the (?:user|group) \S+",
        "Error setting global script uid/gid",
        expected=r"a (?:user|group) of this system|one that exists",
    ),
    _row(
        r"interface (?P<a>\S+), which is not there",
        "WARNING - interface {a} for vrrp_instance {name} doesn't exist",
        "~Non-existent interface specified in configuration",
        key="interface",
    ),
    _row(
        r"interface (?P<a>\S+), which is not there",
        "WARNING - interface {a} for ip address {first} doesn't exist",
        "~Non-existent interface specified in configuration",
        key=r"[\d.]+/\d+|[0-9a-f:]+/\d+",
    ),
    _row(
        r"interface (?P<a>\S+), which is not there",
        "({name}) tracked interface {a} doesn't exist",
        key=r"[A-Za-z]\S*",
        kind="vrrp_instance",
    ),
    _row(
        r"vrrp_ip6?(?:tables|sets?\S*), an old word",
        "iptables not supported, using nftables instead. Please replace 'vrrp_iptables and"
        " 'vrrp_ipsets' with 'nftables' config option",
    ),
    _row(
        r"(?P<a>\S+), an old word",
        "({name}) Specifying {a} against a vrrp is deprecated.",
        kind="vrrp_instance",
        key="lvs_sync_daemon_interface",
    ),
    _row(
        r"(?P<a>\S+), an old word",
        "{a} is deprecated - please use '{b}'",
        expected=r"(?P<b>\S+)",
    ),
    # vrrp_instance, vrrp_sync_group
    _row(r"vrrp_instance without a name", "vrrp_instance must have a name"),
    _row(r"'.*' after the name", "vrrp_instance must have a name", key="vrrp_instance"),
    _row(r"auth_pass of \d+ bytes", "Truncating auth_pass to 8 characters"),
    _row(r"vrrp_sync_group without a name", "vrrp_sync_group must have a name - skipping"),
    _row(r"vrrp_instance (?P<a>\S+) a second time.*", "vrrp instance {a} already defined"),
    _row(
        r"vrrp_instance (?P<a>\S+) without a virtual address",
        "~({a}) No VIP specified; at least one is sensible",
    ),
    _row(
        r"vrrp_instance (?P<a>\S+) without virtual_router_id",
        "~({a}) the virtual router id must be set",
    ),
    _row(r"vrrp_instance (?P<a>\S+) without interface", "~({a}) Unknown interface!"),
    _row(
        r"(?P<a>\S+) a second time",
        "({name}) {a} script already specified - ignoring {second}",
        expected="one script",
    ),
    _row(
        r"(?P<a>\S+) in track_(?P<b>script|file|process|bfd)",
        "({name}) track {b} {a} not found, ignoring...",
    ),
    _row(r"'(?P<a>.*)' after state", "({name}) unknown state '{a}', defaulting to BACKUP"),
    _row(r"'(?P<a>.*)' after auth_type", "({name}) unknown authentication type '{a}'"),
    _row(
        r"'(?P<a>.*)' after interface",
        "Interface name '{a}' too long - ignoring",
        expected="an interface name of.*",
    ),
    _row(
        r"authentication in the VRRPv3 instance (?P<a>\S+)",
        "~({a}) VRRP version 3 does not support authentication. Ignoring.",
    ),
    _row(
        r"unicast_\S+ without a peer",
        "~({name}) A unicast keyword has been specified without any unicast peers. Defaulting to"
        " multicast. This usage is deprecated - please update your configuration.",
    ),
    _row(
        r"preempt_delay in strict mode",
        "~({name}) preempt_delay is incompatible with strict mode - resetting",
    ),
    _row(
        r"authentication in strict mode",
        "~({name}) Strict mode does not support authentication. Ignoring.",
    ),
    _row(
        r"state MASTER with priority .* in strict mode",
        "~({name}) State MASTER must match being address owner",
    ),
    _row(
        r"timer_expired_backup without nopreempt",
        "~({name}) expired_timer_backup requires nopreempt - resetting",
    ),
    _row(
        r"advert_int (?P<float_a>[\d.]+) in a VRRPv3 instance",
        "~({name}) VRRPv3 advertisement interval {float_a:.2f}s is out of range. Must be less than"
        " 40.96s. Setting to 40.95s",
    ),
    _row(
        r"instance (?P<a>\S+) in vrrp_sync_group (?P<b>\S+)",
        "~Virtual router {a} specified in sync group {b} doesn't exist - ignoring",
    ),
    _row(
        r"vrrp_sync_group (?P<a>\S+) with one member",
        "~Sync group {a} has only 1 virtual router(s) - this probably isn't what you want",
    ),
    # global_defs, trackers
    _row(
        r"'(?P<a>[\d.]+)' after vrrp_mcast_group4",
        "vrrp_mcast_group4 [{a}] is not multicast. Skipping",
    ),
    _row(
        r"'(?P<a>\S*:\S*)' after vrrp_mcast_group4",
        "vrrp_mcast_group4 [{a}] is not IPv4. Skipping",
    ),
    _row(
        r"'(?P<a>\S+)' after vrrp_mcast_group6",
        "vrrp_mcast_group6 [{a}] should be link-local multicast.",
    ),
    _row(r"nothing after router_id", "routerid name missing - ignoring"),
    _row(
        r"'(?P<a>.*)' after \S+",
        "{kind} {name} unknown weight option {a}",
        expected=r"weight N, .*",
        kind="vrrp_script",
    ),
    _row(r"quorum_max \S+ with quorum \S+", "quorum_max is less than quorum - ignoring"),
    _row(r"'(?P<a>.*)' after param_match", "Invalid param_match type {a} - ignoring"),
    _row(
        r"'(?P<a>.*)' after neighbou?r_ip",
        "Configuration error: BFD instance {name} has malformed neighbor address {a},"
        " ignoring instance",
    ),
    # virtual_server and its checks
    _row(
        r"'(?P<a>.*)' after (?:lvs_method|lb_kind)",
        "PARSER : unknown [{a}] routing method for virtual server.",
        kind="virtual_server",
    ),
    _row(r"'(?P<a>.*)' after sorry_server", "Invalid sorry server IP address {a} - skipping"),
    _row(
        r"tunnel type '(?P<a>.*)' after type",
        "Unknown tunnel type {a} for virtual server.",
        kind="virtual_server",
    ),
    _row(r"the end of the line after virtualhost", "virtual server virtualhost missing"),
    _row(r"'(?P<a>.*)' after status_code", "Invalid HTTP_GET status code '{a}'"),
    _row(
        r"'(?P<a>.*)' after digest",
        "digest '{a}' character length should be 32 rather than {length}",
    ),
    _row(r"'(?P<a>.*)' after http_protocol", "Invalid http_protocol version {a}"),
    _row(r"'(?P<a>.*)' after type", "Unknown DNS check type {a} - ignoring", expected=r"A, NS.*"),
    _row(r"'(?P<a>.*)' after payload", "Invalid hex string for UDP_CHECK payload"),
    _row(
        r"'(?P<a>[^']*-[^']*)'",
        "Address range end is not greater than address range start - {a} - skipping",
        expected=r"ADDRESS, ADDRESS-LAST.*",
    ),
)

MORE = (
    _row(
        r"the script \S+ without script security",
        "~Disabling track script {name} due to insecure",
        kind="vrrp_script",
    ),
    _row(NUMBER, "invalid umask value {a}", key="umask"),
    _row(r"'(?P<a>.*)' after (?P<b>tcp|tcpfin|udp)", "Invalid lvs_timeout {b} ({a}) - ignoring"),
    _row(NUMBER, "vrrp_startup_delay '{a}' is invalid", key="vrrp_startup_delay"),
    _row(NUMBER, "invalid nftables chain priority '{a}'", key="nftables_priority"),
    _row(NUMBER, "Invalid vrrp_down_timer_adverts [1:100] '{a}'", key="vrrp_down_timer_adverts"),
    _row(
        NUMBER,
        "({name}) Priority not valid! must be between 1 & 255. Using default 100",
        key="priority",
        kind="vrrp_instance",
    ),
    _row(
        NUMBER,
        "({name}): VRID '{a}' not valid - must be between 1 & 255",
        key="virtual_router_id",
    ),
    _row(
        NUMBER,
        "({name}) Advert interval ({a}) not valid! Must be > 0 - ignoring",
        key="advert_int",
    ),
    _row(NUMBER, "({name}): TTL '{a}' not valid - must be between 0 & 255", key="unicast_ttl"),
    _row(
        NUMBER,
        "({name}): {key} '{a}' invalid - ignoring",
        key="garp_master_delay",
        kind="vrrp_instance",
    ),
    _row(NUMBER, "({name}): Invalid {key} [1:100] '{a}'", key="down_timer_adverts"),
    _row(NUMBER, "({name}) Debug value '{a}' not valid; must be between 0-4", key="debug"),
    _row(NUMBER, "({name}): Version must be either 2 or 3", key="version", kind="vrrp_instance"),
    _row(
        NUMBER,
        "vrrp_script {name} weight {a} must be in [-253, 253]",
        key="weight",
        kind="vrrp_script",
    ),
    _row(
        NUMBER,
        "({name}) weight for track file {first} must be in [-254..254] inclusive. Ignoring...",
        expected=r"a number from -254 to 254",
        kind="vrrp_instance",
    ),
    _row(
        NUMBER,
        "Quorum ({a}) for vrrp_track_process {name} must be between [1..65535] inclusive."
        " Ignoring...",
        key="quorum",
        kind="(?:vrrp_)?track_process",
    ),
    _row(
        NUMBER,
        "Configuration error: BFD instance {name} multiplier value {a} not valid"
        " (must be in range [1-255]), ignoring",
        key="multiplier",
    ),
    _row(
        NUMBER,
        "virtual server delay loop '{a}' invalid - ignoring",
        key="delay_loop",
        kind="virtual_server",
    ),
    _row(
        NUMBER,
        "Quorum {a} must be in [1, 4294967295]. Setting to 1.",
        key="quorum",
        kind="virtual_server",
    ),
    _row(
        r"'(?P<a>.*)' after connect_timeout",
        "virtual server connect_timeout {a} invalid - ignoring",
    ),
    _row(
        NUMBER,
        "virtual server fwmark '{a}' must be in [0, 4294967295] - ignoring",
        key="virtual_server",
        expected=r"a number from 0 to 4294967295",
    ),
    _row(
        NUMBER,
        "Real server weight {a} is outside range 0-2147483647",
        key="weight",
        kind="virtual_server",
    ),
    _row(NUMBER, "Invalid retry connection value '{a}'", key="retry"),
)
