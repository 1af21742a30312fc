"""Sends orders to the core: changes as one batch, announcements without waiting for each other.

What the core refuses is logged and remembered; the rest of its batch is done all the same.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import TypeVar

from dpvs_core.control.aclient import AsyncClient
from dpvs_core.control.client import CoreError
from dpvs_core.control.codec import DecodeError
from dpvs_core.control.messages import (
    AddrAdd,
    Batch,
    BatchDone,
    GarpSend,
    LeaseSet,
    Ok,
    Request,
    RouteAdd,
)
from keepalivedpy.vrrp.core_orders import (
    Change,
    Key,
    Order,
    addr_key,
    is_so_already,
    key_of,
    words,
)

UNANSWERED_S = 5.0
MAX_BATCH = 4000  # changes in one request

R = TypeVar("R")


class Sender:
    """Everything may raise OSError: the connection is gone, and what was sent may be done or not.

    `is_held` tells which addresses are still worth an announcement. `unanswered` is a sentence
    while the core has owed an answer for UNANSWERED_S, else "".
    """

    def __init__(
        self, log: Callable[[str], None], client: AsyncClient, is_held: Callable[[Key], bool]
    ) -> None:
        self.unanswered = ""
        self._log, self._client, self._is_held = log, client, is_held
        self.refused: dict[Key, str] = {}  # the last answer; may be released meanwhile

    def complaints(self) -> list[str]:
        """What the core does not take of what is held, and why."""
        return [why for key, why in self.refused.items() if self._is_held(key)]

    async def changes(self, changes: Sequence[Change]) -> None:
        """Whole or not at all; if refused, in halves, so that what can be done is done."""
        for start in range(0, len(changes), MAX_BATCH):
            await self._batch(changes[start : start + MAX_BATCH])

    async def garps(self, garps: Sequence[GarpSend]) -> None:
        """All at once; the core sends them in this order."""
        await asyncio.gather(*map(self._garp, garps))

    async def lease(self, order: LeaseSet) -> None:
        await self._one(order)

    async def call(self, request: Request, reply: type[R]) -> R:
        """As AsyncClient.call; says so, once, when the answer does not come."""
        loop = asyncio.get_running_loop()
        patience = loop.call_later(UNANSWERED_S, self._say_unanswered, request)
        try:
            answer = await self._client.call(request, reply)
        except CoreError:
            self._heard()
            raise
        finally:
            patience.cancel()
        self._heard()
        return answer

    def disconnected(self) -> None:
        """Nothing is waited for any more."""
        self.unanswered = ""

    async def _batch(self, changes: Sequence[Change]) -> None:
        if len(changes) == 1:
            await self._one(changes[0])
            return
        try:
            await self.call(Batch(requests=list(changes)), BatchDone)
        except CoreError:
            middle = len(changes) // 2
            await self._batch(changes[:middle])
            await self._batch(changes[middle:])
        else:
            for change in changes:
                self._taken(change)

    async def _garp(self, garp: GarpSend) -> None:
        """One address that is refused does not silence the others of its request."""
        keys = [(addr, addr_key(garp.dev, addr)) for addr in garp.addrs]
        addrs = [addr for addr, key in keys if self._is_held(key) and key not in self.refused]
        if len(addrs) > 1:
            try:
                await self.call(GarpSend(dev=garp.dev, addrs=tuple(addrs)), Ok)
                return
            except CoreError:
                pass
        for addr in addrs:
            await self._one(GarpSend(dev=garp.dev, addrs=(addr,)))

    async def _one(self, order: Order) -> None:
        try:
            await self.call(order, Ok)
        except CoreError as refused:
            if not is_so_already(order, refused.code):
                self._log(f"dpvs refused {words(order)}: {refused}")
                if isinstance(order, AddrAdd | RouteAdd):
                    self.refused[key_of(order)] = f"{words(order)}: {refused}"
                return
        except DecodeError as error:
            self._log(f"dpvs answered {words(order)} with nonsense: {error}")
            return
        self._taken(order)

    def _taken(self, order: Order) -> None:
        if isinstance(order, AddrAdd | RouteAdd):
            self.refused.pop(key_of(order), None)

    def _say_unanswered(self, request: Request) -> None:
        if not self.unanswered:
            tag = type(request).__struct_config__.tag
            self.unanswered = f"dpvs has not answered {tag} for {UNANSWERED_S:g} s"
            self._log(self.unanswered)

    def _heard(self) -> None:
        if self.unanswered:
            self.unanswered = ""
            self._log("dpvs answers again")
