"""script/fuzz: build the fuzzer, run it, say what came out."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.fuzz import coverage, mutations
from tests.fuzz.build import ROOT, Build, BuildError
from tests.fuzz.campaign import Campaign, Outcome

WORK = ROOT / "build" / "fuzz"


def options(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="script/fuzz", description=__doc__)
    parser.add_argument("--seconds", type=int, default=60, help="of mutations, after the seeds")
    parser.add_argument("--seed", type=int, default=1, help="of libFuzzer's random numbers")
    parser.add_argument("--coverage", action="store_true", help="then the lines reached, by file")
    parser.add_argument(
        "--mutations", action="store_true", help="instead: is each deliberate mistake found?"
    )
    parser.add_argument("--again", type=Path, nargs="+", help="instead: run these inputs once")
    return parser.parse_args(argv)


def say(outcome: Outcome) -> None:
    print(
        f"{outcome.n_runs} executions in {outcome.seconds:.0f} s ({outcome.runs_per_s:.0f}/s), "
        f"{len(outcome.findings)} findings"
    )
    for reason in outcome.reasons:
        print(f"  {reason}")
    for path in outcome.findings:
        print(f"  shown by: script/fuzz --again {path}")


def say_coverage(campaign: Campaign) -> bool:
    """Whether every group of sources is reached as far as it must be."""
    program = Build(WORK / "lines", coverage=True).run()
    files = coverage.measure(program, (campaign.seeds, campaign.corpus), WORK)
    print(coverage.table(files))
    return all(
        coverage.percent(coverage.of_group(files, group)) >= coverage.LEAST_PCT
        for group in coverage.GROUPS
    )


def again(program: Path, inputs: Sequence[Path]) -> bool:
    """Whether none of them shows anything."""
    campaign = Campaign(program, WORK / "again")
    campaign.prepare()
    for folder in (campaign.seeds, campaign.corpus):
        for old in folder.iterdir():
            old.unlink()
    for path in inputs:
        (campaign.seeds / path.name).write_bytes(path.read_bytes())
    outcome = campaign.run(0, 1)
    say(outcome)
    print(f"  all of it: {campaign.log}")
    return not outcome.reasons


def fuzz(chosen: argparse.Namespace) -> bool:
    program = Build(WORK / "full").run()
    if chosen.again:
        return again(program, chosen.again)
    campaign = Campaign(program, WORK)
    print(f"{campaign.prepare()} seeds, {len(list(campaign.corpus.iterdir()))} inputs of before")
    outcome = campaign.run(chosen.seconds, chosen.seed)
    say(outcome)
    is_covered = say_coverage(campaign) if chosen.coverage else True
    return not outcome.reasons and is_covered


def main(argv: Sequence[str] | None = None) -> int:
    chosen = options(sys.argv[1:] if argv is None else argv)
    try:
        fine = mutations.all_found(WORK) if chosen.mutations else fuzz(chosen)
    except BuildError as error:
        print(f"script/fuzz: {error}", file=sys.stderr)
        return 2
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
