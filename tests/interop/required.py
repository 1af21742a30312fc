"""What the campaign needs of this machine; else its tests skip and say what is missing."""

import shutil

import pytest

from tests.interop import tshark
from tests.interop.cases import Maker

NEEDED = {
    str(Maker.THEIRS.value): "Debian's keepalived (apt-get install keepalived; no service needed)",
    str(Maker.OURS.value): "the product in .venv (script/setup)",
    tshark.PROGRAM: "tshark (apt-get install --no-install-recommends tshark)",
    "tcpdump": "tcpdump (apt-get install tcpdump)",
}

MISSING = [words for program, words in NEEDED.items() if shutil.which(program) is None]
needs_both_makers = pytest.mark.skipif(bool(MISSING), reason=f"needs {'; '.join(MISSING)}")
