"""A scene for modes in which servers answer clients themselves: direct routing and tunnels."""

from examples.show import scenes
from examples.show.example import OneDirector
from examples.show.required import require
from examples.show.wire import crossing, ends

MIN_QUESTIONS = 10  # acknowledgements of 10 MB are hundreds


def watched_download(stage: OneDirector, packets: str) -> list[str]:
    """The lines of tcpdump on the director's cable while the client gets the file.

    None of them may come from the VIP, and those of the client must be there.
    """
    client, vip = stage.client.address, stage.vip
    lines = crossing(stage, packets, lambda: scenes.download(stage))
    innermost = [ends(line)[-1] for line in lines]
    questions, answers = innermost.count((client, vip)), innermost.count((vip, client))
    stage.tell.say(f"the director's cable saw {questions} packets of the client, {answers} answers")
    require(questions >= MIN_QUESTIONS, "the client's packets should pass the director")
    require(answers == 0, "answers should not pass the director")
    return lines
