"""ipvsadm's commands: from a parsed line to requests, from replies to lines of text."""

from collections.abc import Callable, Iterator
from typing import NoReturn, cast

from dpvs_core.control.client import CoreError
from dpvs_core.control.conn_rows import ConnRow, unpack_rows
from dpvs_core.control.messages import (
    ConnFind,
    ConnList,
    ConnRows,
    DestAdd,
    DestDel,
    DestEdit,
    DestSpec,
    LaddrAdd,
    LaddrDel,
    LaddrSpec,
    Ok,
    ServiceAdd,
    ServiceDel,
    ServiceEdit,
    ServiceFlush,
    ServiceKey,
    ServiceList,
    ServiceRow,
    ServiceRows,
    ServiceSpec,
    ServiceZero,
)
from dpvs_core.control.names import end_text, service_text
from keepalivedpy.cli import ipvsadm_edit, ipvsadm_list, ipvsadm_rules
from keepalivedpy.cli.errors import REFUSED, CommandError
from keepalivedpy.cli.ipvsadm_conns import conn_lines
from keepalivedpy.cli.ipvsadm_line import Line
from keepalivedpy.cli.ipvsadm_options import Given
from keepalivedpy.cli.ipvsadm_values import Mark, Server
from keepalivedpy.cli.session import Session, is_absent

Write = Callable[[str], object]
"""Takes one line of output, without its newline."""

Run = Callable[[Session, Given, Write], None]


def service_of(given: Given) -> ServiceKey | None:
    """The selected service; marks are refused, the core has no such services."""
    selected = given.service_address
    if isinstance(selected, Mark):
        raise CommandError(f"{selected.what} are not supported yet", REFUSED)
    return selected


def services(session: Session, key: ServiceKey | None = None, cpu: int = 0) -> Iterator[ServiceRow]:
    """All rows, page by page; a service that does not exist is a CommandError."""
    cursor, found = 0, False
    while True:
        try:
            page = session.call(ServiceList(key=key, cpu=cpu, cursor=cursor), ServiceRows)
        except CoreError as error:
            if key is None or not is_absent(error):
                raise
            _no_service(key)
        found = found or bool(page.rows)
        yield from page.rows
        cursor = page.cursor
        if not cursor:
            break
    if key is not None and not found:
        _no_service(key)


def _no_service(key: ServiceKey) -> NoReturn:
    raise CommandError(f"no service: {service_text(key)} is not in the table", REFUSED)


def _required(given: Given) -> ServiceKey:
    """The service of a command whose row needs one."""
    return cast(ServiceKey, service_of(given))


def add_service(session: Session, given: Given, _write: Write) -> None:
    key = _required(given)
    session.call(ServiceAdd(key=key, spec=ipvsadm_edit.service_spec(key, ServiceSpec(), given)), Ok)


def edit_service(session: Session, given: Given, _write: Write) -> None:
    key = _required(given)
    (row,) = services(session, key)
    session.call(ServiceEdit(key=key, spec=ipvsadm_edit.service_spec(key, row.spec, given)), Ok)


def delete_service(session: Session, given: Given, _write: Write) -> None:
    session.call(ServiceDel(key=_required(given)), Ok)


def flush(session: Session, _given: Given, _write: Write) -> None:
    session.call(ServiceFlush(), Ok)


def add_server(session: Session, given: Given, _write: Write) -> None:
    key, server = _required(given), cast(Server, given.real_server)
    blank = DestSpec(addr=server.addr, port=server.port or 0)
    session.call(DestAdd(service=key, dest=ipvsadm_edit.dest_spec(key, blank, given)), Ok)


def _dest(session: Session, key: ServiceKey, server: Server) -> DestSpec:
    """The dest of that address and port; a port not written is 0, else the service's."""
    (row,) = services(session, key)
    ports = (0, key.port) if server.port is None else (server.port,)
    by_end = {(dest.spec.addr, dest.spec.port): dest.spec for dest in row.dests}
    for port in ports:
        if (server.addr, port) in by_end:
            return by_end[server.addr, port]
    who = end_text(server.addr, ports[-1])
    raise CommandError(f"not exist: {who} is no server of {service_text(key)}", REFUSED)


def edit_server(session: Session, given: Given, _write: Write) -> None:
    key = _required(given)
    old = _dest(session, key, cast(Server, given.real_server))
    new = ipvsadm_edit.dest_spec(key, old, given)
    if new.port != old.port:
        raise CommandError(
            f"server {end_text(old.addr, old.port)} cannot become {new.forward}: the port would be"
            f" the service's, {key.port}; delete the server and add it anew"
        )
    session.call(DestEdit(service=key, dest=new), Ok)


def delete_server(session: Session, given: Given, _write: Write) -> None:
    key = _required(given)
    old = _dest(session, key, cast(Server, given.real_server))
    session.call(DestDel(service=key, addr=old.addr, port=old.port), Ok)


def _laddr(given: Given) -> LaddrSpec:
    return LaddrSpec(addr=given.local_address or "", dev=given.ifname or "")


def add_laddr(session: Session, given: Given, _write: Write) -> None:
    session.call(LaddrAdd(service=_required(given), laddr=_laddr(given)), Ok)


def del_laddr(session: Session, given: Given, _write: Write) -> None:
    session.call(LaddrDel(service=_required(given), laddr=_laddr(given)), Ok)


def zero(session: Session, given: Given, _write: Write) -> None:
    session.call(ServiceZero(key=service_of(given)), Ok)


def _style(given: Given) -> ipvsadm_list.Style:
    return ipvsadm_list.Style(bool(given.numeric), bool(given.exact), not given.nosort)


def get_laddr(session: Session, given: Given, write: Write) -> None:
    """Always in digits, as DPVS prints it."""
    rows = services(session, service_of(given), given.cpu or 0)
    for line in ipvsadm_list.laddr_listing(rows, ipvsadm_list.Style()):
        write(line)


def save(session: Session, given: Given, write: Write) -> None:
    for line in ipvsadm_rules.rules(services(session), _style(given)):
        write(line)


def list_table(session: Session, given: Given, write: Write) -> None:
    if given.timeout or given.daemon:
        what = "time-outs are set in dpvs.conf" if given.timeout else "there is no sync daemon"
        raise CommandError(f"not support: {what}", REFUSED)
    if given.sockpair is not None and not given.connection:
        raise CommandError("sockpair is for connections: it needs -c")
    if given.connection:
        _list_connections(session, given, write)
        return
    key = service_of(given)
    rows = list(services(session, key, given.cpu or 0))
    if key is None:
        write(f"IP Virtual Server version {session.dpvs_version} (size=0)")
    asked = [name for name in ipvsadm_list.VIEWS if getattr(given, name)]
    view = ipvsadm_list.VIEWS[asked[0]] if asked else ipvsadm_list.DEFAULT
    for line in ipvsadm_list.listing(rows, view, _style(given)):
        write(line)


def _connections(session: Session) -> Iterator[ConnRow]:
    cursor = 0
    while True:
        page = session.call(ConnList(cursor=cursor), ConnRows)
        yield from unpack_rows(page.rows)
        cursor = page.cursor
        if not cursor:
            return


def _list_connections(session: Session, given: Given, write: Write) -> None:
    if given.persistent_conn:
        raise CommandError("not support: persistence templates are not listed yet", REFUSED)
    pair = given.sockpair
    rows: Iterator[ConnRow] = _connections(session)
    if pair is not None:
        wanted = ConnFind(
            proto=pair.proto, src=pair.src, sport=pair.sport, dst=pair.dst, dport=pair.dport
        )
        try:
            rows = unpack_rows(session.call(wanted, ConnRows).rows)
        except CoreError as error:
            if not is_absent(error):
                raise
            raise CommandError("connection specified not found", 0) from None
    for line in conn_lines(rows, bool(given.numeric)):
        write(line)


def _not_carried(what: str) -> Run:
    def refuse(_session: Session, _given: Given, _write: Write) -> None:
        raise CommandError(f"not support: {what}", REFUSED)

    return refuse


_DENY = _not_carried("this core does not carry access lists yet (deny list)")
_ALLOW = _not_carried("this core does not carry access lists yet (allow list)")
_SYNC = _not_carried("there is no connection sync daemon")

RUNS: dict[str, Run] = {
    "add-service": add_service,
    "edit-service": edit_service,
    "delete-service": delete_service,
    "flush": flush,
    "add-server": add_server,
    "edit-server": edit_server,
    "delete-server": delete_server,
    "add-laddr": add_laddr,
    "del-laddr": del_laddr,
    "get-laddr": get_laddr,
    "add-blklst": _DENY,
    "del-blklst": _DENY,
    "get-blklst": _DENY,
    "add-whtlst": _ALLOW,
    "del-whtlst": _ALLOW,
    "get-whtlst": _ALLOW,
    "save": save,
    "list": list_table,
    "zero": zero,
    "set": _not_carried("time-outs are set in dpvs.conf"),
    "start-daemon": _SYNC,
    "stop-daemon": _SYNC,
}


def run_line(line: Line, session: Session, write: Write) -> None:
    """One command; CommandError, CoreError or OSError when it fails."""
    RUNS[line.command.name](session, line.given, write)
