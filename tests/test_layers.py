"""Imports go one way. Read from the sources, so that an import inside a function counts too."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
OURS = ("keepalivedpy", "dpvs_core", "quagga")

# The longest matching name decides which of our packages a module may import.
MAY_IMPORT = {
    "keepalivedpy": ("keepalivedpy", "dpvs_core.control", "dpvs_core.config", "quagga"),
    "keepalivedpy.model": ("keepalivedpy.model",),
    "keepalivedpy.netlink": ("keepalivedpy.netlink",),
    "dpvs_core": ("dpvs_core",),
    "dpvs_core.config": ("dpvs_core.config",),
    "dpvs_core.control": ("dpvs_core.control",),
    "quagga": ("quagga",),
}
VERSION = "dpvs_core.__version__"  # a word, which everyone may ask for

# The native module is called by the master only; this is where it is bound.
NATIVE = "dpvs_core._native"
MAY_BIND = ("dpvs_core.master",)

# What a tool must not load: a bare interpreter starts in 16 ms, pyroute2 alone takes 200.
SLOW = ("asyncio", "pyroute2", "pyparsing", "cffi", NATIVE)
TOOLS = ("keepalivedpy.programs.ipvsadm", "keepalivedpy.programs.dpip")

# C folders a folder may include from; only `worker` and the stages in `lb` know struct worker.
MAY_INCLUDE = {
    "base": ("base",),
    "pkt": ("base", "pkt"),
    "net": ("base", "pkt", "net", "worker"),
    "lb": ("base", "pkt", "net", "lb", "worker"),
    "worker": ("base", "pkt", "net", "lb", "worker", "host"),
    "host": ("base", "pkt", "net", "lb", "worker", "host"),
    "port": ("base", "pkt", "net", "worker", "host", "port"),
    "api": ("base", "pkt", "net", "lb", "worker", "host", "port", "api"),
}


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported(tree: ast.Module, name: str, is_package: bool) -> Iterator[str]:
    """Dotted names that a module imports, `from a import b` as a.b."""
    package = name.split(".") if is_package else name.split(".")[:-1]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            origin = ".".join([*base, *([node.module] if node.module else [])])
            yield from (f"{origin}.{alias.name}" for alias in node.names)


def within(name: str, packages: tuple[str, ...]) -> bool:
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def allowed(name: str) -> tuple[str, ...]:
    return MAY_IMPORT[max((key for key in MAY_IMPORT if within(name, (key,))), key=len)]


def wrong_imports(name: str, targets: Iterator[str]) -> list[str]:
    wrong = []
    for target in targets:
        if not within(target, OURS) or target == VERSION:
            continue
        if within(target, (NATIVE,)):
            right = within(name, MAY_BIND)
        else:
            right = within(target, allowed(name))
        if not right:
            wrong.append(f"{name} imports {target}")
    return wrong


def test_python_imports_go_one_way() -> None:
    wrong = []
    paths = [path for top in OURS for path in (ROOT / top).rglob("*.py")]
    assert len(paths) > 50
    for path in paths:
        name = module_name(path)
        tree = ast.parse(path.read_text(encoding="utf-8"))
        wrong += wrong_imports(name, imported(tree, name, path.name == "__init__.py"))
    assert wrong == []


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("keepalivedpy.lvs.plan", "from dpvs_core.master import state"),
        ("keepalivedpy.lvs.plan", "def f():\n    import dpvs_core._native"),
        ("keepalivedpy.model.lvs", "from ..config import load"),
        ("dpvs_core.control.server", "from dpvs_core._native import lib"),
        ("dpvs_core.control.server", "from dpvs_core import master"),
        ("dpvs_core.master.main", "import keepalivedpy.model"),
        ("quagga.zebra", "from dpvs_core.control import client"),
    ],
)
def test_wrong_imports_are_seen(name: str, source: str) -> None:
    assert len(wrong_imports(name, imported(ast.parse(source), name, False))) == 1


@pytest.mark.parametrize("tool", TOOLS)
def test_tools_load_nothing_slow(tool: str) -> None:
    program = f"import sys, {tool}; print(*[name for name in {SLOW} if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "\n"


def test_c_includes_go_one_way() -> None:
    core = ROOT / "dpvs_core"
    wrong = []
    files = [path for folder in MAY_INCLUDE for path in (core / folder).glob("*.[ch]")]
    assert len(files) > 20
    for path in files:
        text = path.read_text(encoding="utf-8")
        for target in re.findall(r'^#include "([^"/]+)/[^"]*"', text, re.MULTILINE):
            if target not in MAY_INCLUDE[path.parent.name]:
                wrong.append(f"{path.relative_to(core)} includes from {target}/")
    assert wrong == []


def test_every_c_folder_is_built() -> None:
    core = ROOT / "dpvs_core"
    build = (core / "meson.build").read_text(encoding="utf-8")
    folders = {path.parent.relative_to(core).as_posix() for path in core.rglob("*.c")}
    assert folders == set(MAY_INCLUDE) & folders
    assert all(f"'{folder}'" in build for folder in folders)
