"""Frames of the control socket: 4-byte big-endian length, then msgpack.

A long batch travels in parts of PART_REQUESTS (messages.BatchParts). `decode_request` puts them
together at once; who must not be held up takes `decode_parts`. Dests of one service that follow one
another there travel as one request, which names the service once: half the bytes and half the work
of either end. What is done stays the same.
"""

import struct
from collections.abc import Iterator
from itertools import groupby
from typing import Any, cast

import msgspec

from dpvs_core.control.messages import (
    MAX_FRAME_BYTES,
    MAX_PART_BYTES,
    MAX_WHOLE_BYTES,
    Batch,
    BatchParts,
    Change,
    DestAdd,
    DestEdit,
    DestsAdd,
    DestsEdit,
    Reply,
    Request,
    ServiceKey,
)

LENGTH = struct.Struct("!I")
PART_REQUESTS = 64  # decoded in about 40 us; as many dests as a request may name

_encoder = msgspec.msgpack.Encoder()
_requests = msgspec.msgpack.Decoder(Request | BatchParts)
_parts = msgspec.msgpack.Decoder(BatchParts)
_changes = msgspec.msgpack.Decoder(list[Change])
_replies = msgspec.msgpack.Decoder(Reply)


class DecodeError(Exception):
    """A frame that is no valid message; the text says why."""


def encode(message: Request | Reply) -> bytes:
    """One message as a frame, length included."""
    if isinstance(message, Batch) and len(message.requests) > PART_REQUESTS:
        return _frame(BatchParts(parts=list(_split(message.requests))))
    return _frame(message)


def _frame(message: Request | Reply | BatchParts) -> bytes:
    body = _encoder.encode(message)
    return LENGTH.pack(len(body)) + body


def _split(requests: list[Change]) -> Iterator[bytes]:
    for start in range(0, len(requests), PART_REQUESTS):
        yield _encoder.encode(joined(requests[start : start + PART_REQUESTS]))


_JOINS: dict[type[Any], type[DestsAdd | DestsEdit]] = {DestAdd: DestsAdd, DestEdit: DestsEdit}


def joined(requests: list[Change]) -> list[Change]:
    """The same, with requests about dests of one service, one after the other, as one of them."""
    together: list[Change] = []
    for (kind, service), run in groupby(requests, _joins):
        if kind is None or service is None:
            together += run
        else:
            specs = tuple([cast(DestAdd | DestEdit, request).dest for request in run])
            together.append(_JOINS[kind](service=service, dests=specs))
    return together


def _joins(request: Change) -> tuple[type[Any] | None, ServiceKey | None]:
    """Requests of which this is the same go together; without a service they stay as they are."""
    kind = type(request)
    return (kind, cast(DestAdd, request).service) if kind in _JOINS else (None, None)


def frame_length(head: bytes) -> int:
    """The body's length from its 4-byte head; DecodeError beyond MAX_FRAME_BYTES."""
    (length,) = LENGTH.unpack(head)
    if not 0 < length <= MAX_FRAME_BYTES:
        raise DecodeError(f"frame of {length} bytes, at most {MAX_FRAME_BYTES} allowed")
    return int(length)


def decode_request(body: bytes) -> Request:
    """The body of a frame as a request; DecodeError if it is none."""
    if len(body) > MAX_WHOLE_BYTES:
        return Batch(requests=[change for part in decode_parts(body) for change in part])
    request = cast(Request | BatchParts, _decode(_requests, body))
    if isinstance(request, BatchParts):
        return Batch(requests=[change for part in _changes_of(request) for change in part])
    return request


def decode_parts(body: bytes) -> Iterator[list[Change]]:
    """The requests of a body over MAX_WHOLE_BYTES, which must be a BatchParts, part by part."""
    try:
        batch = cast(BatchParts, _decode(_parts, body))
    except DecodeError as error:
        size = f"{len(body)} bytes, over {MAX_WHOLE_BYTES}"
        raise DecodeError(f"a request of {size}, must be batch.parts: {error}") from None
    return _changes_of(batch)


def _changes_of(batch: BatchParts) -> Iterator[list[Change]]:
    for part in batch.parts:
        if len(part) > MAX_PART_BYTES:
            raise DecodeError(f"a part of {len(part)} bytes, at most {MAX_PART_BYTES} allowed")
        yield cast(list[Change], _decode(_changes, part))


def decode_reply(body: bytes) -> Reply:
    """The body of a frame as a reply; DecodeError if it is none."""
    return cast(Reply, _decode(_replies, body))


def _decode(decoder: msgspec.msgpack.Decoder[Any], body: bytes) -> object:
    try:
        return decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise DecodeError(str(error)) from None
