"""What a show says when it fails."""

from examples.show.program import busy_note


def test_a_failure_on_a_busy_machine_says_so() -> None:
    assert busy_note(load=11.6, n_cpus=2).startswith(
        "demo: this machine is busy (load 11.6, 2 processors)"
    )
    assert busy_note(load=5.0, n_cpus=2).endswith("when it is quiet\n")


def test_on_a_quiet_one_the_machine_is_not_blamed() -> None:
    assert busy_note(load=1.8, n_cpus=2) == ""
    assert busy_note(load=3.0, n_cpus=2) == ""
