"""dpvs.conf: model, defaults, carried and not carried items, the samples of conf/."""

from pathlib import Path

import pytest

from dpvs_core.config.dpvs_conf import load_dpvs_conf
from dpvs_core.config.dpvs_items import items
from dpvs_core.config.dpvs_lacks import LACKS
from dpvs_core.config.dpvs_model import (
    Device,
    DpvsConf,
    Ipv6Defs,
    Kni,
    KniRoute,
    RxQueues,
    TxQueues,
    Vdev,
    Worker,
    WorkerPort,
)

ROOT = Path(__file__).resolve().parents[3]
FIELD_FILE = ROOT / "../shared/cases/keepalived-conf/field/dpvs_doc__containerized__dpvs.conf"

WORKERS = """
worker_defs {
    <init> worker cpu0 {
        type master
        cpu_id 0
    }
    <init> worker cpu1 {
        type slave
        cpu_id 1
        port dpdk0 {
            rx_queue_ids 0
            tx_queue_ids 0
        }
    }
}
"""
DEVICE = "netif_defs {\n    <init> device dpdk0 {\n    }\n}\n"


def load(tmp_path: Path, text: str) -> tuple[DpvsConf, list[str], list[str]]:
    """The model, the errors and the warnings, each as `line: text`."""
    path = tmp_path / "dpvs.conf"
    path.write_text(text)
    conf, errors = load_dpvs_conf(str(path))
    return (
        conf,
        [f"{d.place.line}: {d.text}" for d in errors.errors],
        [f"{d.place.line}: {d.text}" for d in errors.warnings],
    )


def test_a_device_with_everything(tmp_path: Path) -> None:
    text = """netif_defs {
    <init> device dpdk0 {
        vdev net_af_packet0,iface=veth0,qpairs=1
        rx {
            queue_number        1
            descriptor_number   1000
            rss                 ip|tcp
        }
        tx {
            descriptor_number   512
            mbuf_fast_free      off
        }
        promisc_mode
        mtu 9000
        kni_name k0
        kni {
            address 192.168.100.28/24
            address 2001:db8::1/64
            route default via 192.168.100.1
            mtu 1400
            backend net_tap
        }
    }
}
"""
    conf, errors, warnings = load(tmp_path, text + WORKERS)
    assert (errors, warnings) == ([], [])
    assert conf.netif_defs.devices == (
        Device(
            name="dpdk0",
            vdev=Vdev(driver="net_af_packet0", args="iface=veth0,qpairs=1"),
            rx=RxQueues(queue_number=1, descriptor_number=512, rss=("ip", "tcp")),
            tx=TxQueues(descriptor_number=512, mbuf_fast_free=False),
            promisc_mode=True,
            mtu=9000,
            kni_name="k0",
            kni=Kni(
                addresses=("192.168.100.28/24", "2001:db8::1/64"),
                routes=(KniRoute(prefix="0.0.0.0/0", via="192.168.100.1"),),
                mtu=1400,
                backend="net_tap",
            ),
            place=f"{tmp_path}/dpvs.conf:2",
        ),
    )
    assert conf.netif_defs.devices[0].kernel_port == "k0"
    assert conf.worker_defs.workers[1] == Worker(
        name="cpu1",
        type="slave",
        cpu_id=1,
        ports=(WorkerPort(device="dpdk0", rx_queue_ids=(0,), tx_queue_ids=(0,)),),
        place=f"{tmp_path}/dpvs.conf:31",
    )


def test_an_empty_file_is_the_defaults(tmp_path: Path) -> None:
    assert load(tmp_path, "") == (DpvsConf(), [], [])
    assert Device(name="dpdk1").kernel_port == "dpdk1.kni"


def test_invalid_value_is_a_warning_and_the_default(tmp_path: Path) -> None:
    text = "neigh_defs {\n    timeout 20\n    timeout 99999\n    unres_queue_length\n}\n"
    conf, errors, warnings = load(tmp_path, text)
    assert conf == DpvsConf()
    assert errors == []
    assert warnings == [
        "3: found '99999' after timeout, expected a number of seconds from 1 to 3600; "
        "the default is used",
        "4: found unres_queue_length without its argument, "
        "expected a number of packets from 16 to 8192; the default is used",
    ]


def test_unknown_items_are_warnings_with_a_suggestion(tmp_path: Path) -> None:
    text = "global_defs {\n    log_levle INFO\n}\nneig_defs {\n    timeout 5\n}\n"
    _, errors, warnings = load(tmp_path, text)
    assert errors == []
    assert warnings == [
        "2: found unknown keyword 'log_levle' in global_defs, expected log_level; it is ignored",
        "4: found unknown keyword 'neig_defs', expected neigh_defs; it and its block are ignored",
    ]


def test_items_not_carried_are_one_warning_each(tmp_path: Path) -> None:
    text = """global_defs {
    pdump on
    pdump off
}
netif_defs {
    bonding bond0 {
        mode 4
    }
}
ctrl_defs {
    lcore_msg {
        priority_level low
        priority_level high
    }
}
"""
    _, errors, warnings = load(tmp_path, text)
    assert errors == []
    assert warnings == [
        "2: found pdump in global_defs; without effect here: `dpip capture` is always there",
        "6: found bonding in netif_defs; not carried yet, ignored: "
        "bond in Linux, and name that: `vdev net_af_packet0,iface=bond0`",
        "13: found priority_level in lcore_msg; without effect here: "
        "the master changes what workers read, without messages between lcores",
    ]


def worker(name: str, cpu_id: int, kind: str = "slave", rx: str = "0", tx: str = "0") -> str:
    port = f"port dpdk0 {{\nrx_queue_ids {rx}\ntx_queue_ids {tx}\n}}\n" if kind != "master" else ""
    return f"worker {name} {{\ntype {kind}\ncpu_id {cpu_id}\n{port}}}\n"


MASTER = worker("m", 0, "master")
STRUCTURE = {
    "no workers": ("", "device dpdk0 but no worker"),
    "no master": (worker("a", 1), "no worker of type master"),
    "no slave": (MASTER, "no worker of type slave (-7)"),
    "two masters": (MASTER + worker("n", 9, "master") + worker("a", 1), "a second worker of type"),
    "repeated rx queue": (
        MASTER + worker("a", 1) + worker("b", 2, tx="1"),
        "queue 0 of dpdk0 in two workers (-2)",
    ),
    "repeated tx queue": (
        MASTER + worker("a", 1) + worker("b", 2, rx="1"),
        "queue 0 of dpdk0 in two workers (-3)",
    ),
    "a gap": (MASTER + worker("a", 1, rx="1"), "rx queues 1 of dpdk0 (-4)"),
    "unknown port": (
        MASTER + worker("a", 1).replace("dpdk0", "dpdk9"),
        "port dpdk9, which is no device (-5)",
    ),
    "port not served": (MASTER + "worker a {\ncpu_id 1\n}\n", "worker a without port dpdk0 (-6)"),
    "no tx queue": (
        MASTER + worker("a", 1).replace("tx_queue_ids 0", ""),
        "port dpdk0 without tx_queue_ids (-6)",
    ),
    "same lcore": (MASTER + worker("a", 0), "cpu_id 0 a second time"),
    "same name": (MASTER + worker("m", 1), "worker m a second time"),
}


@pytest.mark.parametrize("workers, found", STRUCTURE.values(), ids=STRUCTURE)
def test_structure_that_cannot_work_is_an_error(tmp_path: Path, workers: str, found: str) -> None:
    _, errors, _ = load(tmp_path, DEVICE + "worker_defs {\n" + workers + "}\n")
    assert any(found in error for error in errors), errors
    assert all(not error.startswith("0:") for error in errors)


def test_a_device_name_that_linux_cannot_take(tmp_path: Path) -> None:
    text = (DEVICE + WORKERS).replace("dpdk0", "a-long-device")
    _, errors, _ = load(tmp_path, text)
    assert len(errors) == 1
    assert "set kni_name" in errors[0]


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    conf, errors = load_dpvs_conf(str(tmp_path / "none"))
    assert conf == DpvsConf()
    assert len(errors.errors) == 1


@pytest.mark.parametrize("name", sorted(p.name for p in (ROOT / "conf").glob("dpvs.conf.*")))
def test_samples_load_without_a_word(name: str) -> None:
    conf, errors = load_dpvs_conf(str(ROOT / "conf" / name))
    assert [d.text for d in errors] == []
    assert conf.netif_defs.devices
    assert conf.worker_defs.workers


def test_items_file_is_the_table() -> None:
    assert (ROOT / "conf/dpvs.conf.items").read_text() == items(), (
        "python -m dpvs_core.config.dpvs_items > conf/dpvs.conf.items"
    )


def test_items_file_has_the_defaults() -> None:
    conf, _ = load_dpvs_conf(str(ROOT / "conf/dpvs.conf.items"))
    default = DpvsConf()
    assert conf.ipvs_defs == default.ipvs_defs
    assert conf.sa_pool == default.sa_pool
    assert conf.neigh_defs == default.neigh_defs
    assert conf.global_defs == default.global_defs
    assert conf.netif_defs.devices[0].rx == default_device().rx


def default_device() -> Device:
    return Device(name="dpdk0")


@pytest.mark.skipif(
    not FIELD_FILE.exists(), reason="needs the shared case files; not in this checkout"
)
def test_a_file_of_the_field() -> None:
    conf, errors = load_dpvs_conf(str(FIELD_FILE))
    assert errors.errors == ()
    assert {d.effect for d in errors} <= {lack.effect for lack in LACKS.values()}
    assert len(conf.worker_defs.workers) == 9
    assert conf.ipvs_defs.tcp.synproxy.close_client_window
    assert conf.ipvs_defs.udp.timeout.oneway_s == 60


def test_ipv6_defs(tmp_path: Path) -> None:
    """C-092, C-093: of a longer secret the first 32 digits count."""
    digits = "00112233445566778899AABBCCDDEEFF"
    text = f"ipv6_defs {{\naddr_gen_mode stable-privacy\nstable_secret {digits}zz\n}}\n"
    conf, _, warnings = load(tmp_path, text)
    assert conf.ipv6_defs == Ipv6Defs(addr_gen_mode="stable-privacy", stable_secret=digits.lower())
    assert not any("secret" in line for line in warnings)
    conf, _, warnings = load(tmp_path, "ipv6_defs {\naddr_gen_mode mac\nstable_secret 00zz\n}\n")
    assert conf.ipv6_defs == Ipv6Defs()
    assert [line for line in warnings if "mac" in line or "00zz" in line] == [
        "2: found 'mac' after addr_gen_mode, expected eui64, none, stable-privacy or random;"
        " the default is used",
        "3: found '00zz' after stable_secret, expected 32 hexadecimal digits; the default is used",
    ]
