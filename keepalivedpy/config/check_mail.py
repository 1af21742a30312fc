"""The mail server's name has an address: upstream looks, and its status shows when there is none.

Looking is the resolver's work and may take long where no name server answers, so it gets LONGEST_S;
a name without an answer by then counts as one without an address.
"""

import socket
import threading

from dpvs_core.config.reader import Reader
from keepalivedpy.config.rule import Places, Rule
from keepalivedpy.model.root import Root

LONGEST_S = 1.0


def mail_server_is_known(model: Root, places: Places, reader: Reader) -> None:
    """Several smtp_server lines: one that has an address is enough."""
    host, port = model.global_defs.smtp_server, str(model.global_defs.smtp_port)
    if host is None or has_address(host, port):
        return
    node = places["global_defs"].node_of("smtp_server")
    others = [n for n in places["global_defs"].node.children or () if n.words[0] == "smtp_server"]
    if not any(has_address(n.words[1], port) for n in others[:-1] if len(n.words) > 1):
        found = f"smtp_server {host}, which has no address here"
        reader.report(node, found, "an address, or a name that is known", "no mail is sent", at=1)


def has_address(host: str, port: str) -> bool:
    """Does the resolver know it, soon enough?"""
    answers: list[bool] = []
    asking = threading.Thread(
        target=lambda: answers.append(_ask(host, port)), name="resolver", daemon=True
    )
    asking.start()
    asking.join(LONGEST_S)
    return answers == [True]


def _ask(host: str, port: str) -> bool:
    try:
        socket.getaddrinfo(host.encode("utf-8", "surrogateescape"), port)
    except (OSError, ValueError):
        return False
    return True


MAIL_RULES: tuple[Rule, ...] = (mail_server_is_known,)
