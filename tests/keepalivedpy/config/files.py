"""The configurations that tests read: samples, examples, reference cases where present."""

from pathlib import Path

REPOSITORY = Path(__file__).parents[3]
CASES = REPOSITORY / "../shared/cases/keepalived-conf"


def all_files() -> list[Path]:
    """Samples, examples, and the reference cases of `CASES`, which users do not have."""
    ours = (
        f
        for folder in ("conf", "examples")
        for f in (REPOSITORY / folder).rglob("keepalived*.conf*")
    )
    return sorted(ours) + sorted(CASES.glob("*/*.conf"))
