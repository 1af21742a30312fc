"""script/demo: each show happens as told, and nothing is left of it, also after Ctrl-C."""

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from examples.show.found import shows
from tests.netns import topology
from tests.netns.processes import MARK
from tests.netns.wait import PATIENCE, until

pytestmark = pytest.mark.netns

ROOT = Path(__file__).resolve().parents[2]
DEMO_TIMEOUT_S = 150
ENV = ("env", "--default-signal=INT")
"""A shell that runs the tests in the background has Ctrl-C ignored; a person's terminal has not."""
EMULATED_TIMEOUT_S = 1500  # by a virtual machine without virtualisation
END_TIMEOUT_S = 30

# Each show with its scenes' titles; and words on the screen at which to press Ctrl-C.
TITLES = {
    show.name: [scene.__doc__ for scene in (*show.scenes, *show.end)] for show in shows().values()
}
IN_THE_MIDDLE = {"single": "$ keepalived", "pair": "were killed"}


@dataclass(frozen=True, slots=True)
class Demo:
    """A show as script/demo starts it (after its set-up), and the file it prints to."""

    process: "subprocess.Popen[bytes]"
    output: Path

    def end(self, timeout_s: float) -> tuple[int, str]:
        """Its exit status, and what it has printed."""
        try:
            status = self.process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            pytest.fail(f"not over in {timeout_s:g} s:\n{self.output.read_text()}")
        return status, self.output.read_text()

    def left(self) -> list[str]:
        """Namespaces, folders and processes of this run."""
        name = f"demo{self.process.pid}"
        folders = [str(path) for path in topology.FOLDERS.glob(name)]
        return [*topology.namespaces(name), *folders, *marked(name)]


def marked(name: str) -> list[str]:
    """Processes anywhere that carry a topology's mark: also those that left its namespaces."""
    mark = f"{MARK}={name}".encode()
    found = []
    for environment in Path("/proc").glob("[0-9]*/environ"):
        try:
            words = environment.read_bytes().split(b"\0")
        except OSError:  # it ended meanwhile
            continue
        if mark in words:
            found.append(environment.parent.name)
    return found


@pytest.fixture
def demo(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Demo]:
    output = tmp_path / "output"
    with output.open("wb") as file:
        process = subprocess.Popen(
            [*ENV, sys.executable, "-u", "-m", "examples.show.main", request.param],
            cwd=ROOT,
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "PATIENCE": str(PATIENCE)},
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    yield Demo(process, output)
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        process.wait(END_TIMEOUT_S)


@pytest.mark.parametrize(("demo", "titles"), TITLES.items(), ids=TITLES, indirect=["demo"])
def test_everything_is_shown(demo: Demo, titles: list[str]) -> None:
    status, text = demo.end(DEMO_TIMEOUT_S)
    assert status == 0, text
    assert re.findall(r"^\d+\. (.*)$", text, re.MULTILINE) == titles
    assert demo.left() == []


@pytest.mark.kernel
@pytest.mark.parametrize("demo", ["tunnel"], indirect=True)
def test_tunnels_end_in_the_kernel_where_it_has_the_device(demo: Demo) -> None:
    """F-085. With module ipip loaded, no program of ours stands in for it."""
    status, text = demo.end(EMULATED_TIMEOUT_S)
    assert status == 0, text
    assert "the kernel: it has tunl0 (module ipip)" in text, "modprobe ipip first"
    assert "decapsulate" not in text


@pytest.mark.parametrize(
    ("demo", "words"), IN_THE_MIDDLE.items(), ids=IN_THE_MIDDLE, indirect=["demo"]
)
def test_ctrl_c_removes_everything(demo: Demo, words: str) -> None:

    def seen() -> bool:
        assert demo.process.poll() is None, demo.output.read_text()
        return words in demo.output.read_text()

    until(f"{words} on the screen", seen, DEMO_TIMEOUT_S)
    assert demo.left() != []
    demo.process.send_signal(signal.SIGINT)
    assert demo.process.wait(END_TIMEOUT_S) == 130, demo.output.read_text()
    assert demo.left() == []


@pytest.mark.parametrize("words", [("pair",), ("single",), ()], ids=["pair", "single", "none"])
def test_each_show_says_how_it_is_called(words: tuple[str, ...]) -> None:
    done = command(*words, "--help")
    assert done.returncode == 0
    assert f"usage: script/demo {words[0] if words else 'pair'} [" in done.stdout


def test_an_unknown_show_is_refused_with_the_names_of_those_there_are() -> None:
    done = command("triple")
    assert done.returncode == 2
    assert done.stderr.startswith("demo: there is no show 'triple'; there are: pair, ")
    assert done.stderr.strip().rpartition(": ")[2].split(", ") == list(TITLES)


def test_the_list_names_each_show_with_a_line() -> None:
    lines = command("--list").stdout.splitlines()
    assert [line.split("  ")[0].strip() for line in lines] == list(TITLES)
    assert all(len(line) < 100 for line in lines)


def test_each_example_has_its_row_in_the_readme() -> None:
    readme = (ROOT / "examples/README.md").read_text()
    folders = [path.parent.name for path in ROOT.glob("examples/*/demo.py")]
    assert len(folders) == len(TITLES)
    assert [folder for folder in folders if f"| `{folder}/` |" not in readme] == []


def command(*words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [ROOT / "script/demo", *words], capture_output=True, text=True, check=False
    )
