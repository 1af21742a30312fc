"""Play a show by its name: what script/demo starts.

main.py [NAME] [--keep | --remove]      main.py --list
"""

import sys
from collections.abc import Sequence

from examples.show.found import DEFAULT, shows
from examples.show.program import WRONG_WORDS, run


def main(words: Sequence[str]) -> int:
    """The exit status."""
    found = shows()
    if "--list" in words:
        width = max(map(len, found))
        for show in found.values():
            print(f"{show.name:<{width}}  {show.about}")
        return 0
    named = bool(words) and not words[0].startswith("-")
    name = words[0] if named else DEFAULT
    if name not in found:
        print(f"demo: there is no show '{name}'; there are: {', '.join(found)}", file=sys.stderr)
        return WRONG_WORDS
    return run(found[name], words[1:] if named else words)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
