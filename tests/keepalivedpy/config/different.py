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
    "field/pqarmitage/configs/1555c.7.conf": "28 messages of 2.4.3, not recorded; 2.2.7 agrees",
}
