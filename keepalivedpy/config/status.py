"""The exit status of a configuration test (`keepalived -t`).

As the program does it, which is not what its man page says: 0 nothing wrong, 4 cannot run,
5 something wrong but it runs, 6 scripts without script security (or an include that must not
fail), 2 an argument is missing: the program stops reading there, so that 2 hides all others.
"""

from collections.abc import Iterable

from dpvs_core.config.errors import Diagnostic

OK, MISSING_ARGUMENT, CANNOT_RUN, ERRORS, SCRIPT_SECURITY = 0, 2, 4, 5, 6

_PRECEDENCE = (MISSING_ARGUMENT, SCRIPT_SECURITY, ERRORS, CANNOT_RUN)


def exit_status(diagnostics: Iterable[Diagnostic]) -> int:
    """The status that all of them give together."""
    seen = {diagnostic.exit_status for diagnostic in diagnostics}
    return next((status for status in _PRECEDENCE if status in seen), OK)
