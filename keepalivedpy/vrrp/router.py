"""One virtual router: the state machine with its timers, its counters and its configuration.

Pure: `handle(event, now_us)` returns what is to be done, in order; `next_deadline_us` says when
to call it with a Tick. Times are of any monotonic clock, in microseconds. Knows no socket.
"""

import socket

from keepalivedpy.model.vrrp import VirtualAddress, VrrpInstance
from keepalivedpy.vrrp import auth, checks, fitness, log_words
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
from keepalivedpy.vrrp.fsm import NOBODY, Input, Peer, Self, State, Step, transition
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


class Router:
    """Reads like its tables: fsm.py decides, `_carry_out` turns steps into effects."""

    def __init__(self, instance: VrrpInstance) -> None:
        self.instance = instance
        self.state = State.INIT
        self.statistics = Statistics()
        self.source = ""
        self.faults: frozenset[str] = frozenset()
        self.master: tuple[str, int] | None = None  # address and priority of the last we accepted
        self.waits_for_group = False  # set by the sync group before a Tick
        self.in_group = False
        self.wants_master = False  # our timer ran out, the sync group held us back
        self.changed_at_us = 0
        self._master_adver_us = self._own_adver_us
        self._deadline_us: int | None = None
        self._delay_end_us: int | None = None  # preempt_delay, once it has begun
        self._advert_sent_us = 0
        self._elected_until_us = 0  # before it, no peer's Master_Down_Timer can have run out
        self._garp = GarpSchedule()
        self._last_rejected: tuple[str, str] | None = None
        self._list_complaint = ""

    @property
    def priority(self) -> int:
        return self.instance.priority

    @property
    def _own_adver_us(self) -> int:
        return advert_interval_us(self.instance.version, self.instance.advert_int_us)

    def next_deadline_us(self) -> int | None:
        """When handle(Tick()) must be called next; None: not before another event."""
        return min(
            (at for at in (self._deadline_us, self._garp.next_deadline_us()) if at is not None),
            default=None,
        )

    def handle(self, event: Event, now_us: int) -> list[Effect]:
        """What to do because of `event`; the order matters."""
        match event:
            case Received(datagram):
                return self._receive(datagram, now_us)
            case Tick():
                return self._tick(now_us)
            case Faults(causes, source):
                return self._judge_faults(causes, source, now_us)
            case GroupWants(state):
                wanted = Input.GROUP_MASTER if state is State.MASTER else Input.GROUP_BACKUP
                return self._input(wanted, now_us)
            case Shutdown():
                return self._input(Input.STOP, now_us)

    def reconfigure(self, instance: VrrpInstance, now_us: int) -> list[Effect]:
        """Take a new configuration of the same virtual router; the state is kept.

        A MASTER sends at once, adds and removes the addresses that differ and announces the new
        ones; a BACKUP's running timer is re-scaled to the new priority.
        """
        was_down_us = self._master_down_us()
        old, self.instance = self.instance, instance
        if self.state is not State.MASTER:
            if instance.version == 2 or self.master is None:
                self._master_adver_us = self._own_adver_us
            if self._deadline_us is not None:
                self._deadline_us += self._master_down_us() - was_down_us
            return []
        self._master_adver_us = self._own_adver_us
        effects = self._carry_out((Step.SEND_ADVERT, Step.ARM_ADVER), NOBODY, now_us)
        return effects + _address_changes(old, instance)

    # --- events ---------------------------------------------------------------------------

    def _receive(self, datagram: Datagram, now_us: int) -> list[Effect]:
        self.statistics.advert_rcvd += 1
        try:
            advert = checks.accept(datagram, self.instance)
        except DecodeError as error:
            return self._reject(error, datagram.src)
        self._last_rejected = None
        if advert.priority == STOP_PRIORITY:
            self.statistics.pri_zero_rcvd += 1
        peer = Peer(advert.priority, socket.inet_aton(datagram.src))
        complaint = self._address_list_complaint(advert)
        return complaint + self._input(Input.ADVERT, now_us, peer, (advert, datagram.src))

    def _reject(self, error: DecodeError, src: str) -> list[Effect]:
        """Count always, say it once until something else comes (a flood must not fill the log)."""
        self.statistics.count(error.counter)
        if self._last_rejected == (error.counter, src):
            return []
        self._last_rejected = (error.counter, src)
        return [Log(error.text)]

    def _address_list_complaint(self, advert: Advert) -> list[Effect]:
        ours, theirs = self._advert_addresses(), advert.addresses
        text = ""
        if len(ours) != len(theirs):
            text = f"expected {len(ours)} VIPs but received {len(theirs)}"
        elif missing := sorted(set(ours) - set(theirs)):
            text = (
                f"ip address associated with VRID {self.instance.virtual_router_id} "
                f"not present in MASTER advert: {missing[0]}"
            )
        self.statistics.addr_list_err += bool(text)
        said, self._list_complaint = self._list_complaint, text
        return [Log(text)] if text and text != said else []

    def _tick(self, now_us: int) -> list[Effect]:
        effects: list[Effect] = []
        if self._deadline_us is not None and now_us >= self._deadline_us:
            effects += self._input(Input.TIMER, now_us)
        if n_repeat := self._garp.due(self.instance, now_us):
            effects.append(Announce(_all_addresses(self.instance), n_repeat))
        return effects

    def _judge_faults(self, causes: frozenset[str], source: str, now_us: int) -> list[Effect]:
        old, self.faults = self.faults, causes
        new_words: list[Effect] = [Log(cause) for cause in sorted(causes - old)]
        if causes:
            self._note_election(causes)
            effects = self._input(Input.BROKEN, now_us)  # the old source may still serve to stop
            self.source = source
            return new_words + effects
        self.source = source
        return self._input(Input.READY, now_us)

    def _note_election(self, causes: frozenset[str]) -> None:
        """The core behind dpdk_interface died under a MASTER: its link is down, so no advert of
        priority 0 left, and every peer waits out three intervals since our last advert. Back
        before that, we are MASTER still (for an ordinary interface keepalived's way holds: the
        full timer)."""
        if self.state is not State.MASTER:
            return
        core_died = self.instance.dpdk_interface and fitness.only_own_link(self.instance, causes)
        window_us = DOWN_TIMER_ADVERTS * self._own_adver_us
        self._elected_until_us = self._advert_sent_us + window_us if core_died else 0

    # --- the table ------------------------------------------------------------------------

    def _input(
        self,
        happened: Input,
        now_us: int,
        peer: Peer = NOBODY,
        heard: tuple[Advert, str] | None = None,
    ) -> list[Effect]:
        me = self._self(now_us)
        row = transition(self.state, happened, me, peer)
        words = log_words.row_words(row.say, me, peer, heard[1] if heard else "")
        effects: list[Effect] = [Log(words)] if words else []
        changed = row.next is not self.state
        if changed:
            effects += self._enter(row.next, now_us)
        return effects + self._carry_out(row.steps, peer, now_us, heard)

    def _enter(self, new: State, now_us: int) -> list[Effect]:
        old, self.state, self.changed_at_us = self.state, new, now_us
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
        self,
        steps: tuple[Step, ...],
        peer: Peer,
        now_us: int,
        heard: tuple[Advert, str] | None = None,
    ) -> list[Effect]:
        effects: list[Effect] = []
        instance = self.instance
        for step in steps:
            match step:
                case Step.SEND_ADVERT:
                    self._advert_sent_us = now_us
                    effects.append(self._advert(self.priority))
                case Step.SEND_STOP:
                    effects.append(self._advert(STOP_PRIORITY))
                    self.statistics.pri_zero_sent += 1
                case Step.ADD_VIPS:
                    effects.append(AddVips(_all_addresses(instance), instance.virtual_routes))
                case Step.DEL_VIPS:
                    effects.append(DelVips(_all_addresses(instance), instance.virtual_routes))
                case Step.ANNOUNCE:
                    n_repeat = self._garp.became_master(instance, now_us)
                    effects.append(Announce(_all_addresses(instance), n_repeat))
                case Step.ANNOUNCE_LOWER:
                    n_repeat = self._garp.saw_lower(instance, now_us)
                    effects.append(Announce(_all_addresses(instance), n_repeat))
                case Step.LEARN_MASTER if heard is not None:
                    effects += self._learn(*heard)
                case _:
                    self._set_own(step, now_us)
        return effects

    def _set_own(self, step: Step, now_us: int) -> None:
        match step:
            case Step.ARM_ADVER:
                self._deadline_us = self._next_advert_us(now_us)
            case Step.ARM_MASTER_DOWN:
                self._deadline_us = now_us + self._master_down_us()
            case Step.ARM_SKEW:
                version = self.instance.version
                self._deadline_us = now_us + skew_us(version, self.priority, self._master_adver_us)
            case Step.DISARM:
                self._deadline_us = None
            case Step.FORGET_MASTER:
                self.master, self._master_adver_us = None, self._own_adver_us
            case Step.START_DELAY if self._delay_end_us is None:
                self._delay_end_us = now_us + self.instance.preempt_delay_us
            case Step.CLEAR_DELAY:
                self._delay_end_us = None
            case Step.WISH | Step.DROP_WISH:
                self.wants_master = step is Step.WISH

    def _next_advert_us(self, now_us: int) -> int:
        """One interval after the advert that was due, so that lateness does not add up."""
        due_us, interval_us = self._deadline_us, self._own_adver_us
        if self.state is State.MASTER and due_us is not None and 0 <= now_us - due_us < interval_us:
            return due_us + interval_us
        return now_us + interval_us

    def _master_down_us(self) -> int:
        return master_down_us(self.instance.version, self.priority, self._master_adver_us)

    def _learn(self, advert: Advert, src: str) -> list[Effect]:
        self.master = (src, advert.priority)
        if advert.version == 2 or advert.adver_int_us in (0, self._master_adver_us):
            return []
        old_ms, self._master_adver_us = self._master_adver_us // 1000, advert.adver_int_us
        new_ms = advert.adver_int_us // 1000
        return [Log(f"advertisement interval updated from {old_ms}ms to {new_ms}ms by master")]

    def _advert(self, priority: int) -> SendAdvert:
        self.statistics.advert_sent += 1
        auth_type, auth_data = auth.fields(
            self.instance.authentication if self.instance.version == 2 else None
        )
        advert = Advert(
            version=self.instance.version,
            vrid=self.instance.virtual_router_id,
            priority=priority,
            adver_int_us=self._own_adver_us,
            addresses=self._advert_addresses(),
            auth_type=auth_type,
            auth_data=auth_data,
        )
        return SendAdvert(advert, self.source)

    def _advert_addresses(self) -> tuple[str, ...]:
        return tuple(vip.addr for vip in self.instance.virtual_ipaddress)


def _all_addresses(instance: VrrpInstance) -> tuple[VirtualAddress, ...]:
    return instance.virtual_ipaddress + instance.virtual_ipaddress_excluded


def _address_changes(old: VrrpInstance, new: VrrpInstance) -> list[Effect]:
    """What a MASTER does about addresses and routes that a reload removed or added."""
    was, wanted = _all_addresses(old), _all_addresses(new)
    gone = tuple(a for a in was if a not in wanted)
    added = tuple(a for a in wanted if a not in was)
    gone_routes = tuple(r for r in old.virtual_routes if r not in new.virtual_routes)
    added_routes = tuple(r for r in new.virtual_routes if r not in old.virtual_routes)
    effects: list[Effect] = []
    if gone or gone_routes:
        effects.append(DelVips(gone, gone_routes))
    if added or added_routes:
        effects.append(AddVips(added, added_routes))
    if added:
        effects.append(Announce(added, new.garp_master_repeat))
    return effects
