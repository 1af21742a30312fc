"""A web server on Linux's own TCP: one page of a million bytes.

page_server.py ADDRESS PORT       prints "ready" once it listens
"""

import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PAGE = bytes(1_000_000)


class Page(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(PAGE)))
        self.end_headers()
        self.wfile.write(PAGE)


if __name__ == "__main__":
    server = ThreadingHTTPServer((sys.argv[1], int(sys.argv[2])), Page)
    print("ready", flush=True)
    server.serve_forever()
