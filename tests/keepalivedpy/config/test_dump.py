"""What is dumped is read as the same model, places aside."""

from pathlib import Path

import msgspec
import pytest

from keepalivedpy.config.dump import dump
from keepalivedpy.config.load import load
from keepalivedpy.model.root import Root
from tests.keepalivedpy.config.files import all_files


def placeless(root: Root) -> object:
    """The model as plain values without the places."""

    def without(value: object) -> object:
        if isinstance(value, dict):
            return {name: without(inner) for name, inner in value.items() if name != "place"}
        return [without(inner) for inner in value] if isinstance(value, list | tuple) else value

    return without(msgspec.to_builtins(root))


@pytest.mark.parametrize("path", all_files(), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_dump_is_read_as_the_same_model(path: Path, tmp_path: Path) -> None:
    root = load(str(path)).root
    again = tmp_path / "again.conf"
    again.write_text(dump(root), "utf-8", "surrogateescape")
    found = load(str(again))
    assert placeless(found.root) == placeless(root), dump(root)
    assert dump(found.root) == dump(root)
