"""Groups beside the services as rows: addresses, clients, tunnels (K-001..K-003), and SSL."""

from dpvs_core.config.addresses import Address
from dpvs_core.config.keywords import NAMED, Block, Keyword, Named, NamedLines
from dpvs_core.config.values import Choice, Text
from keepalivedpy.config.lines_checks import Counted
from keepalivedpy.config.lines_lvs import ClientLine, GroupLine, LocalAddressLine
from keepalivedpy.model.groups import Ssl, TunnelEntry, TunnelGroup

FILE = Text("a file")
DEVICE = Text("a device", 15)

VIRTUAL_SERVER_GROUP = NamedLines(
    "virtual_server_group",
    GroupLine(),
    "virtual_server_groups",
    "addresses of a service",
    lines="entries",
)
LOCAL_ADDRESS_GROUP = NamedLines(
    "local_address_group",
    LocalAddressLine(),
    "local_address_groups",
    "K-001 local addresses",
    lines="addrs",
)
DENY_ADDRESS_GROUP, ALLOW_ADDRESS_GROUP = (
    NamedLines(name, ClientLine(), field, doc, lines="entries")
    for name, field, doc in (
        ("deny_address_group", "deny_address_groups", "K-002 clients that are refused"),
        ("allow_address_group", "allow_address_groups", "K-002 the only clients let in"),
    )
)

TUNNEL_GROUP = Block(
    "tunnel_group",
    (
        Block(
            "tunnel_entry",
            (
                Keyword("kind", Choice("ipip", "gre"), "kind", "how packets are wrapped"),
                Keyword("remote", Address(), "remote", "the far end"),
                Keyword("local", Address(), "local", "the near end"),
                Keyword("if", DEVICE, "dev", "the device below"),
            ),
            "a tunnel device",
            field="entries",
            model=TunnelEntry,
            header=NAMED,
            repeats=True,
        ),
    ),
    "K-003 tunnel devices of the core",
    field="tunnel_groups",
    model=TunnelGroup,
    header=Named(placed=True),
    repeats=True,
    later=True,
)

SSL = Block(
    "SSL",
    tuple(
        Keyword(name, Counted(value), name, doc)
        for name, value, doc in (
            ("password", Text("a password"), "of the key"),
            ("ca", FILE, "certificates that are trusted"),
            ("certificate", FILE, "what it shows of itself"),
            ("key", FILE, "its private key"),
        )
    ),
    "what SSL_GET uses",
    field="ssl",
    model=Ssl,
)
"""Acts with SSL_GET only, which is not carried yet and says so itself."""
