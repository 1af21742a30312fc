"""The command line, word by word."""

import pytest

from keepalivedpy.daemon.options import ROWS, Options, Takes, UsageError, help_text, parse

GOOD: dict[str, dict[str, object]] = {
    "": {},
    "-f /tmp/a.conf": {"config": "/tmp/a.conf"},
    "-f/tmp/a.conf": {"config": "/tmp/a.conf"},
    "--use-file=/tmp/a.conf": {"config": "/tmp/a.conf"},
    "--use-file /tmp/a.conf": {"config": "/tmp/a.conf"},
    "-nlG": {"foreground": True, "log_console": True, "no_syslog": True},
    "-nlf /tmp/a.conf -D -D": {
        "foreground": True, "log_console": True, "config": "/tmp/a.conf", "log_detail": 2},
    "-P": {"only_vrrp": True},
    "--check": {"only_check": True},
    "-p a -r b -c c -b d": {"pid_file": "a", "vrrp_pid_file": "b", "checkers_pid_file": "c",
                            "bfd_pid_file": "d"},
    "-t": {"config_test": "-"},
    "-t/tmp/out": {"config_test": "/tmp/out"},
    "--config-test": {"config_test": "-"},
    "--config-test=/tmp/out": {"config_test": "/tmp/out"},
    "-t --format json": {"config_test": "-", "format": "json"},
    "-t --compat -e": {"config_test": "-", "compat": True, "all_includes": True},
    "-g": {"log_file": "/tmp/keepalived.log"},
    "-RVIXd -S 3 -i main": {
        "dont_respawn": True, "keep_vips": True, "keep_services": True, "release_vips": True,
        "dump_config": True, "log_facility": "3", "config_id": "main"},
    "--with-dpvs": {"dpvs_config": "/etc/dpvs.conf"},
    "--with-dpvs -n": {"dpvs_config": "/etc/dpvs.conf", "foreground": True},
    "--with-dpvs my.conf -n": {"dpvs_config": "my.conf", "foreground": True},
    "--with-dpvs=my.conf --ipc /tmp/i": {"dpvs_config": "my.conf", "ipc": "/tmp/i"},
    "-n too many": {"foreground": True, "surplus": ("too", "many")},
    "--status": {"status": True},
    "--json --status -p a": {"status": True, "json": True, "pid_file": "a"},
    "-v --nonsense": {"leave": "version"},
    "-h": {"leave": "help"},
}  # fmt: skip

BAD = {
    "-t --format xml": "option --format takes text or json",
    "--format json": "option --format needs --config-test",
    "--compat": "option --compat needs --config-test",
    "--json": "option --json needs --status",
    "--status=x": "option --status takes no parameter",
    "-Z": "Unknown option: -Z",
    "-nZ": "Unknown option: -Z",
    "--nonsense": "Unknown option: --nonsense",
    "-f": "option -f requires a parameter",
    "--use-file": "option --use-file requires a parameter",
    "--use-file=": "option --use-file has an empty parameter",
    "--dont-fork=yes": "option --dont-fork takes no parameter",
    "-x": "option -x of keepalived is not available yet",
}


@pytest.mark.parametrize("line, expected", GOOD.items(), ids=GOOD)
def test_good_lines(line: str, expected: dict[str, object]) -> None:
    words = ("keepalived", *line.split())
    assert parse(words) == Options(words=words, **expected)  # type: ignore[arg-type]


@pytest.mark.parametrize("line, message", BAD.items(), ids=BAD)
def test_bad_lines(line: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse(["keepalived", *line.split()])
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


def test_dpvs_args_are_one_word() -> None:
    assert parse(["keepalived", "--dpvs-args", "--no-huge -m 256"]).dpvs_args == "--no-huge -m 256"


def test_rows_fit_the_fields_and_the_help_names_them_all() -> None:
    fields = set(Options.__struct_fields__) | {"version", "help"}
    text = help_text("keepalived")
    for row in ROWS:
        if row.takes is not Takes.REFUSED:
            assert row.field in fields
            assert f"--{row.long}" in text
