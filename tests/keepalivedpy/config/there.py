"""Starting a program in namespaces of its own, where it can make the environment of the cases."""

import subprocess
import sys

from tests.keepalivedpy.config.files import REPOSITORY


def there(module: str) -> list[str]:
    """The lines that `module` prints."""
    done = subprocess.run(
        ["unshare", "--net", "--uts", sys.executable, "-P", "-m", module],
        cwd=REPOSITORY,
        env={"PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "PYTHONPATH": _path()},
        capture_output=True,
        text=True,
        errors="replace",
        check=True,
    )
    return done.stdout.splitlines()


def _path() -> str:
    return ":".join([*(path for path in sys.path if path), str(REPOSITORY)])
