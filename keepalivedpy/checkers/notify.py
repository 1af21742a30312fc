"""Runs the scripts of servers and quorums: those of one virtual server one after another.

A script gets the daemon's environment and no input; how it ends is only logged.
"""

import asyncio
import shlex
from collections.abc import Callable

from keepalivedpy.lvs.effects import Notify


class Scripts:
    """`start` returns at once; scripts of different virtual servers run side by side."""

    def __init__(self, log: Callable[[str], None]) -> None:
        self._log = log
        self._last: dict[str, asyncio.Task[None]] = {}

    def start(self, notify: Notify) -> None:
        before = self._last.get(notify.serial)
        task = asyncio.create_task(self._run(notify, before))
        self._last[notify.serial] = task

    async def finish(self, timeout_s: float) -> None:
        """Wait for the scripts under way, at most `timeout_s`; those still running go on."""
        running = [task for task in self._last.values() if not task.done()]
        if running:
            await asyncio.wait(running, timeout=timeout_s)

    async def _run(self, notify: Notify, before: asyncio.Task[None] | None) -> None:
        if before is not None:
            await asyncio.wait([before])
        try:
            words = shlex.split(notify.command)
            process = await asyncio.create_subprocess_exec(
                *words, *notify.args, stdin=asyncio.subprocess.DEVNULL, start_new_session=True
            )
            status = await process.wait()
        except (OSError, ValueError) as error:
            self._log(f"Cannot run script {notify.command}: {error}")
            return
        if status != 0:
            self._log(f"Script {notify.command} exited with status {status}")
