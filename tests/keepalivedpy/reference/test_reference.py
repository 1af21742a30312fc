"""The reference says what the rows say: to a person, as manual pages, to the shell."""

import io
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from dpvs_core.config.dpvs_tables import ROOT as DPVS_ROOT
from dpvs_core.config.keywords import Block
from keepalivedpy.config.tables import ROOT, blocks
from keepalivedpy.daemon.options import ROWS, Takes
from keepalivedpy.reference.command import help_config
from keepalivedpy.reference.completion import bash
from keepalivedpy.reference.entries import entries, named
from keepalivedpy.reference.make import make
from keepalivedpy.reference.man import pages

MACROS = {".TH", ".SH", ".TP", ".B", ".BR"}
ROOTS = {"keepalived.conf": ROOT, "dpvs.conf": DPVS_ROOT}


def ask(word: str) -> tuple[int, str, str]:
    out, errors = io.StringIO(), io.StringIO()
    return help_config(word, out, errors), out.getvalue(), errors.getvalue()


@pytest.mark.parametrize("root", ROOTS.values(), ids=ROOTS)
def test_every_keyword_has_an_entry_that_says_something(root: Block) -> None:
    found = list(entries(root))
    assert len(found) == sum(len(block.table) for block in blocks(root))
    for entry in found:
        assert entry.doc and not re.match(r"[A-Z]-\d", entry.doc), entry
        assert entry.form.startswith(entry.name)


def test_a_keyword_in_all_its_blocks() -> None:
    status, out, errors = ask("weight")
    assert (status, errors) == (0, "")
    assert out.startswith("keepalived.conf:\nweight VALUE    (in vrrp_script)\n")
    assert "\nweight VALUE    (in virtual_server > real_server)\n" in out
    assert "    Its share; 0 gets no new connections.\n" in out
    assert "    Takes a number from 0 to 2147483647.\n" in out


def test_a_keyword_in_one_block() -> None:
    assert [entry.path for entry in named(ROOT, "real_server.weight")] == [
        ("virtual_server", "real_server")
    ]
    assert named(ROOT, "vrrp_instance.weight") == []


def test_what_it_means_that_nothing_acts_on_an_item() -> None:
    status, out, _ = ask("uoa_mode")
    assert status == 0
    assert "    Not carried yet, ignored: servers see the local address.\n" in out
    assert "Not carried yet, ignored: servers see" in pages("", "")["dpvs.conf.5"]


def test_a_keyword_of_the_other_file() -> None:
    status, out, _ = ask("bucket_number")
    assert status == 0
    assert out.startswith("dpvs.conf:\nbucket_number VALUE    (in ipv4_defs > fragment)\n")
    assert "    Default: 4096.\n" in out


def test_an_unknown_keyword() -> None:
    assert ask("weigth") == (
        1,
        "",
        "no keyword 'weigth' in keepalived.conf or dpvs.conf, similar: weight\n",
    )


@pytest.fixture(scope="module")
def share(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("share")
    make(folder, "2000-01-01")
    return folder


PAGES = ("man8/keepalived.8", "man5/keepalived.conf.5", "man5/dpvs.conf.5")


@pytest.mark.parametrize("page", PAGES)
def test_pages_are_made_of_macros_and_text(share: Path, page: str) -> None:
    text = (share / "man" / page).read_text()
    lines = text.splitlines()
    assert {line.split()[0] for line in lines if line.startswith(".")} <= MACROS
    assert not any(line.startswith("'") or not line.strip() for line in lines)


@pytest.mark.parametrize("page", PAGES)
def test_man_has_nothing_to_warn_of(share: Path, page: str) -> None:
    if shutil.which("man") is None:
        pytest.skip("needs man (apt-get install man-db)")
    command = ["man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", str(share / "man" / page)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    assert "SEE ALSO" in re.sub(".\b", "", done.stdout)  # bold is struck twice


def test_the_page_has_all_keywords_and_options(share: Path) -> None:
    page = (share / "man/man5/keepalived.conf.5").read_text().replace("\\-", "-")
    assert all(f".B {entry.form}\n" in page for entry in entries(ROOT))
    page = (share / "man/man8/keepalived.8").read_text().replace("\\-", "-")
    assert all(f"--{row.long}" in page for row in ROWS if row.takes is not Takes.REFUSED)


COMPLETE = """
complete() {{ :; }}
source {file}
COMP_WORDS=({words}) COMP_CWORD={at}
_keepalived
echo "${{COMPREPLY[@]}}"
"""


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("keepalived --help-con", ["--help-config"]),
        ("keepalived --help-config virtual_router", ["virtual_router_id"]),
        ("keepalived --help-config = virtual_router", ["virtual_router_id"]),
        ("keepalived -f /etc/host", ["/etc/hostname", "/etc/hosts"]),
    ],
)
def test_bash_completes(words: str, expected: list[str], tmp_path: Path) -> None:
    file = tmp_path / "keepalived"
    file.write_text(bash())
    script = COMPLETE.format(file=file, words=words, at=len(words.split()) - 1)
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    assert set(expected) <= set(done.stdout.split())
    assert all(word.startswith(words.split()[-1]) for word in done.stdout.split())
