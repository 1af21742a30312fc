"""The parameters that every keepalived.conf has: ${_PWD}, ${_INSTANCE}, ${_RANDOM 1 6} and so on.

What they depend on comes in here: the configuration's id, the environment, chance.
"""

import os
import random
import socket
from collections.abc import Callable, Mapping
from typing import NamedTuple

RANDOM_MAX = 32767


class Place(NamedTuple):
    """Where a parameter is used: its file, and what to call with a mistake."""

    file: str
    mistake: Callable[[str, str], None]


class Predefined:
    """What the environment gives to a configuration.

    config_id    of lines marked @ID, and ${_INSTANCE}; by default the host name's first label
    """

    def __init__(
        self,
        config_id: str | None = None,
        environ: Mapping[str, str] = os.environ,
        chance: random.Random | None = None,
    ) -> None:
        self.config_id = socket.gethostname().partition(".")[0] if config_id is None else config_id
        self._environ, self._chance = environ, chance or random.Random()

    def value(self, name: str, arguments: str, place: Place) -> str | None:
        """The value of ${NAME ARGUMENTS}; None where there is none."""
        words = arguments.split(" ")[1:]
        if name == "_RANDOM":
            return self._random(words, place)
        if name == "_ENV" and len(words) == 1:
            return self._environ.get(words[0])
        if words:
            return None
        if name == "_PWD":
            return os.path.dirname(os.path.abspath(place.file))
        return {"_INSTANCE": self.config_id, "_HASH": "#", "_BANG": "!"}.get(name)

    def _random(self, words: list[str], place: Place) -> str | None:
        if len(words) > 2 or not all(w.isascii() and w.isdigit() and len(w) < 10 for w in words):
            return None
        least = int(words[0]) if words else 0
        most = int(words[1]) if len(words) > 1 else max(least, RANDOM_MAX)
        if least > most:
            place.mistake(f"${{_RANDOM {least} {most}}}", f"the larger number last; it is {least}")
            return str(least)
        return str(self._chance.randint(least, most))
