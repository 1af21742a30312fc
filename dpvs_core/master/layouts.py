"""Structs of dpvs_core.h that are packed in numbers (addresses, routes, services, matches,
dests).

Far cheaper than one cffi field at a time. native.py compares the sizes with the module's, and
tests each field.
"""

from struct import Struct

NO_ID = 0xFFFFFFFF

ADDR = Struct("=BBHI16sB3x")
ADDR_NODAD, ADDR_DEPRECATED = 1, 2
ROUTE = Struct("=BBBxHH16s16s16s")
DEST = Struct("=IBBBxH16s2xIII")
DEST_ID, DEST_REST = Struct("=I"), Struct("=BBBxH16s2xIII")
SERVICE = Struct("=BBH16sIBB2xI")
MATCH = Struct("=BBHH16s16sHH16s16sHH")
ANY_DEV = 0xFFFF
DEST_STATS = Struct("=8Q")
LAYOUTS = {
    "struct core_addr": ADDR, "struct core_route": ROUTE, "struct core_dest": DEST,
    "struct core_service": SERVICE, "struct core_match": MATCH,
    "struct core_dest_stats": DEST_STATS,
}  # fmt: skip
