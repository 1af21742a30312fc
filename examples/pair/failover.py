"""What can happen to the master of a pair while clients ask, each told with what they noticed."""

from dataclasses import dataclass

from examples.pair.interruption import Interruption, measure
from examples.pair.member import Member
from examples.pair.stage import ASK_EVERY_MS, Pair, requests_of
from examples.show.required import require
from examples.show.stage import LADDRS, VIP
from tests.netns.program import Program

PRIORITY_MAX = 256
BACKUP_PRIORITY = 80

BUSY_MACHINE_S = 1.0  # later than VRRP promises, but still taken for a take-over

# A planned change of masters: requests under way may be lost. So may some whose local port the
# other director has used within the last minute: a server in TIME_WAIT may refuse it for a second.
HANDOVER_FAILURES_PCT = 5
HANDOVER_SILENCE_S = 0.5
ASK_MORE_S = 0.2  # after what is shown, so that it is seen to last


@dataclass(frozen=True, slots=True)
class Pace:
    """Adverts every `advert_s`; in version 2 the skew time counts in seconds (RFC 3768 6.1),
    in version 3 in intervals (RFC 5798 6.1)."""

    advert_s: float
    version: int

    @property
    def skew_s(self) -> float:
        unit_s = 1.0 if self.version == 2 else self.advert_s
        return unit_s * (PRIORITY_MAX - BACKUP_PRIORITY) / PRIORITY_MAX

    @property
    def takeover_s(self) -> tuple[float, float]:
        """From the master's death: three intervals and the skew time after its last advert."""
        return 2 * self.advert_s + self.skew_s, 3 * self.advert_s + self.skew_s


TUTORIAL = Pace(1.0, 2)
FAST = Pace(0.1, 3)


def owner_is(stage: Pair, member: Member) -> None:
    """Ask who answers for the VIP and the local addresses; it must be this director alone."""
    owners = stage.owners()
    stage.tell.show("the client asks the network (ARP) who has each address:")
    for address, macs in owners.items():
        answers = ", ".join(f"{mac} ({stage.name_of(mac)})" for mac in macs)
        kind = "VIP" if address == VIP else "local address"
        stage.tell.show(f"  {kind:<14} {address:<16} {answers or 'nobody'}")
    for address in (VIP, *LADDRS):
        require(owners[address] == [member.mac], f"{member.name} alone should answer for {address}")


def dies(stage: Pair, pace: Pace) -> None:
    """Node 1 dies; node 2 takes over."""
    tell, low_s, high_s = stage.tell, *pace.takeover_s
    with stage.asking() as asking:
        stage.first_answer(asking, 0.0)
        ask_on(stage, asking)
        killed_s = stage.node1.kill()
        tell.say(f"keepalived and dpvs of {stage.node1.name} were killed (SIGKILL, all at once)")
        took_s = stage.first_answer(asking, killed_s) - killed_s
        tell.say(f"after {took_s:.2f} s clients are answered again, by {stage.node2.name}")
        ask_on(stage, asking)
    tell.say(f"(it waits until three adverts have stayed away: {low_s:.2f} to {high_s:.2f} s)")
    noticed(stage, measure(requests_of(asking)))
    # Much sooner, and the backup was told goodbye instead of hearing nothing.
    early_s, late_s = (low_s + pace.skew_s) / 2, high_s + BUSY_MACHINE_S
    require(early_s <= took_s <= late_s, "the take-over did not come when it should")


def returns(stage: Pair) -> None:
    """Node 1 comes back and takes over again, for its priority is higher."""
    tell = stage.tell
    with stage.asking() as asking:
        stage.first_answer(asking, 0.0)
        becomes_master = stage.node1.entered("MASTER")
        becomes_backup = stage.node2.entered("BACKUP")
        start_s = stage.now_s()
        tell.say(f"{stage.node1.name} is started again, by the same command")
        stage.node1.start()
        stage.node1.equip()
        becomes_master()
        took_s = stage.now_s() - start_s
        becomes_backup()
        ask_on(stage, asking)
    tell.say(f"{took_s:.2f} s later it is MASTER again, and {stage.node2.name} BACKUP")
    figures = measure(requests_of(asking))
    noticed(stage, figures)
    failed_pct = 100 * figures.n_failed / figures.n_requests
    require(failed_pct <= HANDOVER_FAILURES_PCT, "the return should cost hardly a request")
    require(figures.silence_s <= HANDOVER_SILENCE_S, "the return should not interrupt the service")


def stops(stage: Pair, pace: Pace) -> None:
    """Node 1 is stopped in an orderly way; node 2 takes over without waiting for its silence."""
    tell = stage.tell
    with stage.asking() as asking:
        stage.first_answer(asking, 0.0)
        becomes_master = stage.node2.entered("MASTER")
        tell.say(f"SIGTERM to keepalived of {stage.node1.name}, which stops dpvs as well")
        status = stage.node1.terminate()
        becomes_master()
        ask_on(stage, asking)
    figures = measure(requests_of(asking))
    tell.say(f"{stage.node2.name} has taken over (after VRRP's skew time, {pace.skew_s:.2f} s)")
    noticed(stage, figures)
    require(status == 0, "keepalived did not end cleanly")
    require(figures.silence_s <= pace.skew_s + BUSY_MACHINE_S, "the hand-over took too long")


def ask_on(stage: Pair, asking: Program) -> None:
    """Until a request is answered that was sent a little later than now."""
    stage.first_answer(asking, stage.now_s() + ASK_MORE_S)


def noticed(stage: Pair, figures: Interruption) -> None:
    """Tell what the client has seen."""
    troubles = f" ({figures.troubles})" if figures.n_failed else ""
    stage.tell.say(
        f"the client asked {figures.n_requests} times, every {ASK_EVERY_MS} ms: "
        f"{figures.n_failed} failed{troubles}; "
        f"longest time without an answer {in_time(figures.silence_s)}"
    )


def in_time(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds >= 0.1 else f"{seconds * 1000:.0f} ms"
