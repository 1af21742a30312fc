"""The demo: one director in front of two web servers, shown as it works.

    script/demo [--keep | --remove]

Exit status 0 only if everything happened as it was told.
"""

import argparse
import os
import re
import signal
import sys
from types import FrameType
from typing import NoReturn

from examples.fnat_one_arm import scenes
from examples.fnat_one_arm.stage import PREFIX, VIP, ShowError, Stage, Teller, new_network
from tests.netns import topology

KEEP_TEXT = """
It is still running. To poke at it:

    client      ip netns exec {name}-client curl http://{vip}/
                ip netns exec {name}-client ping {vip}
    director    export DPVS_IPC_FILE={folder}/director/run/dpvs.ipc
                .venv/bin/ipvsadm -ln --stats      .venv/bin/dpip link show
                .venv/bin/ipvsadm -lnc             .venv/bin/dpip drops
    kernel port ip netns exec {name}-director tcpdump -ni dpdk0.kni
    servers     ip netns exec {name}-rs1 tcpdump -nvi eth0 port 80
    log         tail -f {folder}/director/keepalived.log
    files       {folder}/director/keepalived.conf, dpvs.conf

To remove it:   script/demo --remove
"""


def main() -> int:
    parser = argparse.ArgumentParser(prog="script/demo", description="one director at work")
    choice = parser.add_mutually_exclusive_group()
    choice.add_argument("--keep", action="store_true", help="leave it running at the end")
    choice.add_argument("--remove", action="store_true", help="remove what --keep has left")
    options = parser.parse_args()
    if os.geteuid() != 0:
        print("demo: must be root, for it makes network namespaces", file=sys.stderr)
        return 2
    if options.remove:
        return remove_kept()
    signal.signal(signal.SIGTERM, _terminated)
    return show(options.keep)


def show(keep: bool) -> int:
    tell = Teller()
    try:
        with new_network() as net:
            _play(Stage(net, tell), keep)
    except KeyboardInterrupt:
        print("\ndemo: interrupted; everything is removed", file=sys.stderr)
        return 130
    except (ShowError, TimeoutError, RuntimeError) as error:
        print(f"\ndemo: FAILED: {error}", file=sys.stderr)
        return 1
    if not keep:
        tell.say("namespaces, programs and files are removed")
    print(f"\nAll of it happened, in {tell.elapsed_s():.0f} s.")
    return 0


def _play(stage: Stage, keep: bool) -> None:
    played = scenes.SCENES if keep else (*scenes.SCENES, scenes.stop)
    try:
        for scene in played:
            stage.tell.scene(scene.__doc__ or "")
            scene(stage)
    except (ShowError, TimeoutError, RuntimeError):
        print("\nThe last lines of the director's log:", file=sys.stderr)
        print("\n".join(stage.director.log.splitlines()[-30:]), file=sys.stderr)
        raise
    if keep:
        stage.net.keep()
        print(KEEP_TEXT.format(name=stage.net.name, folder=stage.net.folder, vip=VIP))


def remove_kept() -> int:
    names = {namespace.rsplit("-", 1)[0] for namespace in topology.namespaces()}
    kept = sorted(name for name in names if re.fullmatch(rf"{PREFIX}\d+", name))
    for name in kept:
        topology.remove(name)
        print(f"demo: removed {name}")
    if not kept:
        print("demo: nothing to remove")
    return 0


def _terminated(number: int, frame: FrameType | None) -> NoReturn:
    raise SystemExit(128 + number)


if __name__ == "__main__":
    sys.exit(main())
