"""`keepalived -t` of ten thousand services with two checked servers each: 220,000 lines."""

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

N_SERVICES = 10_000
MOST_S = 3.0
MOST_KIB = 400 * 1024

CHECK = "TCP_CHECK {\nconnect_timeout 3\nretry 3\ndelay_before_retry 3\n}\n"
SERVER = "real_server 172.%d.%d.%d 80 {\nweight 1\n" + CHECK + "}\n"
RUN = "import sys; from keepalivedpy.programs.keepalived import main; sys.exit(main())"


def service(n: int) -> str:
    servers = "".join(SERVER % (17 + i, n // 250, n % 250) for i in range(2))
    head = f"virtual_server 10.0.{n // 250}.{n % 250} 80 {{\n"
    return f"{head}delay_loop 6\nlb_algo rr\nlb_kind NAT\nprotocol TCP\n{servers}}}\n"


@pytest.mark.long
def test_ten_thousand_services_are_tested_in_three_seconds(tmp_path: Path) -> None:
    """CPU time of the whole program, and its memory."""
    path = tmp_path / "keepalived.conf"
    path.write_text("".join(map(service, range(N_SERVICES))))
    assert path.read_text().count("\n") == 220_000
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-P", "-c", RUN, "-t", "-f", str(path)]
    done = subprocess.run(command, env=dict(os.environ), capture_output=True, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert (done.returncode, done.stderr) == (0, "")
    used_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    assert used_s < MOST_S
    assert after.ru_maxrss < MOST_KIB
