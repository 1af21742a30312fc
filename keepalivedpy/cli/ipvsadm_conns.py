"""ipvsadm -lc: one line a connection (I-080). Pure: rows of the core in, lines out."""

from collections.abc import Iterable, Iterator

from dpvs_core.control.conn_rows import ConnRow
from dpvs_core.control.conn_states import PROTOCOLS, state_name
from dpvs_core.control.names import end_text
from keepalivedpy.cli import endpoint


def conn_lines(rows: Iterable[ConnRow], numeric: bool) -> Iterator[str]:
    """ "[worker]proto timeout state caddr vaddr laddr daddr", no title."""
    for row in rows:
        proto = PROTOCOLS.get(row.proto, str(row.proto))
        ends = (
            (row.caddr, row.cport),
            (row.vaddr, row.vport),
            (row.laddr, row.lport),
            (row.daddr, row.dport),
        )
        if numeric:
            client, virtual, local, dest = (end_text(*end) for end in ends)
        else:
            client, virtual, local, dest = (endpoint.named(*end, proto) for end in ends)
        timeout, state = f"{row.timeout_s}s", state_name(row.proto, row.state)
        yield (
            f"[{row.worker}]{proto:<3} {timeout:<6} {state:<11} "
            f"{client:<18} {virtual:<18} {local:<18} {dest}"
        )
