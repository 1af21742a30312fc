"""What upstream's `keepalived -t` says of each reference case, and what our --compat says there.

Of upstream's messages the index has the first three; its processes say the same one after the
other, the first without the file's name. Started as a program in the environment of
real_statuses.py; prints a JSON line a case.

    unshare --net --uts python -P -m tests.keepalivedpy.config.real_words
"""

import json
import os
import re
from collections.abc import Iterator
from typing import NamedTuple

from keepalivedpy.config.load import load
from keepalivedpy.config.render import render_compat
from tests.keepalivedpy.config.real_statuses import (
    CASES,
    INTERFACES,
    KINDS,
    as_there,
    index_of,
)

BETWEEN = " / "
PLACE = re.compile(r"^\((?:.*: )?Line (\d+)\) ")


class Words(NamedTuple):
    """Of one case: upstream's messages, each once, and ours; places as `(Line n)`."""

    file: str
    theirs: list[str]
    ours: list[str]


def words(kind: str) -> Iterator[Words]:
    """Each case of a folder for which there is a message of upstream's."""
    for row in index_of(kind):
        path = row["file"]
        said = said_there(row)
        os.chdir((CASES / kind / path).parent)
        result = load(os.path.basename(path), config_id="main", interfaces=INTERFACES)
        ours = render_compat(result.diagnostics, result.blocks).splitlines()
        yield Words(f"{kind}/{path}", once(said.split(BETWEEN)), once(ours))


def said_there(row: dict[str, str]) -> str:
    """2.4.3's first messages; of published files the index has 2.2.7's only."""
    if "first_msgs_2.2.7" in row:
        return row["first_msgs_2.2.7"] or ""
    same = row["msgs_same"] == "y"
    return row["msgs_2.2.7(first 3)" if same else "msgs_2.4.3(first 3, if different)"] or ""


def once(lines: list[str]) -> list[str]:
    """Each message once, whichever process says it.

    >>> once(["(Line 3) a", "(x.conf: Line 3) a", "b ", ""])
    ['(Line 3) a', 'b']
    """
    bare = (PLACE.sub(r"(Line \1) ", line).strip() for line in lines)
    return list(dict.fromkeys(filter(None, bare)))


def main() -> None:
    as_there()
    for kind in KINDS:
        for one in words(kind):
            print(json.dumps(one))


if __name__ == "__main__":
    main()
