"""Frames of the control socket: 4-byte big-endian length, then msgpack."""

import struct
from typing import cast

import msgspec

from dpvs_core.control.messages import MAX_FRAME_BYTES, Reply, Request

LENGTH = struct.Struct("!I")

_encoder = msgspec.msgpack.Encoder()
_requests = msgspec.msgpack.Decoder(Request)
_replies = msgspec.msgpack.Decoder(Reply)


class DecodeError(Exception):
    """A frame that is no valid message; the text says why."""


def encode(message: Request | Reply) -> bytes:
    """One message as a frame, length included."""
    body = _encoder.encode(message)
    return LENGTH.pack(len(body)) + body


def frame_length(head: bytes) -> int:
    """The body's length from its 4-byte head; DecodeError beyond MAX_FRAME_BYTES."""
    (length,) = LENGTH.unpack(head)
    if not 0 < length <= MAX_FRAME_BYTES:
        raise DecodeError(f"frame of {length} bytes, at most {MAX_FRAME_BYTES} allowed")
    return int(length)


def decode_request(body: bytes) -> Request:
    """The body of a frame as a request; DecodeError if it is none."""
    try:
        return cast(Request, _requests.decode(body))
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise DecodeError(str(error)) from None


def decode_reply(body: bytes) -> Reply:
    """The body of a frame as a reply; DecodeError if it is none."""
    try:
        return cast(Reply, _replies.decode(body))
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise DecodeError(str(error)) from None
