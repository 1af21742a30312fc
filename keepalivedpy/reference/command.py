"""`keepalived --help-config KEYWORD`: what a keyword of keepalived.conf or dpvs.conf means."""

from typing import TextIO

from dpvs_core.config.dpvs_lacks import LACKS
from dpvs_core.config.dpvs_tables import ROOT as DPVS_ROOT
from dpvs_core.config.reader import NO_LACKS
from keepalivedpy.config.tables import ROOT as KEEPALIVED_ROOT
from keepalivedpy.reference.entries import named, similar
from keepalivedpy.reference.screen import lines

FILES = {"keepalived.conf": (KEEPALIVED_ROOT, NO_LACKS), "dpvs.conf": (DPVS_ROOT, LACKS)}


def help_config(word: str, out: TextIO, errors: TextIO) -> int:
    """Print the entries of both files; the exit status, 1 for an unknown keyword."""
    found = {
        name: entries
        for name, (root, lacks) in FILES.items()
        if (entries := named(root, word, lacks))
    }
    for n, (name, entries) in enumerate(found.items()):
        title = f"{name}:" if n == 0 else f"\n{name}:"
        print(title, *lines(entries), sep="\n", file=out)
    if found:
        return 0
    near = [name for root, _ in FILES.values() for name in similar(root, word)]
    hint = f", similar: {', '.join(dict.fromkeys(near))}" if near else ""
    print(f"no keyword '{word}' in {' or '.join(FILES)}{hint}", file=errors)
    return 1
