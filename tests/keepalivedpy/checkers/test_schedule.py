"""The heap of deadlines against a plain dictionary."""

from hypothesis import given
from hypothesis import strategies as st

from keepalivedpy.checkers.schedule import Schedule

steps = st.one_of(
    st.tuples(st.just("set"), st.integers(0, 5), st.integers(0, 20)),
    st.tuples(st.just("cancel"), st.integers(0, 5), st.just(0)),
    st.tuples(st.just("take"), st.just(0), st.integers(0, 20)),
)


@given(st.lists(steps))
def test_as_a_dictionary_would(script: list[tuple[str, int, int]]) -> None:
    schedule, plain = Schedule(), dict[int, int]()
    for verb, check_id, time_us in script:
        if verb == "set":
            schedule.set(check_id, time_us)
            plain[check_id] = time_us
        elif verb == "cancel":
            schedule.cancel(check_id)
            plain.pop(check_id, None)
        else:
            due = sorted((when, one) for one, when in plain.items() if when <= time_us)
            assert schedule.take_due(time_us) == [one for _, one in due]
            plain = {one: when for one, when in plain.items() if when > time_us}
        assert schedule.next_us() == min(plain.values(), default=None)
