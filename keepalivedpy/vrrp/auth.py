"""Authentication data of version 2 (RFC 2338 section 5.3.6; gone since RFC 3768, still in use).

PASS is eight bytes of clear text behind the addresses, padded with zeros. AH needs IPsec's
headers and is not carried yet: `unsupported` says so.
"""

from keepalivedpy.model.vrrp import Authentication

NONE, PASS, AH = 0, 1, 2
AUTH_DATA_BYTES = 8
NO_AUTH_DATA = bytes(AUTH_DATA_BYTES)


def fields(authentication: Authentication | None) -> tuple[int, bytes]:
    """Auth Type and Authentication Data as they stand in an advert."""
    if authentication is None:
        return NONE, NO_AUTH_DATA
    return PASS, authentication.auth_pass[:AUTH_DATA_BYTES].ljust(AUTH_DATA_BYTES, b"\0")


def unsupported(authentication: Authentication | None) -> str:
    """Why this authentication cannot be used, or ""."""
    if authentication is not None and authentication.auth_type == "AH":
        return "auth_type AH is not supported; use PASS"
    return ""
