"""The control server's service: hello and good-bye, leases, and that no request can end dpvs.

A lease ends at its deadline, or at once when another station claims an address that only clients
hold whose connection is gone: the other director has taken over, and two must not answer.
"""

import asyncio
import logging
from dataclasses import dataclass, field

from dpvs_core.control.messages import (
    PROTOCOL_VERSION,
    Code,
    Failure,
    LeaseSet,
    Ok,
    Reply,
    Request,
    Welcome,
)
from dpvs_core.control.server import Peer, Stream
from dpvs_core.master import addresses, routes
from dpvs_core.master.engine import Conflict
from dpvs_core.master.errors import EngineError, Refused
from dpvs_core.master.handlers import Clock, Handlers
from dpvs_core.master.leases import Leases
from dpvs_core.master.links import mac_text
from dpvs_core.master.state import AddrKey, By

END_AGAIN_S = 0.1  # after the core refused to withdraw the addresses of an ended lease


@dataclass(slots=True)
class ControlService:
    """server.Service over Handlers."""

    handlers: Handlers
    clock: Clock
    log: logging.Logger
    leases: Leases = field(default_factory=Leases)
    lease_runs: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when a lease begins to run out; who waits for it clears it."""

    def greet(self, peer: Peer) -> Welcome:
        self.leases.connected(peer.client, peer.lease_ms)
        facts = self.handlers.facts
        return Welcome(
            version=PROTOCOL_VERSION, instance=facts.instance, dpvs_version=facts.dpvs_version,
            pid=facts.pid, uptime_s=facts.uptime_s(),
        )  # fmt: skip

    async def answer(self, peer: Peer, request: Request) -> Reply | Stream:
        try:
            if isinstance(request, LeaseSet):
                return self._set_lease(peer, request)
            return await self.handlers.answer(By(peer.owner, peer.client), request)
        except Refused as refused:
            return refused.failure()
        except EngineError as error:
            return error.refused().failure()
        except Exception:  # a fault of ours must not take the director down
            tag = type(request).__struct_config__.tag
            self.log.exception("%s from %s (pid %d) failed", tag, peer.client, peer.pid)
            return Failure(code=Code.SYSCALL, message="an internal error; see the log of dpvs")

    def gone(self, peer: Peer) -> None:
        self.leases.gone(peer.client, self.clock())
        if self.leases.running_out(peer.client):
            self.lease_runs.set()

    def _set_lease(self, peer: Peer, request: LeaseSet) -> Ok:
        if request.lease_ms < 0:
            raise Refused(Code.INVAL, "a lease is not negative", str(request.lease_ms))
        return Ok(changed=self.leases.set_lease(peer.client, request.lease_ms))

    def end_leases(self) -> None:
        """Take away what clients added whose lease has ended; tried again if the core will not."""
        for client in self.leases.expired(self.clock()):
            draft = self.handlers.draft(By("conf", client))
            n_addresses = addresses.drop_client(draft, client)
            n_routes = routes.drop_client(draft, client)
            try:
                self.handlers.publication.commit_stack(draft)
            except Refused as refused:
                self.leases.end_at(client, self.clock() + END_AGAIN_S)
                self.log.error("the lease of %s has ended, but %s", client, refused.message)
                continue
            self.log.warning(
                "the lease of %s has ended: removed its %d addresses, %d routes",
                client, n_addresses, n_routes,
            )  # fmt: skip

    def heed_claims(self) -> None:
        """Log what the core has heard of others that use our addresses, and end leases: also of
        those clients whose place another director has taken."""
        try:
            for row in self.handlers.engine.conflicts():
                self._heed(row)
        finally:
            self.end_leases()

    def _heed(self, row: Conflict) -> None:
        state, now_s = self.handlers.state, self.clock()
        key = AddrKey(state.devices[row.dev].name, row.ip)
        if not state.in_use(key):
            return  # given up since
        address = state.addresses[key]
        line = self.handlers.claims.heard(key, row.mac, now_s)
        if line:
            self.log.warning("%s", line)
        holders = set(address.owners.values())
        if address.pinned or not all(map(self.leases.running_out, holders)):
            return
        for client in holders:
            self.log.warning(
                "%s has taken over %s while %s is gone: its lease ends now",
                mac_text(row.mac), row.ip, client,
            )  # fmt: skip
            self.leases.end_at(client, now_s)
