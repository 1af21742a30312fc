"""Health checks: Drafts -> model. One that lacks what it needs is reported and left out.

Defaults come from the real server and the virtual server, for the fields that the kind has.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import msgspec

from dpvs_core.config.addresses import family_of
from dpvs_core.config.keywords import Block, Draft, to_model
from dpvs_core.config.reader import Reader
from keepalivedpy.config.inherit import own
from keepalivedpy.model.checks import (
    BfdCheck,
    Check,
    Checker,
    FileCheck,
    HttpGet,
    MiscCheck,
    SmtpCheck,
    SslGet,
    TcpCheck,
    UdpCheck,
)

OWN_DELAY = frozenset({TcpCheck, HttpGet, SslGet, SmtpCheck})
"""Kinds whose delay_before_retry has a default of its own; of others it is the loop's."""


def checks(
    drafts: Iterable[Draft], defaults: Mapping[str, Any], addr: str, loop_us: int, reader: Reader
) -> Iterator[Checker]:
    """The checks of a server at `addr`; `defaults` are of the blocks around them."""
    for draft in drafts:
        values = draft.values
        kind = draft.block.model if isinstance(draft.block, Block) else None
        if kind is None:
            raise TypeError(f"block {draft.block.name} has no model")
        special = "connect_ip" in values or "bindto" in values or addr.startswith("fe80:")
        if special and not _addresses_agree(draft, values, addr, reader):
            continue
        if kind is TcpCheck:
            yield TcpCheck(**{**defaults, **values})
        else:
            check = _made(kind, draft, defaults, loop_us, reader)
            if check is not None:
                yield check


def _made(
    kind: type[msgspec.Struct],
    draft: Draft,
    defaults: Mapping[str, Any],
    loop_us: int,
    reader: Reader,
) -> Any:
    known = kind.__struct_fields__
    values = {field: value for field, value in defaults.items() if field in known}
    values |= own(draft.values)
    if issubclass(kind, Check) and kind not in OWN_DELAY:
        values.setdefault("delay_before_retry_us", values.get("delay_loop_us", loop_us))
    complete = COMPLETE.get(kind)
    if complete is not None and not complete(values, draft, reader):
        return None
    return kind(**values)


def _addresses_agree(draft: Draft, values: dict[str, Any], addr: str, reader: Reader) -> bool:
    """A link-local target needs its interface; a source of another family is left out."""
    target = values.get("connect_ip", addr)
    bindto = values.get("bindto")
    if bindto is not None and family_of(bindto) != family_of(target):
        reader.report(
            draft.node_of("bindto"),
            f"bindto {bindto} of another family than {target}",
            f"an IPv{family_of(target)} address",
            "the line is ignored",
            at=1,
        )
        del values["bindto"]
    if target.startswith("fe80:") and "bind_if" not in values:
        reader.report(
            draft.node,
            f"{draft.block.name} of the link-local address {target} without bind_if",
            "bind_if IF",
            "it is left out",
        )
        return False
    return True


def _left_out(draft: Draft, reader: Reader, lack: str, expected: str) -> bool:
    found = f"{draft.block.name} without {lack}"
    reader.report(draft.node, found, expected, "it is left out")
    return False


def _http(values: dict[str, Any], draft: Draft, reader: Reader) -> bool:
    """HTTP_GET, SSL_GET: pages have a path, and there is one."""
    urls = []
    for url in values.get("urls", ()):
        if "path" in url.values:
            urls.append(to_model(url))
        else:
            _left_out(url, reader, "a path", "path PATH")
    values["urls"] = tuple(urls)
    return bool(urls) or _left_out(draft, reader, "a url", "url { path PATH }")


def _smtp(values: dict[str, Any], draft: Draft, reader: Reader) -> bool:
    values["hosts"] = tuple(to_model(host) for host in values.get("hosts", ()))
    return True


def _misc(values: dict[str, Any], draft: Draft, reader: Reader) -> bool:
    return "misc_path" in values or _left_out(draft, reader, "misc_path", "misc_path PROGRAM")


def _udp(values: dict[str, Any], draft: Draft, reader: Reader) -> bool:
    least = values.get("min_reply_length_bytes", 0)
    most = values.get("max_reply_length_bytes", 255)
    if least > most:
        reader.report(
            draft.node_of("min_reply_length", "max_reply_length"),
            f"min_reply_length {least} above max_reply_length {most}",
            "the other way round",
            "it will always fail",
            at=1,
        )
    return True


def _bfd(values: dict[str, Any], draft: Draft, reader: Reader) -> bool:
    return "name" in values or _left_out(draft, reader, "a name", "name BFD_INSTANCE")


def _file(values: dict[str, Any], draft: Draft, reader: Reader) -> bool:
    return "track_file" in values or _left_out(draft, reader, "track_file", "track_file NAME")


COMPLETE: Mapping[type[msgspec.Struct], Callable[[dict[str, Any], Draft, Reader], bool]] = {
    HttpGet: _http,
    SslGet: _http,
    SmtpCheck: _smtp,
    MiscCheck: _misc,
    UdpCheck: _udp,
    BfdCheck: _bfd,
    FileCheck: _file,
}
"""What a kind needs; it may correct the values."""
