"""A reload from any configuration to any other ends as a fresh start with the other would.

Real dpvs, real keepalived; what the tools list of services, local addresses, addresses and routes,
and what the kernel port has.
"""

import os
import random

import pytest

from tests.netns.director import Core
from tests.netns.dpvs_conf import ONE_ARM as ONE_ARM_DEVICES
from tests.netns.dpvs_conf import dpvs_conf
from tests.netns.plan import ONE_ARM
from tests.netns.topology import Topology
from tests.system.any_reload import Reloads, configuration

pytestmark = pytest.mark.netns


def walk(seed: int, n_configurations: int, n_reloads: int) -> None:
    chance = random.Random(seed)
    texts = ["", *(configuration(chance) for _ in range(n_configurations))]
    with Topology(ONE_ARM) as net:
        node = net["director"]
        core = Core(node, dpvs_conf(ONE_ARM_DEVICES, 1, str(node.folder / "dpvs.log")))
        core.start()
        core.wait_until_it_answers()
        reloads = Reloads(node, core)
        fresh = []
        for text in texts:
            fresh.append(reloads.start(text))
            reloads.stop()
        at = 0
        assert reloads.start(texts[at]) == fresh[at], "it is not left as it was found"
        for n in range(n_reloads):
            before, at = at, chance.choice([i for i in range(len(texts)) if i != at])
            try:
                reloads.reload(texts[at], fresh[at])
            except TimeoutError as error:
                error.add_note(f"seed {seed}, reload {n}, from\n{texts[before]}\nto\n{texts[at]}")
                raise
        reloads.stop()
        assert core.stop() == 0


def test_any_to_any() -> None:
    walk(seed=1, n_configurations=2, n_reloads=6)


@pytest.mark.long
def test_any_to_any_for_long() -> None:
    seed = int(os.environ.get("RELOAD_SEED", "2"))
    walk(seed, n_configurations=20, n_reloads=200)
