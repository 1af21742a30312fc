"""NAT by the book (F-086): the destination replaced on the way in, the source on the way out, and
nothing else but checksums. One `Nat` is one connection; it needs nothing from the core."""

from dataclasses import dataclass, replace

from tests.oracle.wire import packet, ported_of, read_ip


@dataclass(frozen=True)
class Nat:
    caddr: str
    cport: int
    vaddr: str
    vport: int
    daddr: str
    dport: int

    def from_client(self, l3: bytes) -> bytes:
        ip = read_ip(l3)
        return packet(replace(ip, dst=self.daddr), replace(ported_of(ip), dport=self.dport))

    def from_server(self, l3: bytes) -> bytes:
        ip = read_ip(l3)
        return packet(replace(ip, src=self.vaddr), replace(ported_of(ip), sport=self.vport))
