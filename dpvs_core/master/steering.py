"""How a port brings packets to the worker that owns them, in words. Pure.

Whatever the port does, the workers hand on what another owns (worker/owner.c): that is `software`,
right everywhere. The other ways make it rare.
"""

from dpvs_core.control.messages import FlowPort
from dpvs_core.master.engine import Steering, SteerKind

WORDS = {
    SteerKind.UNDECIDED: "undecided",
    SteerKind.ONE: "one worker",
    SteerKind.RSS: "rss",
    SteerKind.FLOW: "flow",
    SteerKind.SOFTWARE: "software",
}


def detail(row: Steering) -> str:
    """How far it goes, or why not more."""
    if row.kind is SteerKind.RSS:
        return f"our hash key and {row.n_entries} entries, for clients and servers"
    if row.kind is SteerKind.FLOW:
        words = f"rules for {_addresses(row.n_addrs)}, for servers"
        return f"{words}; {refusal(row)}" if row.n_refused else words
    return row.why


def refusal(row: Steering) -> str:
    return f"software for {_addresses(row.n_refused)}: {row.why}"


def port(dev: str, n_rx_queues: int, row: Steering) -> FlowPort:
    return FlowPort(dev=dev, steering=WORDS[row.kind], n_rx_queues=n_rx_queues, detail=detail(row))


def line(row: Steering) -> str:
    """For the log."""
    words = detail(row)
    return f"{WORDS[row.kind]}: {words}" if words else WORDS[row.kind]


def _addresses(n: int) -> str:
    return f"{n} local address{'es' if n != 1 else ''}"
