"""Seeds of one link: multicast listener queries, right ones and those that lie."""

from collections.abc import Iterator
from dataclasses import replace

from tests.fuzz import script as s
from tests.fuzz.hosts import OWN
from tests.fuzz.script import Script
from tests.oracle.mld import ALERT, Query
from tests.oracle.nd import solicited_node
from tests.oracle.wire import ETH_BYTES

Named = tuple[str, Script]
GROUP = solicited_node(OWN[6][0])
OPTIONS = (
    b"", bytes(6), b"\0" * 5 + b"\5", b"\5\0\1\0\1\0", b"\1\4\0\0\0\0", b"\1\xff\0\0\0\0",
    b"\xc2\5\0\0\0\0", ALERT[2:] + b"\5\2", bytes(8) + ALERT, ALERT + bytes(8),
)  # fmt: skip
"""Of the hop-by-hop header: none, padding alone, options that end behind it, an alert behind."""


def of_queriers() -> Iterator[Named]:
    for options in (0, s.VERIFIED, s.THREE_WORKERS):
        script = Script(options)
        for query in (
            Query(), Query(group=GROUP), Query(robustness=None), Query(robustness=7),
            Query(group=GROUP, robustness=None), Query(group=GROUP, sources=("2600::1", "::")),
            Query(max_code=0x8001), Query(max_code=0xFFFF), Query(max_code=0), Query(ttl=2),
            Query(src="2001:db8::30"), Query(group="ff02::1:ff99:9999"), Query(flip=1),
        ):  # fmt: skip
            script.frame(bytes(query), flags=0).add(s.TIME, time=20)
        yield f"listeners-{options}", script.add(s.CHANGE, a=s.STANDBY).add(s.TIME, time=22)


def with_lies() -> Iterator[Named]:
    for number, query in enumerate(
        (Query(), Query(group=GROUP, sources=("2600::1",) * 3), Query(robustness=None))
    ):
        script = Script()
        for options in OPTIONS:
            script.frame(bytes(replace(query, options=options)), flags=s.RIGHT)
        for cut in (1, 3, 4, 20):
            script.frame(bytes(replace(query, cut=cut)), flags=0)
        yield f"listeners-lies-{number}", script
        whole = bytes(query)
        for first in (ETH_BYTES + 40, ETH_BYTES + 66):
            script = Script()
            for n_bytes in range(first, min(len(whole), first + 26)):
                script.frame(whole[:n_bytes], flags=s.RIGHT)
            yield f"listeners-cut-{number}-{first}", script
        script = Script()
        for n_words in (1, 2, 3, 4, 5, 8, 255):
            lying = bytearray(whole)
            lying[ETH_BYTES + 41] = n_words
            script.frame(bytes(lying), flags=s.RIGHT)
            lying[ETH_BYTES + 41] = 0
            lying[ETH_BYTES + 43] = n_words
            script.frame(bytes(lying), flags=s.RIGHT)
        yield f"listeners-lengths-{number}", script


KINDS = (of_queriers, with_lies)
