"""The client of file_server.py: many transfers at once, each whole file compared by its SHA-256.

transfers.py SECONDS < JSON       a list of Transfer; prints a list of Outcome
"""

import asyncio
import hashlib
import json
import random
import sys
import time
from dataclasses import asdict, dataclass

from tests.weather.file_server import send


@dataclass(frozen=True, slots=True)
class Transfer:
    row: str
    """Of modes.ROWS."""
    address: str
    port: int
    upload_bytes: int
    download_bytes: int
    seed: int


@dataclass(frozen=True, slots=True)
class Outcome:
    row: str
    client: str
    client_port: int
    seconds: float
    error: str
    """"" when both files were right to the last byte, and the connection ended in order."""


def _content(seed: int, n_bytes: int) -> bytes:
    return random.Random(seed).randbytes(n_bytes)


async def exchange(transfer: Transfer) -> tuple[str, int, str]:
    reader, writer = await asyncio.open_connection(transfer.address, transfer.port)
    client, client_port = writer.get_extra_info("sockname")[:2]
    upload = _content(transfer.seed + 1, transfer.upload_bytes)
    head = f"{transfer.upload_bytes} {transfer.download_bytes} {transfer.seed}\n".encode()

    async def give() -> None:
        await send(writer, head + upload)
        writer.write_eof()

    _, got = await asyncio.gather(give(), reader.read())
    writer.close()
    await writer.wait_closed()
    return client, client_port, _wrong(transfer, upload, got)


def _wrong(transfer: Transfer, upload: bytes, got: bytes) -> str:
    content, told = got[: transfer.download_bytes], got[transfer.download_bytes :]
    wanted = _content(transfer.seed, transfer.download_bytes)
    if hashlib.sha256(content).digest() != hashlib.sha256(wanted).digest():
        return f"the download differs ({len(content)} of {len(wanted)} bytes)"
    if told != hashlib.sha256(upload).hexdigest().encode():
        return f"the server read another upload: {told!r}"
    return ""


async def timed(transfer: Transfer, timeout_s: float) -> Outcome:
    start_s = time.monotonic()
    client, client_port, error = "", 0, ""
    try:
        async with asyncio.timeout(timeout_s):
            client, client_port, error = await exchange(transfer)
    except (OSError, TimeoutError) as failure:
        error = f"{type(failure).__name__} {failure}"
    seconds = round(time.monotonic() - start_s, 3)
    return Outcome(transfer.row, client, client_port, seconds, error)


async def main(timeout_s: float) -> None:
    transfers = [Transfer(**row) for row in json.load(sys.stdin)]
    outcomes = await asyncio.gather(*(timed(transfer, timeout_s) for transfer in transfers))
    print(json.dumps([asdict(outcome) for outcome in outcomes]))


if __name__ == "__main__":
    asyncio.run(main(float(sys.argv[1])))
