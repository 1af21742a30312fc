"""The forwarding modes, read from the sources: fwd_table and the row each name in it stands for."""

import re
from dataclasses import dataclass
from pathlib import Path

LB = Path(__file__).resolve().parents[2] / "dpvs_core" / "lb"
TABLE = re.compile(r"fwd_table\[N_FWD_ROWS\] = \{(.*?)\};", re.DOTALL)
ROW = re.compile(
    r"const struct fwd_ops fwd_(\w+) = \{[^}]*?\.mode = CORE_FWD_(\w+), "
    r"\.client_af = (\d), \.server_af = (\d)",
    re.DOTALL,
)
SCTP = "sctp_"


@dataclass(frozen=True)
class Row:
    name: str
    mode: str
    client_af: int
    server_af: int


def names() -> list[str]:
    """All of fwd_table, in its order."""
    table = TABLE.search((LB / "fwd.c").read_text())
    if table is None:
        raise ValueError("lb/fwd.c has no fwd_table")
    return re.findall(r"&fwd_(\w+)", table[1])


def rows() -> list[Row]:
    """Those for all protocols in the table's order, which the C scene has too: SCTP's own rows are
    behind services of these."""
    found = {
        name: Row(name, mode, int(client), int(server))
        for source in sorted(LB.glob("fwd_*.c"))
        for name, mode, client, server in ROW.findall(source.read_text())
    }
    return [found[name] for name in names() if not name.startswith(SCTP)]
