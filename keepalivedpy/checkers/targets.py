"""What each check of a configuration asks, and when: defaults of the server and group filled in."""

import msgspec

from keepalivedpy.checkers.verdict import Timing
from keepalivedpy.lvs.names import canonical
from keepalivedpy.model.checks import TcpCheck
from keepalivedpy.model.lvs import RealServer, VirtualServer


class TcpTarget(msgspec.Struct, frozen=True, kw_only=True):
    """A connection to open; what a reload recognises the check by."""

    addr: str
    port: int
    bindto: str | None = None
    bind_port: int = 0
    bind_if: str | None = None
    timeout_us: int


Target = TcpTarget


def target(check: TcpCheck, rs: RealServer) -> Target:
    return TcpTarget(
        addr=canonical(check.connect_ip or rs.addr),
        port=rs.port if check.connect_port is None else check.connect_port,
        bindto=check.bindto,
        bind_port=check.bind_port or 0,
        bind_if=check.bind_if,
        timeout_us=check.connect_timeout_us,
    )


def timing(check: TcpCheck, rs: RealServer, vs: VirtualServer) -> Timing:
    loop_us = vs.delay_loop_us if check.delay_loop_us is None else check.delay_loop_us
    alphas = (check.alpha, rs.alpha, vs.alpha)
    return Timing(
        delay_loop_us=loop_us,
        delay_before_retry_us=check.delay_before_retry_us,
        retry=check.retry,
        warmup_us=loop_us if check.warmup_us is None else check.warmup_us,
        alpha=next(alpha for alpha in alphas if alpha is not None),
    )
