"""ICMP errors about fragments of balanced packets (F-190): the first one tells the connection."""

import pytest

from tests.dpvs_core.modes.related_scene import ROWS, Flow, Row, sender, shown
from tests.oracle.fragments import Piece
from tests.oracle.icmp import Error, first_of, header_bytes, translated
from tests.oracle.wire import bad_checksums, ip_frame, read_ip
from tests.steps.core import MAC
from tests.steps.scene import RS_MAC, TO_CLIENTS, TO_SERVERS

PROBLEMS = {4: [(11, 0), (3, 4, 1400), (3, 4, 0), (3, 1)], 6: [(3, 0), (2, 0, 1400), (1, 3)]}


@pytest.mark.parametrize("row", ROWS, ids=str)
@pytest.mark.parametrize("n_workers", [1, 3])
@pytest.mark.parametrize("n_quoted", [8, 40, 1000])
def test_an_error_about_a_first_fragment(row: Row, n_workers: int, n_quoted: int) -> None:
    """F-190, RFC 7915 4.3, 5.3: between families the quote has a fragment header, or none any more.
    The number in it is the one that the fragments left with; `n_quoted` of the transport."""
    with row.core(n_workers) as core:
        flow = Flow(row, core, n_payload=1300)
        for n, dev in enumerate((TO_SERVERS, TO_CLIENTS)):
            whole = flow.forwarded[1 - dev]
            piece = Piece(0x12345678 % (2 ** (16 if whole[0] >> 4 == 4 else 32)), 0, True,
                          read_ip(whole).payload[: 640 + 8 * n])  # fmt: skip
            quote = first_of(whole, piece.ident, len(piece.payload))
            n_bytes = min(header_bytes(quote) + n_quoted, len(quote))
            for kind in PROBLEMS[flow.af_of_errors(dev)]:
                error = Error(sender(dev, flow.af_of_errors(dev), True), *kind)
                l3 = bytes(error.quoting(quote[:n_bytes]))
                (out,) = core.forward(ip_frame(MAC[dev], RS_MAC, l3), dev, n_quoted % n_workers)
                got = out[14:]
                ident = int.from_bytes(got[4:6], "big") if got[0] >> 4 == 4 else 0
                is_of_client = dev != row.client_dev
                want = translated(
                    flow.conn, error, whole, n_bytes, is_of_client, 1500, ident, piece)  # fmt: skip
                assert shown(got) == shown(want)
                assert got == want
                assert bad_checksums(got) == []
