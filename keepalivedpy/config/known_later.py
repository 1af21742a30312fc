"""Keywords that keepalived (upstream 2.4.3, DPVS) knows and nothing here carries yet.

They are accepted with one warning each, their blocks skipped whole. A keyword moves from here to a
row when it gets an effect.
"""

from collections.abc import Mapping


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


ROOT_LATER = _words("SSL allow_address_group deny_address_group tunnel_group")
"""Outside all blocks."""

VIRTUAL_SERVER_LATER = _words(
    "bps daddr_group_name flag-1 flag-2 flag-3 hashed ip_family limit_proportion "
    "mh-fallback mh-port persistence_engine sh-fallback sh-port smtp_alert snmp_name "
    "sorry_server_inhibit sorry_server_lvs_method vip_bind_dev "
    "waddr_group_name"
)
"""In virtual_server."""

REAL_SERVER_LATER = _words(
    "BFD_CHECK DNS_CHECK FILE_CHECK HTTP_GET MISC_CHECK PING_CHECK SMTP_CHECK SSL_GET "
    "UDP_CHECK smtp_alert snmp_name virtualhost"
)
"""In real_server."""

CHECKER_LATER = _words("fwmark log_all_failures")
"""In a checker that is carried."""

SKIPPED_BLOCKS: Mapping[str, tuple[str, ...]] = {
    "SSL": _words("ca certificate key password"),
    "BFD_CHECK": _words("alpha name"),
    "DNS_CHECK": _words("name type"),
    "FILE_CHECK": _words("track_file weight"),
    "HTTP_GET or SSL_GET": _words(
        "enable_sni fast_recovery http_protocol nb_get_retry tls_compliant url virtualhost"
    ),
    "url": _words(
        "digest path regex regex_max_offset regex_min_offset regex_no_match "
        "regex_options regex_stack status_code tls_compliant virtualhost"
    ),
    "MISC_CHECK": _words("misc_dynamic misc_path misc_timeout user"),
    "tunnel_group": _words("tunnel_entry"),
    "tunnel_entry": _words("if kind local remote"),
    "SMTP_CHECK": _words("helo_name host"),
    "UDP_CHECK": _words("max_reply_length min_reply_length payload require_reply"),
}
"""What stands in blocks that are skipped, to say where a misplaced keyword belongs."""
