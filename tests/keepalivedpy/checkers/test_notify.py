"""Scripts for real: order, arguments, failures."""

import asyncio
import os
import tempfile
from pathlib import Path

import pytest

from keepalivedpy.checkers.notify import Scripts
from keepalivedpy.lvs.effects import Notify
from keepalivedpy.model.script import Script, ScriptUser


def run(
    *notifies: Notify, timeout_s: float = 10.0, script_user: ScriptUser | None = None
) -> list[str]:
    said: list[str] = []

    async def all_of_them() -> None:
        scripts = Scripts(said.append)
        scripts.script_user = script_user
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
    run(
        Notify(Script(slow.replace("read", f"while ! test -p {fifo}; do :; done; read")), "VS 1"),
        Notify(Script(script), "VS 1", ("two words", "MASTER")),
        Notify(Script(feed), "VS 2"),
    )
    assert out.read_text() == "slow\ntwo words MASTER "


def test_failures_are_said() -> None:
    said = run(
        Notify(Script("/no/such/script"), "a"),
        Notify(Script("/bin/sh -c 'exit 3'"), "b"),
        Notify(Script("unbalanced 'quote"), "c"),
    )
    assert sorted(said) == [
        "Cannot run script /no/such/script: [Errno 2] No such file or directory: '/no/such/script'",
        "Cannot run script unbalanced 'quote: No closing quotation",
        "Script /bin/sh -c 'exit 3' exited with status 3",
    ]


def test_the_end_does_not_wait_for_ever(tmp_path: Path) -> None:
    no_input = Script("/bin/sh -c 'read forever'")
    assert run(Notify(no_input, "a"), timeout_s=5.0) != []
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    assert run(Notify(Script(f"/bin/sh -c 'read line < {fifo}'"), "a"), timeout_s=0.05) == []
    os.close(os.open(fifo, os.O_WRONLY))  # let it go


AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root runs scripts as somebody else")
WHO = "/bin/sh -c 'echo $(id -un) $(id -gn) $(id -Gn) >> {}'"


@AS_ROOT
@pytest.mark.parametrize(
    "user, group, script_user, expected",
    [
        ("nobody", None, None, "nobody nogroup nogroup"),
        ("nobody", "daemon", None, "nobody daemon daemon"),
        (None, None, ScriptUser("nobody"), "nobody nogroup nogroup"),
        (None, None, ScriptUser("daemon", "nogroup"), "daemon nogroup nogroup"),
        ("root", None, ScriptUser("nobody"), "root root root"),
    ],
)
def test_a_script_runs_as_its_user(
    user: str | None, group: str | None, script_user: ScriptUser | None, expected: str
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out"
        os.chmod(folder, 0o777)
        who = Script(WHO.format(out), user, group)
        assert run(Notify(who, "a"), script_user=script_user) == []
        assert out.read_text().strip() == expected


@pytest.mark.parametrize(
    "script, reason",
    [
        (Script("/bin/true", "no-such-user"), "there is no user no-such-user"),
        (Script("/bin/true", "nobody", "no-such-group"), "there is no group no-such-group"),
    ],
)
def test_a_script_of_nobody_known_does_not_run(script: Script, reason: str) -> None:
    assert run(Notify(script, "a")) == [f"Cannot run script /bin/true: {reason}"]
