import pytest

from keepalivedpy.daemon.vrrp_scripts import scripts
from keepalivedpy.lvs.effects import Notify
from keepalivedpy.model.script import Script
from keepalivedpy.model.vrrp import VrrpInstance
from keepalivedpy.vrrp.fsm import State

INSTANCE = VrrpInstance(
    name="VI_1",
    interface="eth0",
    virtual_router_id=51,
    notify_master=Script("/m"),
    notify_backup=Script("/b"),
    notify_fault=Script("/f"),
    notify_stop=Script("/s"),
    notify=Script("/all --x"),
)
ROWS = [
    (State.MASTER, "/m", "MASTER"), (State.BACKUP, "/b", "BACKUP"),
    (State.FAULT, "/f", "FAULT"), (State.INIT, "/s", "STOP"),
]  # fmt: skip


@pytest.mark.parametrize("state, own, name", ROWS)
def test_the_states_own_script_first(state: State, own: str, name: str) -> None:
    assert scripts(INSTANCE, state, 100) == [
        Notify(Script(own), "VI_1"),
        Notify(Script("/all --x"), "VI_1", ("INSTANCE", "VI_1", name, "100")),
    ]


def test_without_scripts_nothing_runs() -> None:
    plain = VrrpInstance(name="VI_1", interface="eth0", virtual_router_id=51)
    assert scripts(plain, State.MASTER, 100) == []
