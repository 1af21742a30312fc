"""Scripts for real: order, arguments, failures."""

import asyncio
import os
from pathlib import Path

from keepalivedpy.checkers.notify import Scripts
from keepalivedpy.lvs.effects import Notify


def run(*notifies: Notify, timeout_s: float = 10.0) -> list[str]:
    said: list[str] = []

    async def all_of_them() -> None:
        scripts = Scripts(said.append)
        for notify in notifies:
            scripts.start(notify)
        await scripts.finish(timeout_s)

    asyncio.run(all_of_them())
    return said


def test_scripts_of_one_server_run_in_order_with_their_arguments(tmp_path: Path) -> None:
    out = tmp_path / "out"
    fifo = tmp_path / "fifo"  # the first waits until it is read
    script = f'/bin/sh -c \'printf "%s " "$@" >> {out}\' sh'
    slow = f"/bin/sh -c 'read line < {fifo}; echo slow >> {out}'"
    feed = f"/bin/sh -c 'mkfifo {fifo}; echo go > {fifo}'"
    run(Notify(slow.replace("read", f"while ! test -p {fifo}; do :; done; read"), "VS 1"),
        Notify(script, "VS 1", ("two words", "MASTER")), Notify(feed, "VS 2"))  # fmt: skip
    assert out.read_text() == "slow\ntwo words MASTER "


def test_failures_are_said() -> None:
    said = run(
        Notify("/no/such/script", "a"),
        Notify("/bin/sh -c 'exit 3'", "b"),
        Notify("unbalanced 'quote", "c"),
    )
    assert sorted(said) == [
        "Cannot run script /no/such/script: [Errno 2] No such file or directory: '/no/such/script'",
        "Cannot run script unbalanced 'quote: No closing quotation",
        "Script /bin/sh -c 'exit 3' exited with status 3",
    ]


def test_the_end_does_not_wait_for_ever(tmp_path: Path) -> None:
    assert run(Notify("/bin/sh -c 'read forever'", "a"), timeout_s=5.0) != []  # no input: fails
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    assert run(Notify(f"/bin/sh -c 'read line < {fifo}'", "a"), timeout_s=0.05) == []
    os.close(os.open(fifo, os.O_WRONLY))  # let it go
