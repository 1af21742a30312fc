"""What an example's README.md says that its show does: the picture, and commands as one types them.

The picture is the first indented block. A command is an indented line with a prompt that names who
types it, below one of the two titles:

    servers# ip address add 192.168.100.254/32 dev lo

`servers` are all of them, and so on for each role; a comment may follow, for sh runs it.
"""

import re
from dataclasses import dataclass
from pathlib import Path

HOSTS = "The hosts"
BY_HAND = "By hand"

_COMMAND = re.compile(r" {4}(\w+)# (.+)")


@dataclass(frozen=True, slots=True)
class Typed:
    who: str  # a node's name, or a role's in the plural
    command: str


class Readme:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._text = path.read_text(encoding="utf-8")

    @property
    def picture(self) -> str:
        """Without its indentation."""
        block = re.search(r"\n\n((?: {4}.*\n)+)", self._text)
        if block is None:
            raise ValueError(f"{self._path}: no indented block, which would be the picture")
        return re.sub(r"^ {4}", "", block[1].rstrip(), flags=re.MULTILINE)

    def typed(self, title: str) -> list[Typed]:
        """The commands below a title, to the next one."""
        _, found, rest = self._text.partition(f"\n## {title}\n")
        if not found:
            raise ValueError(f"{self._path}: no title '## {title}'")
        lines = rest.partition("\n## ")[0].splitlines()
        matches = (_COMMAND.fullmatch(line) for line in lines)
        return [Typed(match[1], match[2]) for match in matches if match]
