"""`keepalived -t` gives the exit status that upstream's gives, for files as people write them.

DIFFERENT lists the exceptions, each with its reason; a file that is not in it must agree, one that
is must differ.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest

from tests.keepalivedpy.config.different import DIFFERENT
from tests.keepalivedpy.config.files import CASES
from tests.keepalivedpy.config.real_statuses import KINDS
from tests.keepalivedpy.config.there import there

MOST_S = 2.0
LEAST_SHARE_PCT = 98.0

pytestmark = [
    pytest.mark.netns,
    pytest.mark.skipif(not CASES.exists(), reason="needs the shared case files; not here"),
]


class Row:
    """A line of the program's output."""

    def __init__(self, line: str) -> None:
        self.file, wanted, found, seconds, self.texts = line.split("\t")
        self.wanted, self.found, self.seconds = int(wanted), int(found), float(seconds)


@cache
def rows() -> Mapping[str, Row]:
    """What is found in the environment of the cases."""
    return {row.file: row for row in map(Row, there("tests.keepalivedpy.config.real_statuses"))}


def test_all_files_are_read_and_none_takes_long() -> None:
    n_files = sum(len((CASES / kind / "index.tsv").read_bytes().splitlines()) - 1 for kind in KINDS)
    assert len(rows()) == n_files > 500
    assert [row.file for row in rows().values() if row.seconds > MOST_S] == []


def test_the_exit_status_is_upstreams_where_no_reason_is_given() -> None:
    other = [row for row in rows().values() if row.wanted != row.found]
    unknown = {row.file: (row.wanted, row.found, row.texts) for row in other}
    for file in DIFFERENT:
        unknown.pop(file, None)
    assert unknown == {}
    differing = {row.file for row in other}
    assert [file for file in DIFFERENT if file not in differing] == [], "they agree now"


def test_nearly_all_agree() -> None:
    n_other = sum(row.wanted != row.found for row in rows().values())
    assert 100 * (1 - n_other / len(rows())) >= LEAST_SHARE_PCT


def test_the_cases_are_where_they_are_expected() -> None:
    assert {Path(file).parts[0] for file in rows()} == set(KINDS)
