"""Send one datagram and say what comes back.

udp_knock.py ADDRESS PORT     prints "refused by ADDRESS" for an ICMP error, "answered" or "silence"
"""

import socket
import sys

PATIENCE_S = 3.0
SO_ERROR_ORIGINS = {2: "refused by"}  # SO_EE_ORIGIN_ICMP
ERROR = 16  # bytes of struct sock_extended_err, before the address of who sent the error


def main(address: str, port: int) -> str:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.setsockopt(socket.IPPROTO_IP, 11, 1)  # IP_RECVERR
        sock.settimeout(PATIENCE_S)
        sock.connect((address, port))
        sock.send(b"anybody?")
        try:
            sock.recv(2048)
        except TimeoutError:
            return "silence"
        except ConnectionRefusedError:
            _, ancillary, _, peer = sock.recvmsg(2048, 512, socket.MSG_ERRQUEUE)
            _level, _kind, error = ancillary[0]
            sender = socket.inet_ntoa(error[ERROR + 4 : ERROR + 8])
            return f"{SO_ERROR_ORIGINS[error[4]]} {sender}, about {peer[0]}:{peer[1]}"
        return "answered"


if __name__ == "__main__":
    print(main(sys.argv[1], int(sys.argv[2])))
