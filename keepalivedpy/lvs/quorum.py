"""When a virtual server has quorum (keepalived.conf: quorum, hysteresis).

Gained when the alive weight reaches quorum + hysteresis, lost when it falls below
quorum - hysteresis or to 0; in between the state stays.
"""

from collections.abc import Callable

from keepalivedpy.model.lvs import VirtualServer

Text = Callable[[VirtualServer, int, str], str]
"""Makes a log line from a virtual server, the alive weight and the server's name."""


def threshold(vs: VirtualServer, is_up: bool) -> int:
    """The weight that decides: the lower edge while up, the upper one while down."""
    return vs.quorum - vs.hysteresis if is_up else vs.quorum + vs.hysteresis


def judge(vs: VirtualServer, is_up: bool, alive_weight: int) -> bool:
    """Whether quorum holds, given whether it held and the weight sum of the alive servers."""
    if alive_weight == 0:
        return False
    return alive_weight >= threshold(vs, is_up)


def gained_text(vs: VirtualServer, alive_weight: int, name: str) -> str:
    edge = threshold(vs, is_up=False)
    return f"Gained quorum {vs.quorum}+{vs.hysteresis}={edge} <= {alive_weight} for VS {name}"


def lost_text(vs: VirtualServer, alive_weight: int, name: str) -> str:
    return f"Lost quorum {_below(vs, alive_weight, name)}"


def starting_down_text(vs: VirtualServer, alive_weight: int, name: str) -> str:
    return f"Starting with quorum down {_below(vs, alive_weight, name)}"


def _below(vs: VirtualServer, alive_weight: int, name: str) -> str:
    edge = threshold(vs, is_up=True)
    return f"{vs.quorum}-{vs.hysteresis}={edge} > {alive_weight} for VS {name}"
