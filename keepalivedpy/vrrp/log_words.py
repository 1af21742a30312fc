"""keepalived's words for what happens to an instance; operators and their scripts grep for them."""

from keepalivedpy.vrrp.fsm import Peer, Say, Self, State

_TEMPLATES = {
    Say.TIMEOUT: "Receive advertisement timeout",
    Say.BACKUP_GOT_STOP: "Backup received priority 0 advertisement",
    Say.MASTER_GOT_STOP: "Master received priority 0 message",
    Say.LOWER_DISCARDED: "received lower priority ({theirs}) advert from {src} - discarding",
    Say.LOWER_FORCES_ELECTION: (
        "Received advert from {src} with lower priority {theirs}, ours {ours}, forcing new election"
    ),
    Say.LOWER_IGNORED: "Received advert from {src} with lower priority {theirs}, ours {ours}",
    Say.HIGHER: "Master received advert from {src} with higher priority {theirs}, ours {ours}",
    Say.OUR_ADDRESS: (
        "WARNING - equal priority advert received from remote host with our IP address."
    ),
    Say.WAITS_FOR_GROUP: "waits: another member of its sync group cannot be MASTER",
    Say.SENT_STOP: "sent 0 priority",
}
_HIGHER_BY_ADDRESS = (
    "Master received advert from {src} with same priority {theirs} but higher IP address than ours"
)


def row_words(say: Say, me: Self, peer: Peer, src: str) -> str:
    """The sentence for a row of the table; "" where it says nothing."""
    template = _TEMPLATES.get(say, "")
    if say is Say.HIGHER and peer.priority == me.priority:
        template = _HIGHER_BY_ADDRESS
    return template.format(src=src, theirs=peer.priority, ours=me.priority)


def state_words(old: State, new: State) -> str:
    """The sentence for a new state; "" for the end, of which keepalived says nothing."""
    if new is State.INIT:
        return ""
    return f"Entering {new.name} STATE" + (" (init)" if old is State.INIT else "")
