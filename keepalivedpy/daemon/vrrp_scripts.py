"""Which scripts a VRRP transition runs: notify_STATE first, then notify with its arguments."""

from keepalivedpy.lvs.effects import Notify
from keepalivedpy.model.vrrp import VrrpInstance
from keepalivedpy.vrrp.fsm import State

NAMES = {
    State.MASTER: "MASTER",
    State.BACKUP: "BACKUP",
    State.FAULT: "FAULT",
    State.INIT: "STOP",
}


def scripts(instance: VrrpInstance, new: State, priority: int) -> list[Notify]:
    """Each with the arguments keepalived gives it: `INSTANCE "VI_1" MASTER 100` for notify."""
    by_state = {
        State.MASTER: instance.notify_master,
        State.BACKUP: instance.notify_backup,
        State.FAULT: instance.notify_fault,
        State.INIT: instance.notify_stop,
    }
    args = ("INSTANCE", instance.name, NAMES[new], str(priority))
    both = ((by_state[new], ()), (instance.notify, args))
    return [Notify(script, instance.name, words) for script, words in both if script]
