"""One node of a test network: a network namespace with files of its own."""

import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType

from tests.netns.ip import enter
from tests.netns.plan import NodePlan
from tests.netns.processes import MARK
from tests.netns.program import Program

ROOT = Path(__file__).resolve().parents[2]
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
COMMAND_TIMEOUT_S = 60.0


class Node:
    """A namespace that `Topology` has made.

    `folder` has `run` for what programs otherwise put into /run, `tmp`, their TMPDIR, and the
    logs. No mount namespace: in a chroot there can be none (`ip netns exec` fails there).
    """

    def __init__(self, topology: str, plan: NodePlan, folder: Path, bin_folder: Path) -> None:
        self.plan = plan
        self.namespace = f"{topology}-{plan.name}"
        self.folder = folder
        self.programs: list[Program] = []
        self.environment = {
            MARK: topology,
            "PATH": f"{bin_folder}:{PATH}",
            "LANG": "C.UTF-8",
            "PYTHONSAFEPATH": "1",
            "TMPDIR": str(folder / "tmp"),
            "DPVS_IPC_FILE": str(folder / "run/dpvs.ipc"),
        }

    def make_folders(self) -> None:
        for name in ("run", "tmp"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)

    @property
    def name(self) -> str:
        return self.plan.name

    @property
    def address(self) -> str:
        """The first address of the node, without its prefix length."""
        return self.plan.cables[0].address.split("/")[0]

    def command(self, argv: Sequence[str]) -> list[str]:
        """What to execute outside so that `argv` runs inside."""
        return [*enter(self.namespace), *argv]

    def run(
        self,
        argv: Sequence[str],
        *,
        check: bool = True,
        timeout_s: float = COMMAND_TIMEOUT_S,
        stdin: str = "",
    ) -> subprocess.CompletedProcess[str]:
        """Run a command to its end; with `check`, a failure raises with the command's words."""
        done = subprocess.run(
            self.command(argv),
            input=stdin,
            capture_output=True,
            text=True,
            timeout=timeout_s,
            env=self.environment,
            start_new_session=True,
            check=False,
        )
        if check and done.returncode != 0:
            words = (done.stderr or done.stdout).strip()
            raise RuntimeError(f"{self.name}: {' '.join(argv)}: exit {done.returncode}: {words}")
        return done

    def start(
        self, argv: Sequence[str], log_name: str, extra: Mapping[str, str] | None = None
    ) -> Program:
        """Start a program that stays; its output goes to `log_name` in the node's folder."""
        environment = {**self.environment, **(extra or {})}
        program = Program(self.command(argv), self.folder / log_name, environment)
        self.programs.append(program)
        return program

    def start_module(self, module: ModuleType, *words: str) -> Program:
        """Start a module of the tests as a program; it may import other modules of the tests."""
        log_name = f"{module.__name__.rpartition('.')[2]}-{len(self.programs)}.log"
        return self.start(module_command(module, *words), log_name, {"PYTHONPATH": str(ROOT)})

    def end_programs(self) -> None:
        for program in reversed(self.programs):
            program.end()
        self.programs.clear()


def module_command(module: ModuleType, *words: str) -> list[str]:
    """What to execute to run a module of the tests as a program."""
    return [sys.executable, "-u", "-P", str(module.__file__), *words]
