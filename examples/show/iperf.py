"""iperf3 from the client through the VIP: a scene, for each example with one director."""

import json
from typing import Any

from examples.show.example import IPERF_PORT, OneDirector
from examples.show.required import require
from tests.netns.wait import until

TCP_S = 1
TCP_MIN_BYTES = 1_000_000
UDP_MBPS = 5
UDP_S = 1
PATIENCE_S = 10
LOST_PCT = 1  # of datagrams, for a machine that is busy with other things


def iperf(stage: OneDirector) -> None:
    """iperf3: TCP to the server, then datagrams both ways at once"""
    end = _iperf3(stage, "-t", str(TCP_S))
    received = end["sum_received"]
    stage.tell.say(
        f"{received['bytes']:,} bytes arrived at the server, "
        f"{received['bits_per_second'] / 1e6:.0f} Mbit/s"
    )
    require(received["bytes"] >= TCP_MIN_BYTES, "that is next to nothing")

    end = _iperf3(stage, "-u", "-b", f"{UDP_MBPS}M", "-t", str(UDP_S), "--bidir")
    streams = [stream["udp"] for stream in end["streams"]]
    require(len(streams) == 2, f"there should be a stream each way, not {len(streams)}")
    for stream in streams:
        way = "to the server" if stream["sender"] else "to the client"
        stage.tell.say(f"{stream['packets']} datagrams {way}, {stream['lost_packets']} lost")
        most = stream["packets"] * LOST_PCT / 100
        require(stream["packets"] > 0 and stream["lost_packets"] <= most, "too many are lost")


def _iperf3(stage: OneDirector, *options: str) -> Any:
    """What it says of the whole run ("end" of its JSON). A server that has not put the test before
    away is asked again."""
    argv = ["iperf3", "-c", stage.vip, "-p", str(IPERF_PORT), *options]
    stage.tell.show(f"client$ {' '.join(argv)}")

    def run() -> Any:
        done = stage.client.run([*argv, "-J"], check=False)
        said = json.loads(done.stdout)
        return None if "busy" in said.get("error", "") else (done.returncode, said)

    status, said = until("iperf3 server at rest", run, timeout_s=PATIENCE_S)
    ended = status == 0 and "error" not in said and "streams" in said["end"]
    require(ended, f"iperf3: {said.get('error', status)}")
    return said["end"]
