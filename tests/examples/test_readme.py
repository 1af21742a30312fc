"""What a show reads out of its README.md."""

from pathlib import Path

import pytest

from examples.show.readme import BY_HAND, HOSTS, Readme, Typed

TEXT = """\
# Title

Words.

    client
       |
    director

    script/demo example

## The hosts

    servers# ip address add 192.0.2.1/32 dev lo     # the VIP
    rs1# true
        rs1# is not typed: it is indented more

## By hand

    director# dpip addr show

## More

    director# reboot
"""


@pytest.fixture
def readme(tmp_path: Path) -> Readme:
    path = tmp_path / "README.md"
    path.write_text(TEXT)
    return Readme(path)


def test_the_picture_is_the_first_indented_block(readme: Readme) -> None:
    assert readme.picture == "client\n   |\ndirector"


def test_commands_stand_below_their_title_with_a_prompt(readme: Readme) -> None:
    assert readme.typed(HOSTS) == [
        Typed("servers", "ip address add 192.0.2.1/32 dev lo     # the VIP"),
        Typed("rs1", "true"),
    ]
    assert readme.typed(BY_HAND) == [Typed("director", "dpip addr show")]


def test_a_missing_title_is_an_error_that_names_the_file(readme: Readme) -> None:
    with pytest.raises(ValueError, match=r"README.md: no title '## Elsewhere'"):
        readme.typed("Elsewhere")


def test_a_missing_picture_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "README.md"
    path.write_text("# Title\n\nWords.\n")
    with pytest.raises(ValueError, match="no indented block"):
        _ = Readme(path).picture
