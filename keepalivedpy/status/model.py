"""The answer to `keepalived --status`; its field names are the keys of `--status --json`.

Times are seconds since the epoch; what has not happened is absent (None) or "".
"""

import msgspec


class _Status(msgspec.Struct, frozen=True, kw_only=True):
    """Base of all parts."""


class CoreStatus(_Status, frozen=True):
    """The control connection of one process to dpvs."""

    path: str
    connected: bool
    instance: str = ""  # changes with every start of dpvs
    trouble: str = ""  # why it is not connected, or what is waited for
    refused: tuple[str, ...] = ()  # what dpvs did not take, and why


class InstanceStatus(_Status, frozen=True):
    """A vrrp_instance. `why`: the sentence for its last change of state."""

    name: str
    state: str
    since: float
    why: str
    interface: str
    dpdk_interface: str
    virtual_router_id: int
    version: int
    priority: int
    advert_int_s: float
    addresses: tuple[str, ...]  # with prefix length
    local_addresses: tuple[str, ...]  # that are active with it
    addresses_set: bool  # they are in the core (in the kernel) now
    faults: tuple[str, ...] = ()
    sync_group: str = ""
    master: str = ""  # whose adverts we accept, "" if MASTER or nobody
    master_priority: int | None = None
    statistics: dict[str, int] = {}


class VrrpStatus(_Status, frozen=True):
    pid: int
    since: float
    core: CoreStatus | None
    instances: tuple[InstanceStatus, ...]


class CheckStatus(_Status, frozen=True):
    """One check of one server. `trouble`: what its last probe failed with."""

    kind: str  # its keyword: TCP_CHECK ...
    target: str
    up: bool
    has_run: bool  # False: `up` is what it starts with
    since: float
    trouble: str = ""


class ServerStatus(_Status, frozen=True):
    """A real server, or the sorry server. `in_use`: it gets new connections."""

    addr: str
    port: int
    weight: int
    alive: bool
    in_use: bool
    sorry: bool
    since: float  # alive or dead as it is now; the sorry server: in use or not
    inhibited: bool = False  # out of use, but kept in dpvs with weight 0
    checks: tuple[CheckStatus, ...] = ()


class ServiceStatus(_Status, frozen=True):
    """A virtual_server block; `names` are the services it stands for."""

    name: str  # as the log has it
    names: tuple[str, ...]  # `192.168.100.254:80 tcp`
    quorum: int
    quorum_up: bool
    since: float
    servers: tuple[ServerStatus, ...]


class CheckerStatus(_Status, frozen=True):
    pid: int
    since: float
    core: CoreStatus | None
    services: tuple[ServiceStatus, ...]


class ProcessStatus(_Status, frozen=True):
    """A process that the daemon has started, or shall start. `ended`: how its last life ended."""

    name: str
    pid: int  # 0: it does not run
    since: float | None = None
    n_ended: int = 0
    ended: str = ""


class ParentStatus(_Status, frozen=True):
    pid: int
    since: float
    version: str
    config: str
    processes: tuple[ProcessStatus, ...]  # that its configuration asks for


class Status(_Status, frozen=True):
    """Everything. A process that does not run, or does not answer, is None and in `troubles`."""

    pid: int | None
    version: str = ""
    since: float | None = None
    config: str = ""
    processes: tuple[ProcessStatus, ...] = ()
    vrrp: VrrpStatus | None = None
    checkers: CheckerStatus | None = None
    troubles: tuple[str, ...] = ()
