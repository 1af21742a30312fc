"""A director between two pumps: transfers through it, and what was seen on its wires meanwhile."""

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from pathlib import Path

from tests.netns import decapsulate
from tests.netns.director import Core
from tests.netns.dpvs_conf import TWO_ARM as TWO_ARM_DEVICES
from tests.netns.dpvs_conf import dpvs_conf
from tests.netns.ip import enter
from tests.netns.node import ROOT, module_command
from tests.netns.program import Program
from tests.netns.topology import Topology
from tests.netns.wait import until
from tests.weather import file_server, modes, pump, transfers
from tests.weather.policy import Forecast
from tests.weather.transfers import Outcome, Transfer

WIRES = {"lan": "wire0", "wan": "wire1"}
LAST_PINGS = {"lan": ("rs1", modes.CORE_LAN4), "wan": ("client", modes.CORE_WAN4)}
PATTERN = b"the last"
CAPTURE_BUFFER_KB = "131072"
HALF_CLOSED_S = dict.fromkeys(("fin_wait", "close_wait", "time_wait"), 60)
"""Longer than an end waits before it sends again: after some losses in a row, that is longer than
the seven seconds without a packet that end a connection of which one side has closed."""


class Lab:
    def __init__(self, net: Topology, n_workers: int, forecast: Forecast, seed: int) -> None:
        self.net = net
        self.director = net["director"]
        log = str(self.director.folder / "dpvs.log")
        conf = dpvs_conf(TWO_ARM_DEVICES, n_workers, log, HALF_CLOSED_S)
        self.core = Core(self.director, conf)
        self._forecast, self._seed = forecast, seed
        self._pumps: dict[str, Program] = {}
        self._captures: dict[str, Program] = {}

    def director_log(self) -> str:
        return self.core.log

    def start(self) -> None:
        """Returns when every service has its addresses and all ends are there."""
        self.core.start()
        for line in modes.CLIENT_COMMANDS:
            self.net["client"].run(line)
        for name in modes.SERVERS:
            self._start_server(name)
        for name in ("weather1", "weather2"):
            self._start_pump(name)
        self.core.wait_until_it_answers()
        for line in modes.DIRECTOR_COMMANDS:
            self.core.tool(*line)
        table = "".join(row.table() for row in modes.ROWS.values())
        self.director.run(["ipvsadm", "-R"], stdin=table)
        until("addresses verified", lambda: "tentative" not in self._addresses(), 10)
        self._meet_neighbours()
        for name, wire in WIRES.items():
            self._captures[name] = self._capture(wire, self.pcap(name))

    def _meet_neighbours(self) -> None:
        """The director knows all hosts before the first connection, which need not wait then."""
        for address in (modes.CORE_WAN4, modes.CORE_WAN6):
            self.net["client"].run(["ping", "-c1", "-W5", address])
        for name in modes.SERVERS:
            for address in (modes.CORE_LAN4, modes.CORE_LAN6):
                self.net[name].run(["ping", "-c1", "-W5", address])

    def _addresses(self) -> str:
        return self.core.tool("dpip", "addr", "show")

    def _start_server(self, name: str) -> None:
        node = self.net[name]
        for line in modes.server_commands(name):
            node.run(line)
        started = [
            node.start_module(decapsulate, modes.TUN),
            node.start_module(file_server, str(modes.SERVER_PORT)),
        ]
        for program in started:
            program.wait_for_log("ready\n", 10)

    def _start_pump(self, name: str) -> None:
        forecast = json.dumps(asdict(self._forecast))
        words = ("eth0", "eth1", f"{self._seed} {name}", forecast)
        self._pumps[name] = self.net[name].start_module(pump, *words)
        self._pumps[name].wait_for_log("ready\n", 10)

    def pcap(self, name: str) -> Path:
        """What was seen on the wire: "lan" or "wan"."""
        return self.director.folder / f"{name}.pcap"

    def _capture(self, wire: str, file: Path) -> Program:
        """At the switch's end of the wire: DPDK's own packet sockets send past those at its own."""
        argv = [*enter(self.net.switch), "tcpdump", "-i", f"director-{wire}", "-n", "-s0"]
        argv += ["-B", CAPTURE_BUFFER_KB, "--immediate-mode", "-U", "-w", str(file), "not arp"]
        log = self.director.folder / f"{file.name}.log"
        program = Program(argv, log, self.director.environment)
        program.wait_for_log("listening on", 10)
        return program

    def transfer(self, wanted: Sequence[Transfer], timeout_s: float) -> list[Outcome]:
        """All of them at once; if they succeed, until no end has anything left to send."""
        client = self.net["client"]
        environment = ["env", f"PYTHONPATH={ROOT}"]
        argv = [*environment, *module_command(transfers, str(timeout_s))]
        stdin = json.dumps([asdict(transfer) for transfer in wanted])
        done = client.run(argv, stdin=stdin, timeout_s=timeout_s + 60)
        outcomes = [Outcome(**row) for row in json.loads(done.stdout)]
        if not any(outcome.error for outcome in outcomes):
            for name in ("client", *modes.SERVERS):
                until(f"{name} has closed all", partial(self._has_closed_all, name), 30)
        return outcomes

    def _has_closed_all(self, name: str) -> bool:
        argv = ["ss", "-Htan", "state", "connected", "exclude", "time-wait"]
        return self.net[name].run(argv).stdout == ""

    def end(self) -> dict[str, dict[str, int]]:
        """What each pump did; the captures are whole then."""
        self._end_captures()
        return self._end_pumps()

    def _end_captures(self) -> None:
        """When each file has a last ping, and so all that was before it."""
        for name, (node, address) in LAST_PINGS.items():
            self.net[node].run(["ping", "-c1", "-W5", "-p", PATTERN.hex(), address])
            until(f"the ping in {name}", partial(self._has_last, name), 10)
            self._captures[name].end()
            text = self._captures[name].log_text()
            if "\n0 packets dropped by kernel" not in text:
                raise RuntimeError(f"tcpdump missed frames of {name}: {text}")

    def _has_last(self, name: str) -> bool:
        with self.pcap(name).open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - 10_000))
            return PATTERN * 4 in file.read()

    def _end_pumps(self) -> dict[str, dict[str, int]]:
        for program in self._pumps.values():
            program.end()
        rows = {name: program.log_text() for name, program in self._pumps.items()}
        return {name: json.loads(text.splitlines()[-1]) for name, text in rows.items()}


@contextmanager
def running_lab(n_workers: int, forecast: Forecast, seed: int) -> Iterator[Lab]:
    with Topology(modes.PLAN) as net:
        lab = Lab(net, n_workers, forecast, seed)
        try:
            lab.start()
        except (TimeoutError, RuntimeError) as error:
            error.add_note(lab.director_log())
            raise
        yield lab
