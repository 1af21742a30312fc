"""A scene for examples with IPv6: when its addresses can be used."""

from examples.show.example import OneDirector
from tests.netns.wait import until

TIMEOUT_S = 10


def verified(stage: OneDirector) -> None:
    """IPv6 addresses are verified to be nobody else's before they are used (a second)"""

    def rows() -> list[str]:
        lines = stage.director.tool("dpip", "-6", "addr", "show").splitlines()
        return [line for line in lines if line.startswith("inet6") and "scope link" not in line]

    until(
        "no address is tentative",
        lambda: rows() and not any("tentative" in row for row in rows()),
        TIMEOUT_S,
    )
    stage.tell.show("director# dpip -6 addr show | grep global")
    stage.tell.show("\n".join(rows()))
