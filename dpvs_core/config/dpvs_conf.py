"""/etc/dpvs.conf -> DpvsConf."""

from dpvs_core.config.dpvs_check import check
from dpvs_core.config.dpvs_lacks import LACKS
from dpvs_core.config.dpvs_model import DpvsConf
from dpvs_core.config.dpvs_tables import INCLUDES, ROOT
from dpvs_core.config.errors import Diagnostic, ErrorList, Location
from dpvs_core.config.keywords import Draft, read_into, to_model
from dpvs_core.config.reader import DPVS_POLICY, Reader
from dpvs_core.config.scan import DPVS
from dpvs_core.config.source import Line
from dpvs_core.config.tree import Node, read_tree

DEFAULT_PATH = "/etc/dpvs.conf"
POLICY = DPVS_POLICY._replace(lacks=LACKS)


def load_dpvs_conf(path: str = DEFAULT_PATH) -> tuple[DpvsConf, ErrorList]:
    """Read dpvs.conf; never raises on bad input.

    Warnings leave a usable configuration (DPVS goes on with defaults, too). With errors in the
    list (`errors.errors`) it must not be started: a file that cannot be read or a worker layout
    that cannot work.
    """
    errors = ErrorList()
    try:
        nodes = read_tree(path, DPVS, INCLUDES, errors)
    except OSError as error:
        errors.add(
            Diagnostic(
                place=Location(path, 0),
                severity="error",
                found=f"no readable file ({error.strerror or error})",
                expected="dpvs.conf; conf/ has samples to copy",
                exit_status=1,
            )
        )
        return DpvsConf(), errors
    reader = Reader(errors, POLICY)
    root = Draft(ROOT, Node([""], [0], Line(path, 0, "")))
    read_into(ROOT, root, nodes, reader)
    check(root, reader)
    conf: DpvsConf = to_model(root)
    return conf, errors
