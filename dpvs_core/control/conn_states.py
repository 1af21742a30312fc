"""Numbers of connection states, as `conn.rows` carries them, and their names in `ipvsadm -lnc`.

TCP numbers are the columns of DPVS's state tables (F-070: NO ES SS SR FW TW CL CW LA LI SA); the
C core uses the same numbers. SCTP's are in LVS's order, under the names that LVS lists (F-130).
"""

TCP_STATES = (
    "TCP_NONE", "ESTABLISHED", "SYN_SENT", "SYN_RECV", "FIN_WAIT", "TIME_WAIT", "TCP_CLOSE",
    "CLOSE_WAIT", "LAST_ACK", "LISTEN", "SYNACK",
)  # fmt: skip
UDP_STATES = ("UDP_NONE", "UDP_ONEWAY", "UDP_NORM")

SCTP_STATES = (
    "NONE", "INIT1", "INIT", "C-SENT", "C-REPLIED", "C-WAIT", "COOKIE", "C-ECHOED", "ESTABLISHED",
    "S-SENT", "S-RECEIVED", "S-ACK-SENT", "REJECTED", "CLOSED",
)  # fmt: skip

ICMP_STATES = ("ICMP_NONE",)

STATES: dict[int, tuple[str, ...]] = {
    6: TCP_STATES,
    17: UDP_STATES,
    132: SCTP_STATES,
    1: ICMP_STATES,
    58: ICMP_STATES,
}
"""IP protocol number -> the names of its states, by number."""

PROTOCOLS: dict[int, str] = {6: "tcp", 17: "udp", 132: "sctp", 1: "icmp", 58: "icmpv6"}


def state_name(proto: int, state: int) -> str:
    """The state's name; STATE_n for a protocol without names or a number beyond them."""
    names = STATES.get(proto, ())
    return names[state] if state < len(names) else f"STATE_{state}"
