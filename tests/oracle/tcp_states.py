"""DPVS's TCP state tables as the feature list gives them (F-070..F-073, F-075), as text.

Columns NO ES SS SR FW TW CL CW LA LI SA; a row says the next state for each.
"""

from tests.oracle.wire import ACK, FIN, RST, SYN

CLOSING = ("FW", "TW", "CL", "CW", "LA")
COLUMNS = ["NO", "ES", "SS", "SR", "FW", "TW", "CL", "CW", "LA", "LI", "SA"]

INBOUND = {
    SYN: "SR ES ES SR SR SR SR SR SR SR SR",
    FIN: "CL CW SS TW TW TW CL CW LA LI TW",
    ACK: "CL ES SS ES FW TW CL CW CL LI ES",
    RST: "CL CL CL SR CL CL CL CL LA LI SR",
}
OUTBOUND = {
    SYN: "SS ES SS SR SS SS SS SS SS LI SR",
    FIN: "TW FW SS TW FW TW CL TW LA LI TW",
    ACK: "ES ES SS ES FW TW CL CW LA ES ES",
    RST: "CL CL SS CL CL TW CL CL CL CL CL",
}
INPUT_ONLY = {
    SYN: "SR ES ES SR SR SR SR SR SR SR SR",
    FIN: "CL FW SS TW FW TW CL CW LA LI TW",
    ACK: "CL ES SS ES FW TW CL CW CL LI ES",
    RST: "CL CL CL SR CL CL CL CL LA LI CL",
}
"""Where answers go another way (F-072)."""
TIMEOUT_S = dict(zip(COLUMNS, (2, 90, 3, 30, 7, 7, 3, 7, 7, 120, 30), strict=True))


def next_state(state: str, flags: int, from_client: bool) -> str:
    """Where both directions pass."""
    return next_of(INBOUND if from_client else OUTBOUND, state, flags)


def next_of(rows: dict[int, str], state: str, flags: int) -> str:
    """The precedence is rst, syn, fin, ack; none of them: no change (F-073).

    Choice: nor does a late copy of the handshake's SYN-ACK change a connection that is closing.
    """
    if flags & (RST | SYN | FIN | ACK) == SYN | ACK and state in CLOSING:
        return state
    for flag in (RST, SYN, FIN, ACK):
        if flags & flag:
            return rows[flag].split()[COLUMNS.index(state)]
    return state


def reachable() -> set[str]:
    """States that packets of a scheduled connection can lead to: it begins with a client's SYN."""
    seen, todo = set[str](), ["SR"]
    while todo:
        state = todo.pop()
        if state in seen:
            continue
        seen.add(state)
        todo += [next_state(state, f, c) for f in (SYN, FIN, ACK, RST) for c in (True, False)]
    return seen
