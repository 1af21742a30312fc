"""A server of files that are made on the spot, both ways at once.

file_server.py PORT               prints "ready" once it listens, on both families

A request is one line, "UPLOAD DOWNLOAD SEED\\n": UPLOAD bytes follow it. The answer is DOWNLOAD
bytes of Random(SEED), sent while the upload is read, then the upload's SHA-256 in hexadecimal.
"""

import asyncio
import hashlib
import random
import sys

CHUNK_BYTES = 65536


async def send(writer: asyncio.StreamWriter, content: bytes) -> None:
    for start in range(0, len(content), CHUNK_BYTES):
        writer.write(content[start : start + CHUNK_BYTES])
        await writer.drain()


async def receive(reader: asyncio.StreamReader, n_bytes: int) -> bytes:
    """The SHA-256 of that many bytes; asyncio.IncompleteReadError if there are fewer."""
    digest = hashlib.sha256()
    while n_bytes:
        chunk = await reader.readexactly(min(n_bytes, CHUNK_BYTES))
        digest.update(chunk)
        n_bytes -= len(chunk)
    return digest.hexdigest().encode()


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    upload_bytes, download_bytes, seed = map(int, (await reader.readline()).split())
    content = random.Random(seed).randbytes(download_bytes)
    _, digest = await asyncio.gather(send(writer, content), receive(reader, upload_bytes))
    writer.write(digest)
    await writer.drain()
    writer.close()


async def main(port: str) -> None:
    server = await asyncio.start_server(serve, None, int(port), backlog=1024)
    print("ready", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
