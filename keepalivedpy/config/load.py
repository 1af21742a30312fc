"""A keepalived.conf on disk -> LoadResult. Never raises on bad input."""

from collections.abc import Collection

import msgspec

from dpvs_core.config.errors import Diagnostic, ErrorList, Location
from dpvs_core.config.include import ALL_CHECKS, NO_CHECKS
from dpvs_core.config.keywords import Draft, read_into
from dpvs_core.config.predefined import Predefined
from dpvs_core.config.reader import Policy, Reader
from dpvs_core.config.scan import KEEPALIVED
from dpvs_core.config.source import Line
from dpvs_core.config.tree import Node, read_tree
from keepalivedpy.config.assemble import assemble
from keepalivedpy.config.check import check
from keepalivedpy.config.compat import Blocks, blocks_around
from keepalivedpy.config.namespace import check_namespace
from keepalivedpy.config.pause import no_collection
from keepalivedpy.config.scripts import check_scripts
from keepalivedpy.config.status import exit_status
from keepalivedpy.config.tables import INCLUDES, ROOT, homes
from keepalivedpy.model.root import Root

DEFAULT_PATH = "/etc/keepalived/keepalived.conf"
POLICY = Policy(homes=homes)


class LoadResult(msgspec.Struct, frozen=True, kw_only=True):
    """What a file means, as far as it could be read, and everything that is wrong with it.

    status is what `keepalived -t` exits with. keepalived runs in spite of errors (5, 6) with what
    it understood; `usable` is False where it refuses to (2: an argument is missing, 4).
    """

    root: Root
    diagnostics: tuple[Diagnostic, ...] = ()
    status: int = 0
    blocks: Blocks = msgspec.field(default_factory=dict)  # of the lines of the diagnostics

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        return tuple(d for d in self.diagnostics if d.severity == "error")

    @property
    def warnings(self) -> tuple[Diagnostic, ...]:
        return tuple(d for d in self.diagnostics if d.severity == "warning")

    @property
    def usable(self) -> bool:
        return self.status not in (2, 4)


@no_collection()
def load(
    path: str = DEFAULT_PATH,
    interfaces: Collection[str] | None = None,
    *,
    config_id: str | None = None,
    all_includes: bool = False,
) -> LoadResult:
    """Read the file and all it includes.

    config_id       of lines marked @ID; None: the first label of the host name
    all_includes    every include must find its files (-e)
    interfaces      of the system; None: whether they are there is not looked at
    """
    errors = ErrorList()
    checks = ALL_CHECKS if all_includes else NO_CHECKS
    predefined = Predefined(config_id)
    try:
        nodes = read_tree(path, KEEPALIVED, INCLUDES, errors, checks=checks, predefined=predefined)
    except FileNotFoundError:
        # As keepalived: said, but no reason for another exit status.
        return _unread(path, f"Config files missing '{path}'.", 4 if all_includes else 0)
    except OSError as error:
        return _unread(path, f"{path} ({error.strerror or error})", 4)
    reader = Reader(errors, POLICY)
    root = Draft(ROOT, Node([""], [0], Line(path, 0, "")))
    root.node.children = nodes
    read_into(ROOT, root, nodes, reader)
    model = assemble(root, reader)
    check(root, model, reader, interfaces)
    check_scripts(nodes, reader, secure=model.global_defs.enable_script_security)
    reachable = check_namespace(nodes, reader)
    found = tuple(errors)
    return LoadResult(
        root=model,
        diagnostics=found,
        status=exit_status(found) if reachable else 0,
        blocks=blocks_around(nodes, found),
    )


def _unread(path: str, found: str, status: int) -> LoadResult:
    diagnostic = Diagnostic(
        place=Location(path, 0),
        severity="warning" if status == 0 else "error",
        found=found,
        expected="a readable file",
        exit_status=status,
    )
    return LoadResult(root=Root(), diagnostics=(diagnostic,), status=status)
