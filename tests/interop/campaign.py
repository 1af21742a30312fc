"""Measure how late each backup takes over, ours beside Debian's keepalived.

    .venv/bin/python -m tests.interop.campaign                        all cases, both directions
    .venv/bin/python -m tests.interop.campaign --cases v3-100ms --events 3 --to ours

Needs root, /usr/sbin/keepalived and tshark; run script/setup first. Prints a line an event kind
as soon as its series is done; exit status 1 if a bound was not kept.
"""

import argparse
import sys
import time
from pathlib import Path

from tests.interop.bounds import violations
from tests.interop.cases import CASES, DIRECTIONS, TO_OURS, Case, Direction, case_named
from tests.interop.decoders import all_complaints
from tests.interop.lateness import NoTakeoverError
from tests.interop.report import HEAD, summary, table, write_json
from tests.interop.series import Series, run_series

BUILD = Path(__file__).resolve().parents[2] / "build"
REPORT = BUILD / "interop.json"
CAPTURES = BUILD / "interop"


def rounds(case: Case, direction: Direction, n_events: int | None) -> int:
    """Of all kinds of events; the yardstick needs half as many."""
    if n_events is not None:
        return n_events
    return case.repeats if direction is TO_OURS else (case.repeats + 1) // 2


def measure(case: Case, direction: Direction, n_rounds: int) -> tuple[Series, list[str]]:
    """A series, and what it and its frames are found wanting in."""
    CAPTURES.mkdir(parents=True, exist_ok=True)
    capture_file = CAPTURES / f"{case.name}-{direction}.pcap".replace("->", "-")
    series = run_series(case, direction, capture_file, n_rounds)
    return series, violations(series) + all_complaints(case, capture_file)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    names = ",".join(case.name for case in CASES)
    parser.add_argument("--cases", metavar="NAMES", default=names, help=f"of {names}")
    parser.add_argument("--events", metavar="N", type=int, help="of each kind in a series")
    parser.add_argument("--to", choices=("ours", "theirs", "both"), default="both", help="backup")
    parser.add_argument("--json", metavar="FILE", type=Path, default=REPORT)
    options = parser.parse_args()
    if options.events is not None and options.events < 1:
        parser.error("--events: at least 1")
    try:
        options.cases = [case_named(name) for name in options.cases.split(",")]
    except ValueError as error:
        parser.error(str(error))
    return options


def main() -> int:
    options = _options()
    wanted = [
        direction
        for direction in DIRECTIONS
        if options.to in ("both", direction.backup.name.lower())
    ]
    start_s = time.monotonic()
    all_series: list[Series] = []
    all_words: list[str] = []
    print(HEAD, flush=True)
    for case in options.cases:
        for direction in wanted:
            try:
                series, words = measure(case, direction, rounds(case, direction, options.events))
            except (RuntimeError, NoTakeoverError) as error:  # the other series are worth having
                words = [f"{case.name} {direction}: {error}"]
            else:
                all_series.append(series)
                print("\n".join(table(series)), flush=True)
            write_json(all_series, options.json)
            print("".join(f"{line}\n" for line in words), end="", flush=True)
            all_words += words
    print("\nLateness of all events together", *summary(all_series), sep="\n")
    print(f"{time.monotonic() - start_s:.0f} s; figures in {options.json}")
    print(f"{len(all_words)} complaints" if all_words else "every bound kept, every frame decodes")
    return 1 if all_words else 0


if __name__ == "__main__":
    sys.exit(main())
