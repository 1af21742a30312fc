"""A real server: nginx that answers as the DPVS tutorial's does.

    Your ip:port : 192.168.100.200:4097  server rs1

`/file` is a file of the caller's, for downloads; two servers given the same one are
interchangeable behind a balancer.
"""

from pathlib import Path

from tests.netns.node import Node
from tests.netns.program import Program
from tests.netns.wait import until

START_TIMEOUT_S = 10.0

_CONFIGURATION = """\
daemon off;
user root;
worker_processes 1;
pid {folder}/nginx.pid;
error_log stderr warn;
events {{ worker_connections 4096; }}
http {{
    access_log off;
    keepalive_requests 100000;
    client_body_temp_path {folder}/tmp/body;
    proxy_temp_path {folder}/tmp/proxy;
    fastcgi_temp_path {folder}/tmp/fastcgi;
    uwsgi_temp_path {folder}/tmp/uwsgi;
    scgi_temp_path {folder}/tmp/scgi;
    default_type text/plain;
    server {{
        listen 80 backlog=4096;
        listen [::]:80 backlog=4096;
        location / {{
            return 200 "Your ip:port : $remote_addr:$remote_port  server {name}\\n";
        }}
        location = /file {{ alias {file}; sendfile on; }}
    }}
}}
"""


class WebServer:
    """nginx in a node, from `start()` to `stop()`; may be started again."""

    def __init__(self, node: Node, file: Path = Path("/dev/null")) -> None:
        self.node = node
        self.configuration = node.folder / "nginx.conf"
        text = _CONFIGURATION.format(folder=node.folder, name=node.name, file=file)
        self.configuration.write_text(text, encoding="utf-8")
        self._program: Program | None = None

    def start(self) -> None:
        """Returns when it answers."""
        log = "/dev/stderr"  # before the configuration names another
        argv = ["/usr/sbin/nginx", "-c", str(self.configuration), "-e", log]
        self._program = self.node.start(argv, "nginx.log")
        until(f"nginx of {self.node.name} answers", self._answers, START_TIMEOUT_S)

    def stop(self) -> None:
        """Its port refuses from now on."""
        if self._program:
            self._program.end()
            self._program = None

    def _answers(self) -> bool:
        if self._program and not self._program.running():
            raise RuntimeError(f"nginx of {self.node.name}: {self._program.tail()}")
        address = self.node.address
        host = f"[{address}]" if ":" in address else address
        return self.node.run(["curl", "-s", "-m1", f"http://{host}/"], check=False).returncode == 0
