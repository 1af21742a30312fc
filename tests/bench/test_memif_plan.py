"""dpvs.conf for the place between two memif ports, read back by the program's own reader."""

from ipaddress import ip_address, ip_network
from pathlib import Path

from dpvs_core.config.dpvs_conf import load_dpvs_conf
from tests.bench import memif_plan
from tests.bench.memif_plan import Sockets

SOCKETS = Sockets(Path("/tmp/a/clients.sock"), Path("/tmp/a/servers.sock"))


def test_dpvs_conf_is_read_without_a_word(tmp_path: Path) -> None:
    path = tmp_path / "dpvs.conf"
    path.write_text(memif_plan.dpvs_conf(SOCKETS, 1_000_000, (2, 3), tmp_path / "log"))
    conf, diagnostics = load_dpvs_conf(str(path))
    assert [row.text for row in diagnostics] == []
    near, far = conf.netif_defs.devices
    assert near.vdev is not None and far.vdev is not None
    assert near.vdev.driver == "net_memif0"
    assert near.vdev.args == "role=client,id=0,socket=/tmp/a/clients.sock,socket-abstract=no"
    assert far.vdev.args.split(",")[2] == "socket=/tmp/a/servers.sock"
    assert [row.cpu_id for row in conf.worker_defs.workers] == [2, 3]
    assert conf.ipvs_defs.conn.conn_pool_size == 2_097_151
    assert conf.global_defs.kni is False


def test_rules_name_every_server_and_enough_local_addresses() -> None:
    rules = memif_plan.ipvsadm_rules(1_000_000).splitlines()
    assert rules[0] == "-A -u 10.1.0.100:53 -s rr"
    assert [rule.split()[4] for rule in rules if rule.startswith("-a")] == [
        f"{server}:53" for server in memif_plan.SERVERS
    ]
    laddrs = [rule.split()[4] for rule in rules if rule.startswith("-P")]
    assert len(laddrs) * len(memif_plan.SERVERS) * 64_000 > 4_000_000
    network = ip_network(memif_plan.FAR, strict=False)
    assert all(ip_address(laddr) in network for laddr in laddrs)
    assert not set(laddrs) & set(memif_plan.SERVERS)


def test_everybody_is_where_the_routes_say() -> None:
    assert ip_address(memif_plan.CLIENTS) in ip_network(memif_plan.CLIENT_NETWORK)
    near = ip_network(memif_plan.NEAR, strict=False)
    assert ip_address(memif_plan.VIP) in near
    assert ip_address(memif_plan.CLIENT_GATEWAY) in near
