"""`keepalived`: high availability and load balancing from a keepalived.conf.

The daemon's modules are imported where it starts, so that `--status` need not wait for them.
"""

import os
import sys

from keepalivedpy.daemon.options import Options, UsageError, help_text, parse


def main() -> int:
    """The console script; its result is the exit status."""
    try:
        options = parse(sys.argv)
    except UsageError as error:
        print(f"{sys.argv[0]}: {error}", file=sys.stderr)
        return 1
    if options.status:
        return _status(options)
    if options.plan is not None:
        return _plan(options)
    if options.help_config is not None:
        from keepalivedpy.reference.command import help_config

        return help_config(options.help_config, sys.stdout, sys.stderr)
    from keepalivedpy.daemon.read_config import config_test
    from keepalivedpy.daemon.start import start, version_text

    if options.leave:
        text = version_text() if options.leave == "version" else help_text(options.program)
        print(text, file=sys.stderr)
        return 0
    if options.config_test is not None:
        return config_test(options)
    return start(options)


def _status(options: Options) -> int:
    from keepalivedpy.daemon.status_command import show_status

    try:
        status = show_status(options, sys.stdout)
        sys.stdout.flush()
    except BrokenPipeError:  # the reader (head, a pager) has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return int(status)


def _plan(options: Options) -> int:
    from keepalivedpy.daemon.plan_command import show_plan

    return int(show_plan(options, sys.stdout, sys.stderr))


if __name__ == "__main__":
    sys.exit(main())
