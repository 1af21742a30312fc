"""A copy of the tree to break: its core is built as the package's is, but quicker, and its tests
run against that."""

import shutil
import subprocess
import sys
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PARTS = ("dpvs_core", "keepalivedpy", "quagga", "tests", "meson.build", "pyproject.toml",
         "setup.cfg", "README.md", "LICENSE")  # fmt: skip
MODULE = "_native.cpython-*.so"
TEST_TIMEOUT_S = 300
"""What a broken core may loop for."""


class BuildError(Exception):
    """The compiler refused; its messages."""


class Scratch:
    def __init__(self, where: Path) -> None:
        self.top = where
        for name in PARTS:
            if (ROOT / name).is_dir():
                ignored = shutil.ignore_patterns("__pycache__", MODULE)
                shutil.copytree(ROOT / name, where / name, ignore=ignored)
            elif (ROOT / name).exists():
                shutil.copy(ROOT / name, where / name)
        meson = Path(sys.executable).with_name("meson")
        self._run([meson, "setup", "-Dbuildtype=debug", "-Doptimization=1", "build"])

    def _run(self, command: list[str | Path]) -> None:
        done = subprocess.run(
            command, cwd=self.top, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            check=False,
        )  # fmt: skip
        if done.returncode:
            raise BuildError(done.stdout)

    def _build(self) -> None:
        """What changed since the last time, with one job: others use the machine too."""
        module = f"dpvs_core/_native{EXTENSION_SUFFIXES[0]}"
        self._run(["ninja", "-C", "build", "-j", "1", module])
        shutil.copy(self.top / "build" / module, self.top / "dpvs_core")

    def failed(self, tests: tuple[str, ...]) -> set[str]:
        """Those of the tests (file::function) that fail with the sources as they now are; all of
        them if the core crashes or hangs.

        BuildError: the compiler refuses, there is no such test, or pytest could not run.
        """
        self._build()
        command = [
            sys.executable, "-P", "-m", "pytest", "-q", "-rfE", "--tb=no", "-m", "not long",
            "-p", "tests.mutation.first_failure", *tests,
        ]  # fmt: skip
        try:
            done = subprocess.run(
                command, cwd=self.top, env={"PYTHONPATH": str(self.top), "PATH": "/usr/bin:/bin"},
                text=True, capture_output=True, timeout=TEST_TIMEOUT_S, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return set(tests)
        if done.returncode < 0 or done.returncode >= 128:
            return set(tests)
        if done.returncode not in (0, 1):
            raise BuildError(done.stdout + done.stderr)
        words = [line.split()[1] for line in done.stdout.split("\n")
                 if line.startswith(("FAILED ", "ERROR "))]  # fmt: skip
        return {name for name in tests for word in words if word.split("[")[0] == name}
