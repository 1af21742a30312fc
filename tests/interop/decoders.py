"""All decoders on one capture."""

from pathlib import Path

from tests.interop import scapy_decoder, tshark
from tests.interop.cases import Case
from tests.interop.expectation import complaints

DECODERS = {"tshark": tshark.decode, "scapy": scapy_decoder.decode}


def all_complaints(case: Case, capture_file: Path) -> list[str]:
    """What any of them finds amiss with the capture of a case."""
    return [
        words
        for name, decode in DECODERS.items()
        for words in complaints(case, decode(capture_file), name)
    ]
