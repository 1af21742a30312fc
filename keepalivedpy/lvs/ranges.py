"""Address ranges of groups: `192.0.2.1-9` is written once and means nine addresses."""

from collections.abc import Iterator
from ipaddress import ip_address

from keepalivedpy.model.lvs import AddressRange


def expand(addrs: AddressRange) -> Iterator[str]:
    """Each address of a range.

    >>> list(expand(AddressRange(first="192.0.2.254", n=3)))
    ['192.0.2.254', '192.0.2.255', '192.0.3.0']
    """
    first = ip_address(addrs.first)
    return (str(first + i) for i in range(addrs.n))
