"""One virtual router: the state machine with its timers, its counters and its configuration.

Pure: `handle(event, now_us)` returns what is to be done, in order; `next_deadline_us` says when
to call it with a Tick. Times are of any monotonic clock, in microseconds. Knows no socket.
"""

import socket
from typing import NamedTuple

from keepalivedpy.model.vrrp import VrrpInstance
from keepalivedpy.vrrp import addresses, auth, checks, fitness, log_words
from keepalivedpy.vrrp.datagram import Datagram
from keepalivedpy.vrrp.events import (
    AddVips,
    Announce,
    DelVips,
    Effect,
    Event,
    Faults,
    GroupWants,
    Log,
    Received,
    SendAdvert,
    Shutdown,
    StateChanged,
    Tick,
)
from keepalivedpy.vrrp.fsm import NOBODY, Input, Peer, Say, Self, State, Step, transition
from keepalivedpy.vrrp.garp_schedule import GarpSchedule
from keepalivedpy.vrrp.intervals import (
    DOWN_TIMER_ADVERTS,
    STOP_PRIORITY,
    advert_interval_us,
    master_down_us,
    skew_us,
)
from keepalivedpy.vrrp.packet import Advert, DecodeError
from keepalivedpy.vrrp.statistics import Statistics


class Heard(NamedTuple):
    """An advert that counts, and what was found out about it."""

    datagram: Datagram
    advert: Advert
    peer: Peer
    complaint: str  # about its addresses


class Router:
    """Reads like its tables: fsm.py decides, `_STEPS` turns its steps into effects."""

    def __init__(self, instance: VrrpInstance) -> None:
        self.instance = instance
        self._addresses = addresses.all_addresses(instance)
        self.state = State.INIT
        self.statistics = Statistics()
        self.source = ""
        self.faults: frozenset[str] = frozenset()
        self.master: tuple[str, int] | None = None  # address and priority of the last we accepted
        self.waits_for_group = False  # set by the sync group before a Tick
        self.in_group = False
        self.wants_master = False  # our timer ran out, the sync group held us back
        self.changed_at_us = 0
        self.why = ""  # the last change of state, in words
        self._master_adver_us = self._own_adver_us
        self._deadline_us: int | None = None
        self._delay_end_us: int | None = None  # preempt_delay, once it has begun
        self._advert_sent_us = 0
        self._elected_until_us = 0  # before it, no peer's Master_Down_Timer can have run out
        self._garp = GarpSchedule()
        self._last_rejected: tuple[str, str] | None = None
        self._list_complaint = ""
        self._heard: Heard | None = None  # the last advert that counted: most are the same again
        self._adverts: dict[tuple[int, str], SendAdvert] = {}  # by priority and source

    @property
    def priority(self) -> int:
        return self.instance.priority

    @property
    def _own_adver_us(self) -> int:
        return advert_interval_us(self.instance.version, self.instance.advert_int_us)

    def next_deadline_us(self) -> int | None:
        """When handle(Tick()) must be called next; None: not before another event."""
        deadline_us, garp_us = self._deadline_us, self._garp.next_deadline_us()
        if deadline_us is None or garp_us is None:
            return garp_us if deadline_us is None else deadline_us
        return min(deadline_us, garp_us)

    def handle(self, event: Event, now_us: int) -> list[Effect]:
        """What to do because of `event`; the order matters: adverts come first."""
        match event:
            case Received(datagram):
                return self._receive(datagram, now_us)
            case Tick():
                return self._tick(now_us)
            case Faults():
                return self._judge_faults(event, now_us)
            case GroupWants(state, why):
                wanted = Input.GROUP_MASTER if state is State.MASTER else Input.GROUP_BACKUP
                return self._input(wanted, now_us, why=why)
            case Shutdown():
                return self._input(Input.STOP, now_us, why="stopped")

    def reconfigure(self, instance: VrrpInstance, now_us: int) -> list[Effect]:
        """Take a new configuration of the same virtual router; the state is kept.

        A MASTER sends at once, adds and removes the addresses that differ and announces the new
        ones; a BACKUP's running timer is re-scaled to the new priority.
        """
        was_down_us = self._master_down_us()
        old, self.instance = self.instance, instance
        self._addresses = addresses.all_addresses(instance)
        self._heard, self._adverts = None, {}
        if self.state is not State.MASTER:
            if instance.version == 2 or self.master is None:
                self._master_adver_us = self._own_adver_us
            if self._deadline_us is not None:
                self._deadline_us += self._master_down_us() - was_down_us
            return []
        self._master_adver_us = self._own_adver_us
        effects = self._carry_out((Step.SEND_ADVERT, Step.ARM_ADVER), now_us)
        return effects + addresses.changes(old, instance)

    # --- events ---------------------------------------------------------------------------

    def _receive(self, datagram: Datagram, now_us: int) -> list[Effect]:
        self.statistics.advert_rcvd += 1
        heard = self._heard
        if heard is None or heard.datagram != datagram:
            try:
                advert = checks.accept(datagram, self.instance)
            except DecodeError as error:
                return self._reject(error, datagram.src)
            peer = Peer(advert.priority, socket.inet_aton(datagram.src))
            heard = Heard(datagram, advert, peer, self._address_list_complaint(advert))
            self._heard = heard
        self._last_rejected = None
        self.statistics.pri_zero_rcvd += heard.advert.priority == STOP_PRIORITY
        effects = self._input(Input.ADVERT, now_us, heard.peer, heard)
        return effects + self._complain(heard.complaint)

    def _reject(self, error: DecodeError, src: str) -> list[Effect]:
        """Count always, say it once until something else comes (a flood must not fill the log)."""
        self.statistics.count(error.counter)
        if self._last_rejected == (error.counter, src):
            return []
        self._last_rejected = (error.counter, src)
        return [Log(error.text)]

    def _address_list_complaint(self, advert: Advert) -> str:
        ours, theirs = self._advert_addresses(), advert.addresses
        if len(ours) != len(theirs):
            return f"expected {len(ours)} VIPs but received {len(theirs)}"
        if missing := sorted(set(ours) - set(theirs)):
            return (
                f"ip address associated with VRID {self.instance.virtual_router_id} "
                f"not present in MASTER advert: {missing[0]}"
            )
        return ""

    def _complain(self, text: str) -> list[Effect]:
        self.statistics.addr_list_err += bool(text)
        said, self._list_complaint = self._list_complaint, text
        return [Log(text)] if text and text != said else []

    def _tick(self, now_us: int) -> list[Effect]:
        effects: list[Effect] = []
        if self._deadline_us is not None and now_us >= self._deadline_us:
            effects += self._input(Input.TIMER, now_us)
        if n_repeat := self._garp.due(self.instance, now_us):
            effects.append(Announce(self._addresses, n_repeat))
        return effects

    def _judge_faults(self, found: Faults, now_us: int) -> list[Effect]:
        old, self.faults = self.faults, found.all
        if not self.faults:
            self.source = found.source
            why = "start" if self.state is State.INIT else "nothing is wrong any more"
            return self._input(Input.READY, now_us, why=why)
        self._note_election(found)
        why = ", ".join(sorted(self.faults))
        effects = self._input(Input.BROKEN, now_us, why=why)  # stops from the old source
        self.source = found.source
        return log_after_adverts([Log(cause) for cause in sorted(self.faults - old)], effects)

    def _note_election(self, found: Faults) -> None:
        """The core behind dpdk_interface died under a MASTER: its link is down, so no advert of
        priority 0 left, and every peer waits out three intervals since our last advert. Back
        before that, we are MASTER still (for an ordinary interface keepalived's way holds: the
        full timer)."""
        if self.state is not State.MASTER:
            return
        core_died = fitness.own_core_died(self.instance, found)
        window_us = DOWN_TIMER_ADVERTS * self._own_adver_us
        self._elected_until_us = self._advert_sent_us + window_us if core_died else 0

    # --- the table ------------------------------------------------------------------------

    def _input(
        self,
        happened: Input,
        now_us: int,
        peer: Peer = NOBODY,
        heard: Heard | None = None,
        why: str = "",
    ) -> list[Effect]:
        """`why` explains a new state where the row's own words do not."""
        me = self._self(now_us)
        row = transition(self.state, happened, me, peer)
        said: list[Effect] = []
        if row.say is not Say.NOTHING:
            words = log_words.row_words(row.say, me, peer, heard.datagram.src if heard else "")
            said.append(Log(words))
            why = why or words
        if row.next is not self.state:
            said += self._enter(row.next, now_us, why)
        return log_after_adverts(said, self._carry_out(row.steps, now_us, heard))

    def _enter(self, new: State, now_us: int, why: str) -> list[Effect]:
        old, self.state, self.changed_at_us, self.why = self.state, new, now_us, why
        self.statistics.become_master += new is State.MASTER
        self.statistics.release_master += old is State.MASTER
        if old is State.MASTER:
            self._garp.clear()
        if new is State.MASTER:
            self._master_adver_us = self._own_adver_us
        words = log_words.state_words(old, new)
        said: list[Effect] = [Log(words)] if words else []
        return [*said, StateChanged(old, new, self.priority)]

    def _self(self, now_us: int) -> Self:
        delay_us = self.instance.preempt_delay_us
        end_us = self._delay_end_us
        return Self(
            priority=self.priority,
            address=socket.inet_aton(self.source) if self.source else b"",
            preempt=not self.instance.nopreempt,
            delay_pending=bool(delay_us) and (end_us is None or now_us < end_us),
            still_elected=now_us < self._elected_until_us and not self.in_group,
            waits_for_group=self.waits_for_group,
            lower_prio_no_advert=self.instance.lower_prio_no_advert,
            higher_prio_send_advert=self.instance.higher_prio_send_advert,
        )

    def _carry_out(
        self, steps: tuple[Step, ...], now_us: int, heard: Heard | None = None
    ) -> list[Effect]:
        done = [_STEPS[step](self, now_us, heard) for step in steps]
        return [effect for effect in done if effect is not None]

    # --- steps: each does its own part of the state and returns what others must do ----------

    def _send_advert(self, now_us: int, _heard: Heard | None) -> Effect:
        self._advert_sent_us = now_us
        return self._advert(self.priority)

    def _send_stop(self, _now_us: int, _heard: Heard | None) -> Effect:
        self.statistics.pri_zero_sent += 1
        return self._advert(STOP_PRIORITY)

    def _add_vips(self, _now_us: int, _heard: Heard | None) -> Effect:
        return AddVips(self._addresses, self.instance.virtual_routes)

    def _del_vips(self, _now_us: int, _heard: Heard | None) -> Effect:
        return DelVips(self._addresses, self.instance.virtual_routes)

    def _announce(self, now_us: int, _heard: Heard | None) -> Effect | None:
        return self._announcement(self._garp.became_master(self.instance, now_us))

    def _announce_lower(self, now_us: int, _heard: Heard | None) -> Effect | None:
        return self._announcement(self._garp.saw_lower(self.instance, now_us))

    def _arm_adver(self, now_us: int, _heard: Heard | None) -> None:
        self._deadline_us = self._next_advert_us(now_us)

    def _arm_master_down(self, now_us: int, _heard: Heard | None) -> None:
        self._deadline_us = now_us + self._master_down_us()

    def _arm_skew(self, now_us: int, _heard: Heard | None) -> None:
        version = self.instance.version
        self._deadline_us = now_us + skew_us(version, self.priority, self._master_adver_us)

    def _disarm(self, _now_us: int, _heard: Heard | None) -> None:
        self._deadline_us = None

    def _learn_master(self, _now_us: int, heard: Heard | None) -> Effect | None:
        if heard is None:  # no such row: only an advert teaches
            return None
        advert = heard.advert
        self.master = (heard.datagram.src, advert.priority)
        if advert.version == 2 or advert.adver_int_us in (0, self._master_adver_us):
            return None
        old_ms, self._master_adver_us = self._master_adver_us // 1000, advert.adver_int_us
        new_ms = advert.adver_int_us // 1000
        return Log(f"advertisement interval updated from {old_ms}ms to {new_ms}ms by master")

    def _forget_master(self, _now_us: int, _heard: Heard | None) -> None:
        self.master, self._master_adver_us = None, self._own_adver_us

    def _start_delay(self, now_us: int, _heard: Heard | None) -> None:
        if self._delay_end_us is None:
            self._delay_end_us = now_us + self.instance.preempt_delay_us

    def _clear_delay(self, _now_us: int, _heard: Heard | None) -> None:
        self._delay_end_us = None

    def _wish(self, _now_us: int, _heard: Heard | None) -> None:
        self.wants_master = True

    def _drop_wish(self, _now_us: int, _heard: Heard | None) -> None:
        self.wants_master = False

    # --- times and adverts ----------------------------------------------------------------

    def _announcement(self, n_repeat: int) -> Effect | None:
        return Announce(self._addresses, n_repeat) if n_repeat else None

    def _next_advert_us(self, now_us: int) -> int:
        """One interval after the advert that was due, so that lateness does not add up."""
        due_us, interval_us = self._deadline_us, self._own_adver_us
        if self.state is State.MASTER and due_us is not None and 0 <= now_us - due_us < interval_us:
            return due_us + interval_us
        return now_us + interval_us

    def _master_down_us(self) -> int:
        return master_down_us(self.instance.version, self.priority, self._master_adver_us)

    def _advert(self, priority: int) -> SendAdvert:
        self.statistics.advert_sent += 1
        key = (priority, self.source)
        if key not in self._adverts:
            self._adverts[key] = SendAdvert(self._new_advert(priority), self.source)
        return self._adverts[key]

    def _new_advert(self, priority: int) -> Advert:
        auth_type, auth_data = auth.fields(
            self.instance.authentication if self.instance.version == 2 else None
        )
        return Advert(
            version=self.instance.version,
            vrid=self.instance.virtual_router_id,
            priority=priority,
            adver_int_us=self._own_adver_us,
            addresses=self._advert_addresses(),
            auth_type=auth_type,
            auth_data=auth_data,
        )

    def _advert_addresses(self) -> tuple[str, ...]:
        return tuple(vip.addr for vip in self.instance.virtual_ipaddress)


_STEPS = {
    Step.SEND_ADVERT: Router._send_advert,
    Step.SEND_STOP: Router._send_stop,
    Step.ADD_VIPS: Router._add_vips,
    Step.DEL_VIPS: Router._del_vips,
    Step.ANNOUNCE: Router._announce,
    Step.ANNOUNCE_LOWER: Router._announce_lower,
    Step.ARM_ADVER: Router._arm_adver,
    Step.ARM_MASTER_DOWN: Router._arm_master_down,
    Step.ARM_SKEW: Router._arm_skew,
    Step.DISARM: Router._disarm,
    Step.LEARN_MASTER: Router._learn_master,
    Step.FORGET_MASTER: Router._forget_master,
    Step.START_DELAY: Router._start_delay,
    Step.CLEAR_DELAY: Router._clear_delay,
    Step.WISH: Router._wish,
    Step.DROP_WISH: Router._drop_wish,
}


def log_after_adverts(said: list[Effect], effects: list[Effect]) -> list[Effect]:
    """Nothing comes before an advert, whatever a log line or a script costs."""
    if not said:
        return effects
    n = 0
    while n < len(effects) and isinstance(effects[n], SendAdvert):
        n += 1
    return effects[:n] + said + effects[n:]
