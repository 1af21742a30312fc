from keepalivedpy.daemon.backoff import Backoff


def test_at_once_then_slower_and_at_once_again_after_a_long_life() -> None:
    backoff = Backoff()
    delays = [backoff.delay_s(lived_s) for lived_s in (0.1,) * 9]
    assert delays == [0, 1, 2, 4, 8, 16, 32, 60, 60]
    assert [backoff.delay_s(3600.0), backoff.delay_s(1.0), backoff.delay_s(1.0)] == [0, 0, 1]
