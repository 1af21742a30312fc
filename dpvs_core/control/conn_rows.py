"""The records of `conn.rows`: what the core writes, what the tools print (ipvsadm -lnc).

One row is `CONN_ROW` (84 bytes, native byte order): worker, protocol, family of the client's and of
the server's side (4 or 6), state number, flags, family of the local address (0: the server's),
time-out left in seconds, then of the four corners of the connection the ports and the addresses,
16 bytes each (IPv4 in the first four).
"""

from collections.abc import Iterator
from socket import AF_INET, AF_INET6, inet_ntop
from struct import Struct
from typing import NamedTuple

CONN_ROW = Struct("=BBBBHBBI4H16s16s16s16s")
"""worker proto client_family server_family state flags local_family timeout_s
cport vport lport dport caddr vaddr laddr daddr"""


class ConnRow(NamedTuple):
    worker: int
    proto: int
    state: int
    timeout_s: int
    caddr: str
    cport: int
    vaddr: str
    vport: int
    laddr: str
    lport: int
    daddr: str
    dport: int


def _text(family: int, raw: bytes) -> str:
    return inet_ntop(AF_INET, raw[:4]) if family == 4 else inet_ntop(AF_INET6, raw)


def unpack_rows(rows: bytes) -> Iterator[ConnRow]:
    """Decode a run of CONN_ROW records; a length that is no multiple raises struct.error."""
    for (worker, proto, cfam, sfam, state, _flags, lfam, timeout_s, cport, vport, lport, dport,
         caddr, vaddr, laddr, daddr) in CONN_ROW.iter_unpack(rows):  # fmt: skip
        yield ConnRow(worker, proto, state, timeout_s, _text(cfam, caddr), cport,
                      _text(cfam, vaddr), vport, _text(lfam or sfam, laddr), lport,
                      _text(sfam, daddr), dport)  # fmt: skip
