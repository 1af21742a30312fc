"""The counters of one instance, under the names of keepalived's JSON dump."""

from dataclasses import dataclass


@dataclass(slots=True)
class Statistics:
    """In keepalived's order; the last three it counts elsewhere or not at all."""

    advert_rcvd: int = 0
    advert_sent: int = 0
    become_master: int = 0
    release_master: int = 0
    packet_len_err: int = 0
    advert_interval_err: int = 0
    ip_ttl_err: int = 0
    invalid_type_rcvd: int = 0
    addr_list_err: int = 0
    invalid_authtype: int = 0
    authtype_mismatch: int = 0
    auth_failure: int = 0
    pri_zero_rcvd: int = 0
    pri_zero_sent: int = 0
    version_err: int = 0
    checksum_err: int = 0
    cast_err: int = 0

    def count(self, name: str) -> None:
        """One more of `name`, a field of this class."""
        setattr(self, name, getattr(self, name) + 1)
