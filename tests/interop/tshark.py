"""A capture as tshark decodes it."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

from tests.interop.expectation import Decoded, Fields

PROGRAM = "/usr/bin/tshark"
TIMEOUT_S = 120.0
SEPARATOR = "\t"
GOOD = "1"
COLUMNS = (
    "frame.number", "frame.protocols", "ip.src", "ip.dst", "ip.ttl", "ip.dsfield",
    "ip.checksum.status", "vrrp.version", "vrrp.type", "vrrp.virt_rtr_id", "vrrp.prio",
    "vrrp.ip_addr", "vrrp.adver_int", "vrrp.short_adver_int", "vrrp.auth_type",
    "vrrp.auth_string", "vrrp.checksum.status", "_ws.malformed", "_ws.expert.message",
)  # fmt: skip
# A virtual address that changes its MAC is what a failover is; tshark would call it a duplicate.
PREFERENCES = ("-o", "ip.check_checksum:TRUE", "-o", "arp.detect_duplicate_ips:FALSE")


def decode(file: Path) -> Iterator[Decoded]:
    """One a frame. RuntimeError if tshark fails."""
    words = [word for column in COLUMNS for word in ("-e", column)]
    command = [PROGRAM, "-n", "-r", str(file), *PREFERENCES, "-T", "fields", *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"tshark: exit {done.returncode}: {done.stderr.strip()}")
    for line in done.stdout.splitlines():
        row = dict(zip(COLUMNS, line.split(SEPARATOR), strict=True))
        is_arp = "arp" in row["frame.protocols"].split(":")
        fields = {} if is_arp else _fields(row)
        remark = " ".join(filter(None, (row["_ws.malformed"], row["_ws.expert.message"])))
        yield Decoded(int(row["frame.number"]), is_arp, row["ip.src"], fields, remark)


def _fields(row: Fields) -> Fields:
    authentication = "none"
    if row["vrrp.auth_type"] not in ("", "0"):
        authentication = f"{row['vrrp.auth_type']} {row['vrrp.auth_string']}"
    return {
        "destination": row["ip.dst"],
        "ttl": row["ip.ttl"],
        "tos": row["ip.dsfield"],
        "ip checksum": _verdict(row["ip.checksum.status"]),
        "version": row["vrrp.version"],
        "type": row["vrrp.type"],
        "vrid": row["vrrp.virt_rtr_id"],
        "priority": row["vrrp.prio"],
        "addresses": row["vrrp.ip_addr"],
        "interval": row["vrrp.adver_int"] or row["vrrp.short_adver_int"],
        "authentication": authentication,
        "checksum": _verdict(row["vrrp.checksum.status"]),
    }


def _verdict(status: str) -> str:
    return "good" if status == GOOD else f"status {status}"
