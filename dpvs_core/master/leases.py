"""Leases: what a client added goes away some time after its last connection (Hello.lease_ms).

Pure: time is an argument, in seconds of any monotonic clock. A client that comes back under the
same name in time keeps everything. The longest lease of a name's connections counts, until one
of them sets another.
"""

from dataclasses import dataclass, field


@dataclass(slots=True)
class _Client:
    connections: int = 0
    lease_s: float = 0.0
    deadline_s: float | None = None


@dataclass(slots=True)
class Leases:
    _clients: dict[str, _Client] = field(default_factory=dict)

    def connected(self, client: str, lease_ms: int) -> None:
        row = self._clients.setdefault(client, _Client())
        if row.connections == 0:
            row.lease_s = 0.0
        row.connections += 1
        row.lease_s = max(row.lease_s, lease_ms / 1000)
        row.deadline_s = None

    def set_lease(self, client: str, lease_ms: int) -> bool:
        """Another lease for a client that is connected; whether it is another."""
        row = self._clients[client]
        before_s, row.lease_s = row.lease_s, lease_ms / 1000
        return row.lease_s != before_s

    def gone(self, client: str, now_s: float) -> None:
        row = self._clients[client]
        row.connections -= 1
        if row.connections:
            return
        if row.lease_s > 0:
            row.deadline_s = now_s + row.lease_s
        else:
            del self._clients[client]

    def expired(self, now_s: float) -> list[str]:
        """The clients whose lease has run out; each is told once."""
        names = [
            name
            for name, row in self._clients.items()
            if row.deadline_s is not None and row.deadline_s <= now_s
        ]
        for name in names:
            del self._clients[name]
        return names

    def running_out(self, client: str) -> bool:
        """Whether all its connections are gone and its lease has not ended yet."""
        row = self._clients.get(client)
        return row is not None and row.deadline_s is not None

    def end_at(self, client: str, deadline_s: float) -> None:
        """Another end for a lease that is running out, or for one that `expired` has told and
        that could not be carried out; nothing for a client that is connected."""
        row = self._clients.setdefault(client, _Client())
        if row.connections == 0:
            row.deadline_s = deadline_s

    def next_deadline_s(self) -> float | None:
        deadlines = [row.deadline_s for row in self._clients.values() if row.deadline_s is not None]
        return min(deadlines, default=None)
