"""Runs the scripts of servers and quorums: those of one virtual server one after another.

A script runs as the user it is given (`identity.py`), with the daemon's environment and no input;
how it ends is only logged.
"""

import asyncio
import shlex
import subprocess
from collections.abc import Callable

from keepalivedpy.checkers.identity import identity
from keepalivedpy.lvs.effects import Notify
from keepalivedpy.model.script import ScriptUser


class Scripts:
    """`start` returns at once; scripts of different virtual servers run side by side.

    script_user   who runs those that name nobody (global_defs)
    """

    def __init__(self, log: Callable[[str], None]) -> None:
        self.script_user: ScriptUser | None = None
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
        command = notify.script.command
        try:
            words = shlex.split(command)
            process = await asyncio.create_subprocess_exec(
                *words,
                *notify.args,
                stdin=asyncio.subprocess.DEVNULL,
                start_new_session=True,
                **identity(notify.script.run_as, self.script_user),
            )
            status = await process.wait()
        except (OSError, ValueError, LookupError, subprocess.SubprocessError) as error:
            self._log(f"Cannot run script {command}: {error}")
            return
        if status != 0:
            self._log(f"Script {command} exited with status {status}")
