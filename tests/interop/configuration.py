"""keepalived.conf of the two nodes: the same text for either program."""

from tests.interop.cases import SECOND_US, Case

VRID = 51
VIP = "10.99.0.100"
DEVICE = "eth0"
PRIORITY = {"master": 150, "backup": 100}
ADDRESS = {"master": "10.99.0.1", "backup": "10.99.0.2"}
PEER = {"master": "backup", "backup": "master"}
MULTICAST_GROUP = "224.0.0.18"


def keepalived_conf(case: Case, role: str) -> str:
    """Both start as BACKUP: the priority alone decides, and nobody is MASTER without a wait."""
    blocks = ""
    if case.password:
        blocks += f"    authentication {{\n{_lines('auth_type PASS', f'auth_pass {case.password}')}"
    if case.unicast:
        blocks += f"    unicast_peer {{\n{_lines(ADDRESS[PEER[role]])}"
    return f"""\
global_defs {{
    router_id {role}
}}
vrrp_instance VI_1 {{
    state BACKUP
    interface {DEVICE}
    virtual_router_id {VRID}
    priority {PRIORITY[role]}
    version {case.version}
    advert_int {case.interval_us / SECOND_US:g}
{blocks}    virtual_ipaddress {{
        {VIP}
    }}
}}
"""


def _lines(*lines: str) -> str:
    return "".join(f"        {line}\n" for line in lines) + "    }\n"
