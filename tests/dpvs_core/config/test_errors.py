"""Of the mistakes at one place the first are kept, and every exit status."""

from dpvs_core.config.errors import MAX_AT_PLACE, MORE, Diagnostic, ErrorList, Location


def mistake(line: int, found: str, status: int = 5) -> Diagnostic:
    return Diagnostic(
        place=Location("f", line, 1), severity="error", found=found, effect="e", exit_status=status
    )


def test_a_place_has_so_many_mistakes() -> None:
    errors = ErrorList()
    for n in range(1000):
        errors.add(mistake(1, str(n)))
    errors.add(mistake(1, "missing", 2))
    errors.add(mistake(2, "elsewhere"))
    kept = [*map(str, range(MAX_AT_PLACE)), "missing", "elsewhere"]
    assert [d.found for d in errors] == kept
    assert [d.effect for d in errors if d.effect != "e"] == [f"e; {MORE}"]
    assert {d.exit_status for d in errors} == {2, 5}
