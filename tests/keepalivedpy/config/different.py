"""The case files whose exit status differs from upstream's, each with its reason."""

_DPVS = "keywords of DPVS, which upstream does not know and we do"

DIFFERENT: dict[str, str] = {
    "own/301-script-security.conf": "there /bin/true was writable by others, here it is not",
    "own/353-vs-dpvs-syn-proxy.conf": _DPVS,
    "own/355-vs-dpvs-conhash.conf": _DPVS,
    "own/357-vs-dpvs-icmp.conf": _DPVS,
    "own/436-dpvs-full.conf": _DPVS,
    "own/438-dpvs-tunnel.conf": _DPVS,
    "own/439-dpvs-instance-if.conf": _DPVS,
    "field/dpvs_doc__tutorial.md.5.conf": _DPVS,
}

TO_COME = frozenset(
    {
        "field/pqarmitage/configs/1191.conf",
        "field/pqarmitage/configs/1555c.7.conf",
        "field/pqarmitage/configs/1581.conf",
        "field/upstream__keepalived.conf.fwmark",
        "own/347-vs-tun-bad.conf",
        "own/349-vs-virtualhost-noarg.conf",
        "own/361-vsaddr-port-0.conf",
        "own/364-vsaddr-fwmark.conf",
        "own/365-vsaddr-fwmark-0.conf",
        "own/366-vsaddr-fwmark-text.conf",
        "own/369-vsaddr-noargs.conf",
        "own/380-vs-rs-weight-0.conf",
        "own/402-chk-http-code-bad.conf",
        "own/404-chk-http-code-lo.conf",
        "own/405-chk-http-digest-short.conf",
        "own/407-chk-http-proto-bad.conf",
        "own/416-chk-dns-type-bad.conf",
        "own/419-chk-misc-nopath.conf",
        "own/424-chk-udp-hex-bad.conf",
        "own/425-chk-udp-len.conf",
    }
)
"""Those that wait for a row or a rule; they may agree."""
