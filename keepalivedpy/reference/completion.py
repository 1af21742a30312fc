"""Completion for bash, from the options and the keywords; pure."""

from dpvs_core.config.keywords import Block
from keepalivedpy.config.tables import ROOT
from keepalivedpy.daemon.options import ROWS, Row, Takes
from keepalivedpy.reference.entries import entries

SCRIPT = """\
# bash completion of keepalived; made by the program from its own options and keywords.
_keepalived() {{
    local word=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD-1]}}
    COMPREPLY=()
    if [[ $before = = ]]; then
        before=${{COMP_WORDS[COMP_CWORD-2]}}
    elif [[ $word = = ]]; then
        word=
    fi
    case $before in
        --help-config) COMPREPLY=($(compgen -W "{keywords}" -- "$word")) ;;
        {files}) COMPREPLY=($(compgen -f -- "$word")) ;;
        *) COMPREPLY=($(compgen -W "{options}" -- "$word")) ;;
    esac
}}
complete -o filenames -F _keepalived keepalived
"""


def bash(root: Block = ROOT) -> str:
    """The whole file."""
    rows = [row for row in ROWS if row.takes is not Takes.REFUSED]
    return SCRIPT.format(
        keywords=" ".join(sorted({entry.name for entry in entries(root)})),
        files="|".join(word for row in rows if _is_file(row) for word in _words(row)),
        options=" ".join(word for row in rows for word in _words(row)),
    )


def _is_file(row: Row) -> bool:
    return row.value in ("FILE", "DPVS.CONF")


def _words(row: Row) -> list[str]:
    return [word for word in (f"-{row.short}" if row.short else "", f"--{row.long}") if word]
