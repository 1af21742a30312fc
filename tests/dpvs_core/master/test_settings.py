"""dpvs.conf's items as the core is told them: fragments (C-082..C-085), lives of SCTP's states."""

from pathlib import Path

import pytest

from dpvs_core.config.dpvs_conf import load_dpvs_conf
from dpvs_core.config.dpvs_model import DpvsConf
from dpvs_core.master.memory_need import need_mib, sizes
from dpvs_core.master.settings import core_settings, needs_restart


def load(tmp_path: Path, text: str) -> DpvsConf:
    """Without an error or a warning."""
    path = tmp_path / "dpvs.conf"
    path.write_text(text)
    conf, errors = load_dpvs_conf(str(path))
    assert list(errors) == []
    return conf


@pytest.mark.parametrize(
    ("lines", "sets", "entries", "ttl_s"),
    [
        ("", 256, 16, 1),
        ("bucket_number 32\n", 32, 16, 1),
        ("bucket_entries 100\n", 64, 64, 1),
        ("max_entries 409600\nttl 5\n", 4096, 16, 5),
        ("max_entries 32\nbucket_entries 256\n", 1, 256, 1),
    ],
)
def test_fragments_decide_what_workers_remember(
    tmp_path: Path, lines: str, sets: int, entries: int, ttl_s: int
) -> None:
    """C-082..C-085: no warning any more, and the core is told."""
    text = f"ipv4_defs {{\n    fragment {{\n{lines}    }}\n}}\n"
    conf = load(tmp_path, text)
    size = sizes(conf, 2)
    assert (size.frag_sets, size.frag_set_entries) == (sets, entries)
    assert core_settings(conf)["fragment_timeout_ms"] == ttl_s * 1000
    changed = needs_restart(DpvsConf(), conf)
    assert ("fragment" in changed) == ((sets, entries) != (256, 16))


def test_lives_of_sctps_states(tmp_path: Path) -> None:
    """F-130: LVS's unless the file says otherwise."""
    text = "ipvs_defs {\nsctp {\ntimeout {\nestablished 77\n}\n}\n}\n"
    conf = load(tmp_path, text)
    default = [2, 4, *[60] * 6, 900, 60, 60, 60, 4, 60]
    assert core_settings(DpvsConf())["sctp_timeout_s"] == default
    assert core_settings(conf)["sctp_timeout_s"] == [*default[:8], 77, *default[9:]]


def test_large_tables_are_counted_in_the_memory() -> None:
    conf = DpvsConf()
    many = conf.ipv4_defs.fragment.__class__(max_entries=1 << 20, bucket_number=65536)
    large = conf.__class__(ipv4_defs=conf.ipv4_defs.__class__(fragment=many))
    assert need_mib(sizes(large, 2)) - need_mib(sizes(conf, 2)) in range(139, 142)
