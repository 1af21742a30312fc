"""netif_defs of dpvs.conf as rows; see dpvs_tables.py."""

from dpvs_core.config import dpvs_model as model
from dpvs_core.config.addresses import Prefix
from dpvs_core.config.dpvs_values import BondName, BondOptions, KniRouteLine, RssTypes, VdevName
from dpvs_core.config.keywords import Block, Keyword, Named
from dpvs_core.config.values import Choice, Flag, Int, PowerOfTwo, Text

ON_OFF = Choice(on=True, off=False)
IF_NAME = Text("an interface name", 15)
DEVICE_NAME = Text("a device's name", 31)
PLACED = Named(placed=True)

_QUEUES = Int(0, 16)
_DESCRIPTORS = PowerOfTwo(16, 8192)

RX = Block(
    "rx",
    (
        Keyword("queue_number", _QUEUES, "queue_number", "C-026 informational"),
        Keyword("descriptor_number", _DESCRIPTORS, "descriptor_number", "C-027 slots of a queue"),
        Keyword(
            "rss", RssTypes(), "rss", "C-028 which packets are hashed over the queues", later=True
        ),
        Keyword(
            "max_burst_size", Int(1, 32), "max_burst_size", "C-034 packets read at once", later=True
        ),
    ),
    "receiving",
    field="rx",
    model=model.RxQueues,
)

TX = Block(
    "tx",
    (
        Keyword("queue_number", _QUEUES, "queue_number", "C-029 informational"),
        Keyword("descriptor_number", _DESCRIPTORS, "descriptor_number", "C-029 slots of a queue"),
        Keyword("mbuf_fast_free", ON_OFF, "mbuf_fast_free", "C-030 off between NUMA nodes"),
    ),
    "transmitting",
    field="tx",
    model=model.TxQueues,
)

KNI = Block(
    "kni",
    (
        Keyword(
            "address", Prefix(), "addresses", "(ours) an address of the kernel port", many=True
        ),
        Keyword(
            "route", KniRouteLine(), "routes", "(ours) a route over the kernel port", many=True
        ),
        Keyword("mtu", Int(68, 9000), "mtu", "(ours) the kernel port's MTU"),
        Keyword(
            "backend",
            Choice("auto", "virtio_user", "net_tap"),
            "backend",
            "(ours) how the kernel port is made",
        ),
    ),
    "(ours) what dpvs sets on the device's kernel port",
    field="kni",
    model=model.Kni,
)

DEVICE = Block(
    "device",
    (
        RX,
        TX,
        KNI,
        Keyword("vdev", VdevName(), "vdev", "(ours) a port without PCI hardware"),
        Keyword("promisc_mode", Flag(), "promisc_mode", "C-031 receive all frames"),
        Keyword("allmulticast", Flag(), "allmulticast", "C-031 receive all multicast"),
        Keyword("mtu", Int(1, 9000), "mtu", "C-032 largest packet"),
        Keyword("kni_name", IF_NAME, "kni_name", "C-033 name of the kernel port"),
    ),
    "C-025 a port and the name it has here",
    field="devices",
    model=model.Device,
    header=PLACED,
    repeats=True,
)

BONDING = Block(
    "bonding",
    (
        Keyword(
            "mode",
            Int(0, 6),
            "mode",
            "C-036 round-robin, active-backup, balance, broadcast, 802.3ad, tlb, alb",
        ),
        Keyword("slave", DEVICE_NAME, "slaves", "C-037 a device of it", many=True),
        Keyword("primary", DEVICE_NAME, "primary", "C-038 the one whose MAC is used"),
        Keyword("numa_node", Int(0, 1), "numa_node", "C-039 where its memory is"),
        Keyword("kni_name", IF_NAME, "kni_name", "C-040 name of the kernel port"),
        Keyword("options", BondOptions(), "dedicated_queues", "C-041 a queue for LACP"),
    ),
    "C-035 several devices as one",
    field="bondings",
    model=model.Bonding,
    header=BondName(placed=True),
    repeats=True,
    later=True,
)

NETIF_DEFS = Block(
    "netif_defs",
    (
        Keyword(
            "pktpool_size",
            PowerOfTwo(1023, 134217727, minus_one=True),
            "pktpool_size",
            "C-022 packet buffers per NUMA node",
        ),
        Keyword(
            "pktpool_cache", PowerOfTwo(32, 8192), "pktpool_cache", "C-023 buffers an lcore keeps"
        ),
        Keyword(
            "fdir_mode",
            Choice("perfect", "signature"),
            "fdir_mode",
            "C-024 how flow rules match",
            later=True,
        ),
        DEVICE,
        BONDING,
    ),
    "packet buffers and ports",
    field="netif_defs",
    model=model.NetifDefs,
)
