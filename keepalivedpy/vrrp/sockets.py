"""Raw sockets: IP protocol 112 on one interface, and frames for announcements.

Needs CAP_NET_RAW. Nothing here decides anything: bytes in, bytes out.
"""

import socket
import struct
from collections.abc import Iterator

from keepalivedpy.vrrp.checksum import PROTO_VRRP

MAX_PACKET_BYTES = 2048
MAX_READ_PKTS = 64  # in one turn: a flood must not keep the timers waiting
RECEIVE_BUFFER_BYTES = 1 << 20


class AdvertSocket:
    """All adverts of one interface; multicast `group` is joined there."""

    def __init__(self, interface: str, ifindex: int, group: str) -> None:
        self.ifindex = ifindex
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_RAW, PROTO_VRRP)
        try:
            self._configure(interface, group)
        except BaseException:
            self._socket.close()
            raise

    def _configure(self, interface: str, group: str) -> None:
        s = self._socket
        s.setblocking(False)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, interface.encode() + b"\0")
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER_BYTES)
        s.setsockopt(socket.IPPROTO_IP, socket.IP_HDRINCL, 1)
        s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_LOOP, 0)
        member = struct.pack("4s4si", socket.inet_aton(group), bytes(4), self.ifindex)
        s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, member)
        s.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, member)

    def fileno(self) -> int:
        return self._socket.fileno()

    def send(self, packet: bytes, dst: str) -> None:
        """A whole IPv4 packet; OSError where the interface cannot take it now."""
        self._socket.sendto(packet, (dst, 0))

    def receive(self) -> Iterator[bytes]:
        """What has arrived, IP headers included, at most MAX_READ_PKTS."""
        for _ in range(MAX_READ_PKTS):
            try:
                yield self._socket.recv(MAX_PACKET_BYTES)
            except BlockingIOError:
                return

    def close(self) -> None:
        self._socket.close()


def send_frames(interface: str, frames: list[bytes]) -> None:
    """Ethernet frames out of an interface; OSError if it is gone or down."""
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as s:
        s.bind((interface, 0))
        for frame in frames:
            s.send(frame)
