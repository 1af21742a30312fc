"""`keepalived`: high availability and load balancing from a keepalived.conf."""

import sys

from keepalivedpy.daemon.options import UsageError, help_text, parse
from keepalivedpy.daemon.read_config import config_test
from keepalivedpy.daemon.start import start, version_text


def main() -> int:
    """The console script; its result is the exit status."""
    try:
        options = parse(sys.argv)
    except UsageError as error:
        print(f"{sys.argv[0]}: {error}", file=sys.stderr)
        return 1
    if options.leave:
        text = version_text() if options.leave == "version" else help_text(options.program)
        print(text, file=sys.stderr)
        return 0
    if options.config_test is not None:
        return config_test(options)
    return start(options)


if __name__ == "__main__":
    sys.exit(main())
