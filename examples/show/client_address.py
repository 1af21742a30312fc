"""A scene: the client's real address travels to the server in a TCP option."""

import json

from examples.show.example import OneDirector
from examples.show.required import require
from tests.netns import toa
from tests.netns.wait import until

CAPTURE_S = 5


def client_address(stage: OneDirector) -> None:
    """The client's real address travels in a TCP option (TOA, 254)"""
    captures = {name: stage.net[name].start_module(toa, "eth0") for name in stage.servers}
    for capture in captures.values():
        capture.wait_for_log("ready\n", CAPTURE_S)
    answer = stage.get()
    require(answer.server != "", "the request was not answered")

    def named() -> set[str]:
        lines = captures[answer.server].log_text().splitlines()
        rows = [json.loads(line) for line in lines if line[:1] == "{"]
        return {row["client"] for row in rows if row["source"] == answer.seen_as}

    told = until(f"option 254 on {answer.server}'s wire", named, CAPTURE_S)
    for capture in captures.values():
        capture.end()
    stage.tell.say(f"the client's end of the connection:   {answer.client}")
    stage.tell.say(f"{answer.server}'s socket saw it come from:     {answer.seen_as}")
    stage.tell.say(f"option 254 on {answer.server}'s wire says:     {', '.join(told)}")
    require(told == {answer.client}, "option 254 does not name the client")
