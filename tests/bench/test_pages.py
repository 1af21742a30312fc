"""What is free, what is borrowed, and that it goes back."""

from pathlib import Path

import pytest

from tests.bench import pages

MEMINFO = """\
MemTotal:       24000000 kB
HugePages_Total:     {total}
HugePages_Free:      {free}
Hugepagesize:       {size} kB
"""


class Kernel:
    """A pool file that gives at most `most` pages, and the meminfo that goes with it."""

    def __init__(self, folder: Path, total: int, free: int, most: int = 10**6) -> None:
        self.pool, self.meminfo = folder / "nr_hugepages", folder / "meminfo"
        self.used, self.most = total - free, most
        self.write_text(str(total))

    def write_text(self, text: str) -> None:
        total = min(int(text), self.most)
        self.pool.write_text(str(total))
        self.meminfo.write_text(MEMINFO.format(total=total, free=total - self.used, size=2048))

    def read_text(self) -> str:
        return self.pool.read_text()


@pytest.fixture
def kernel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Kernel:
    made = Kernel(tmp_path, **request.param)
    monkeypatch.setattr(pages, "POOL", made)
    monkeypatch.setattr(pages, "MEMINFO", made.meminfo)
    monkeypatch.setattr("os.geteuid", lambda: 0)
    return made


def total(kernel: Kernel) -> int:
    return int(kernel.read_text())


def test_free_pages_of_two_megabytes_only() -> None:
    assert pages.free_pages(MEMINFO.format(total=9, free=7, size=2048)) == 7
    assert pages.free_pages(MEMINFO.format(total=9, free=7, size=1048576)) == 0
    assert pages.free_pages("MemTotal: 5 kB\n") == 0


@pytest.mark.parametrize("kernel", [{"total": 10, "free": 4}], indirect=True)
def test_missing_pages_are_lent(kernel: Kernel) -> None:
    with pages.lent(40) as huge:
        assert huge
        assert total(kernel) == 27  # 21 wanted, 4 free
    assert total(kernel) == 10


@pytest.mark.parametrize("kernel", [{"total": 10, "free": 4}], indirect=True)
def test_only_ours_go_back(kernel: Kernel) -> None:
    with pages.lent(40):
        kernel.write_text(str(total(kernel) + 5))  # somebody else's
    assert total(kernel) == 15


@pytest.mark.parametrize("kernel", [{"total": 10, "free": 4}], indirect=True)
def test_pages_go_back_after_a_failure(kernel: Kernel) -> None:
    with pytest.raises(KeyError), pages.lent(40):
        raise KeyError
    assert total(kernel) == 10


@pytest.mark.parametrize("kernel", [{"total": 10, "free": 4, "most": 12}], indirect=True)
def test_memory_in_pieces(kernel: Kernel) -> None:
    with pages.lent(40) as huge:
        assert not huge
    assert total(kernel) == 10


@pytest.mark.parametrize("kernel", [{"total": 100, "free": 50}], indirect=True)
def test_enough_is_left_alone(kernel: Kernel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    with pages.lent(40) as huge:
        assert huge
        assert total(kernel) == 100


@pytest.mark.parametrize("kernel", [{"total": 10, "free": 4}], indirect=True)
def test_without_root_nothing_is_touched(kernel: Kernel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    with pages.lent(40) as huge:
        assert not huge
        assert total(kernel) == 10
    assert pages.eal_words(False, 256) == ["--no-huge", "--no-shconf", "-m", "256"]
