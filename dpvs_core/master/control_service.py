"""The control server's service: hello and good-bye, leases, and that no request can end dpvs."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field

from dpvs_core.control.messages import PROTOCOL_VERSION, Code, Failure, Reply, Request, Welcome
from dpvs_core.control.server import Peer, Stream
from dpvs_core.master import addresses, routes
from dpvs_core.master.errors import EngineError, Refused
from dpvs_core.master.handlers import Clock, Handlers
from dpvs_core.master.leases import Leases
from dpvs_core.master.state import By

Log = Callable[[str], None]


@dataclass(slots=True)
class ControlService:
    """server.Service over Handlers."""

    handlers: Handlers
    clock: Clock
    log: logging.Logger
    leases: Leases = field(default_factory=Leases)

    def greet(self, peer: Peer) -> Welcome:
        self.leases.connected(peer.client, peer.lease_ms)
        facts = self.handlers.facts
        return Welcome(
            version=PROTOCOL_VERSION, instance=facts.instance, dpvs_version=facts.dpvs_version,
            pid=facts.pid, uptime_s=facts.uptime_s(),
        )  # fmt: skip

    async def answer(self, peer: Peer, request: Request) -> Reply | Stream:
        try:
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

    async def end_leases(self) -> None:
        """Take away what clients added whose lease has run out."""
        for client in self.leases.expired(self.clock()):
            draft = self.handlers.draft(By("conf", client))
            n_addresses = addresses.drop_client(draft, client)
            n_routes = routes.drop_client(draft, client)
            await self.handlers.publication.commit(draft)
            self.log.warning(
                "%s has been gone for longer than its lease: removed its %d addresses, %d routes",
                client, n_addresses, n_routes,
            )  # fmt: skip
