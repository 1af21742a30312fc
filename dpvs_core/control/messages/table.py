"""Which requests there are, which may stand in a batch, and what answers them."""

from dpvs_core.control.messages.addressing import (
    AddrAdd,
    AddrDel,
    AddrFlush,
    AddrList,
    AddrRows,
    AddrSet,
    GroupList,
    GroupRows,
    NeighAdd,
    NeighDel,
    NeighList,
    NeighRows,
    RouteAdd,
    RouteDel,
    RouteFlush,
    RouteList,
    RouteRows,
    RouteSet,
)
from dpvs_core.control.messages.balancing import (
    ConnFind,
    ConnList,
    ConnRows,
    DestAdd,
    DestDel,
    DestEdit,
    DestsAdd,
    DestsEdit,
    LaddrAdd,
    LaddrDel,
    ServiceAdd,
    ServiceDel,
    ServiceEdit,
    ServiceFlush,
    ServiceList,
    ServiceRows,
    ServiceZero,
)
from dpvs_core.control.messages.base import Failure, Ok, RequestBase, Value
from dpvs_core.control.messages.devices import (
    CpuList,
    CpuRows,
    FlowList,
    FlowRows,
    GarpSend,
    LinkList,
    LinkRows,
    LinkSet,
)
from dpvs_core.control.messages.observation import (
    CapturePackets,
    CaptureStart,
    DropList,
    Info,
    InfoGet,
    Ip6List,
    Ip6Rows,
    VerdictRows,
)
from dpvs_core.control.messages.session import Hello, LeaseSet, Ready, Welcome

Change = (
    ServiceAdd | ServiceEdit | ServiceDel | ServiceFlush
    | DestAdd | DestEdit | DestDel | DestsAdd | DestsEdit | LaddrAdd | LaddrDel
    | AddrAdd | AddrSet | AddrDel | RouteAdd | RouteSet | RouteDel
)  # fmt: skip
"""What may stand in a Batch."""


class Batch(RequestBase, frozen=True, tag="batch"):
    """Several changes published whole or not at all; only requests of CHANGES may be inside.

    One without services, dests and local addresses waits for no other batch.
    """

    requests: list[Change]


class BatchParts(RequestBase, frozen=True, tag="batch.parts"):
    """A long Batch as it travels: `parts` are msgpack arrays of its requests, in their order, so
    that the other end can read one after the other and serve others in between. codec.py makes
    it of a Batch and a Batch of it; frames over MAX_WHOLE_BYTES must be one."""

    parts: list[bytes]


class BatchDone(Value, frozen=True, tag="batch.done", tag_field="type"):
    changed: int


Request = (
    Change | Hello | LeaseSet | Ready | Batch | ServiceZero | ServiceList | ConnList | ConnFind
    | AddrFlush | AddrList | RouteFlush | RouteList | NeighAdd | NeighDel | NeighList
    | GroupList
    | LinkList | LinkSet | CpuList | FlowList | GarpSend | DropList | Ip6List | InfoGet
    | CaptureStart
)  # fmt: skip

Reply = (
    Ok | Failure | Welcome | BatchDone | ServiceRows | ConnRows | AddrRows | RouteRows | NeighRows
    | GroupRows
    | LinkRows | CpuRows | FlowRows | VerdictRows | Ip6Rows | Info | CapturePackets
)  # fmt: skip

REPLY_OF: dict[type[RequestBase], type[Value]] = {
    Hello: Welcome, LeaseSet: Ok, Ready: Ok, Batch: BatchDone,
    ServiceAdd: Ok, ServiceEdit: Ok, ServiceDel: Ok, ServiceFlush: Ok, ServiceZero: Ok,
    ServiceList: ServiceRows, DestAdd: Ok, DestEdit: Ok, DestDel: Ok,
    DestsAdd: Ok, DestsEdit: Ok,
    LaddrAdd: Ok, LaddrDel: Ok, ConnList: ConnRows, ConnFind: ConnRows,
    AddrAdd: Ok, AddrSet: Ok, AddrDel: Ok, AddrFlush: Ok, AddrList: AddrRows,
    RouteAdd: Ok, RouteSet: Ok, RouteDel: Ok, RouteFlush: Ok, RouteList: RouteRows,
    NeighAdd: Ok, NeighDel: Ok, NeighList: NeighRows, GroupList: GroupRows,
    LinkList: LinkRows, LinkSet: Ok, CpuList: CpuRows, FlowList: FlowRows, GarpSend: Ok,
    DropList: VerdictRows, Ip6List: Ip6Rows, InfoGet: Info, CaptureStart: CapturePackets,
}  # fmt: skip
