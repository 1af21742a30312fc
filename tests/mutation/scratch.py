"""A copy of the tree to break: its core is built as the package's is, but quicker, and its tests
run against that.

The objects of the unbroken tree are kept, and put back behind each mutation with their times and
ninja's records: what is compiled is the broken line's file, or the files that include it, once.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PARTS = ("dpvs_core", "keepalivedpy", "quagga", "tests", "meson.build", "pyproject.toml",
         "setup.cfg", "README.md", "LICENSE")  # fmt: skip
MODULE = f"dpvs_core/_native{EXTENSION_SUFFIXES[0]}"
CPU_LIMIT_S = 120
"""What a broken core may loop for: the processor's time, which no busy machine makes longer."""
WALL_LIMIT = 10
"""So many times as long by the clock there is no verdict: a test may wait for what never comes, or
the machine may be too busy."""
KEPT = "build-kept"


class BuildError(Exception):
    """The compiler refused; its messages."""


class Scratch:
    def __init__(self, where: Path) -> None:
        self.top = where
        for name in PARTS:
            if (ROOT / name).is_dir():
                ignored = shutil.ignore_patterns("__pycache__", "_native.cpython-*.so")
                shutil.copytree(ROOT / name, where / name, ignore=ignored)
            elif (ROOT / name).exists():
                shutil.copy(ROOT / name, where / name)
        meson = Path(sys.executable).with_name("meson")
        fast = ("-Dbuildtype=debug", "-Doptimization=1", "-Ddebug=false")
        self._run([meson, "setup", *fast, "build"])
        self._build()
        shutil.copytree(self.top / "build", self.top / KEPT)

    def _run(self, command: list[str | Path]) -> None:
        done = subprocess.run(
            command, cwd=self.top, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            check=False,
        )  # fmt: skip
        if done.returncode:
            raise BuildError(done.stdout)

    def _build(self) -> None:
        """What changed since the last time, with one job: others use the machine too."""
        self._run(["ninja", "-C", "build", "-j", "1", MODULE])
        self._use_built()

    def _use_built(self) -> None:
        shutil.copy(self.top / "build" / MODULE, self.top / "dpvs_core")

    @contextmanager
    def broken(self, file: str, text: str) -> Iterator[None]:
        """The tree with this text for that of the file, and its core; then the unbroken again.

        BuildError: the compiler refuses.
        """
        path, build = self.top / file, self.top / "build"
        old, times = path.read_text(), path.stat()
        path.write_text(text)
        try:
            self._build()
            yield
        finally:
            path.write_text(old)
            os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
            shutil.rmtree(build)
            shutil.copytree(self.top / KEPT, build)
            self._use_built()

    def failed(self, tests: tuple[str, ...], cpu_limit_s: int = CPU_LIMIT_S) -> set[str]:
        """Those that fail with the core that was built last; see failing()."""
        return failing(self.top, tests, cpu_limit_s)


def failing(top: Path, tests: tuple[str, ...], cpu_limit_s: int) -> set[str]:
    """Those of a tree's tests (file::function) that fail; one that crashes or never ends has
    failed, and no other for that.

    BuildError: there is no such test, pytest could not run, or nothing happens for too long.
    """
    command = [
        "prlimit", f"--cpu={cpu_limit_s}", "--core=0", "--",
        sys.executable, "-P", "-m", "pytest", "-q", "-rfE", "--tb=no", "-m", "not long",
        "-o", "faulthandler_timeout=0", "-p", "tests.mutation.first_failure", *tests,
    ]  # fmt: skip
    limit_s = WALL_LIMIT * cpu_limit_s
    try:
        done = subprocess.run(
            command, cwd=top, env={"PYTHONPATH": str(top), "PATH": "/usr/bin:/bin"},
            text=True, capture_output=True, timeout=limit_s, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise BuildError(f"no end within {limit_s} s: {' '.join(tests)}") from error
    if done.returncode < 0 or done.returncode >= 128:
        if len(tests) == 1:
            return set(tests)
        return set[str]().union(*(failing(top, (each,), cpu_limit_s) for each in tests))
    if done.returncode not in (0, 1):
        raise BuildError(done.stdout + done.stderr)
    words = [line.split()[1] for line in done.stdout.split("\n")
             if line.startswith(("FAILED ", "ERROR "))]  # fmt: skip
    return {name for name in tests for word in words if word.split("[")[0] == name}
