"""Files as people write them: none makes the loader fail, none takes long."""

import os
import time
from pathlib import Path

import pytest

from keepalivedpy.config.load import load
from keepalivedpy.config.render import render_all

CASES = Path(__file__).resolve().parents[3] / "../shared/cases/keepalived-conf"
MOST_S = 2.0

pytestmark = pytest.mark.skipif(
    not CASES.exists(), reason="needs the shared case files; not in this checkout"
)


@pytest.mark.parametrize("kind", ["own", "field"])
def test_every_file_loads(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(CASES / kind)
    paths = [os.path.join(folder, name) for folder, _, names in os.walk(".") for name in names]
    assert len(paths) > 200
    slow = []
    for path in paths:
        start = time.process_time()
        result = load(path)
        render_all(result.diagnostics)
        if time.process_time() - start > MOST_S:
            slow.append(path)
        assert all(d.place.line > 0 or d.place.file == path for d in result.diagnostics), path
    assert slow == []


def test_good_files_without_macros_are_good(monkeypatch: pytest.MonkeyPatch) -> None:
    """The files that the real program takes without a word, as far as they are one of ours."""
    monkeypatch.chdir(CASES / "own")
    wrong = []
    for path in sorted(Path().glob("*-ok-*.conf")):
        result = load(str(path))
        macros = any("($NAME" in d.found or "(~SEQ" in d.found for d in result.diagnostics)
        if result.status != 0 and not macros and _real_status(path.name) == 0:
            wrong.append((path.name, [d.text for d in result.diagnostics]))
    assert [name for name, _ in wrong] == KNOWN_DIFFERENT, wrong


KNOWN_DIFFERENT = ["064-ok-cond-main.conf"]  # a condition, @id


def _real_status(name: str) -> int:
    rows = (CASES / "own/index.tsv").read_text(errors="replace").split("\n")
    columns = rows[0].split("\t").index("rc_2.4.3")
    return next(int(r.split("\t")[columns]) for r in rows if r.split("\t")[0] == name)
