"""An overlay over a table reads like the table after folding it in."""

from hypothesis import given
from hypothesis import strategies as st

from dpvs_core.master.overlay import Overlay, fold

rows = st.dictionaries(st.integers(0, 4), st.integers(0, 2))
puts = st.lists(st.tuples(st.integers(0, 4), st.none() | st.integers(0, 2)))


@given(rows, puts)
def test_fold_and_unfold(base: dict[int, int], changes: list[tuple[int, int | None]]) -> None:
    before = dict(base)
    overlay = Overlay(base)
    for key, row in changes:
        overlay.put(key, row)
    assert base == before
    shown = dict(overlay.items())
    assert all(overlay.get(key) == shown.get(key) for key in range(5))
    undo = fold(base, overlay.folded())
    assert base == shown
    fold(base, undo)
    assert base == before
