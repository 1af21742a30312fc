"""Two instances that hold the same address."""

from keepalivedpy.vrrp.holders import Holders

VIP = ("eth0", "10.0.0.100", 32)


def test_the_first_adds_and_the_last_removes() -> None:
    holders = Holders()
    assert holders.take("VI_1", VIP)
    assert not holders.take("VI_2", VIP)
    assert not holders.release("VI_1", VIP)
    assert holders.release("VI_2", VIP)
    assert holders.take("VI_2", VIP)


def test_asked_for_again_it_is_added_again() -> None:
    """The kernel may have lost it with its interface."""
    holders = Holders()
    assert holders.take("VI_1", VIP)
    assert holders.take("VI_1", VIP)
    assert holders.release("VI_1", VIP)


def test_leftovers_are_removed_unless_somebody_has_them() -> None:
    holders = Holders()
    assert holders.release("VI_1", VIP)
    holders.take("VI_2", VIP)
    assert not holders.release("VI_1", VIP)
    assert holders.release("VI_2", VIP)
