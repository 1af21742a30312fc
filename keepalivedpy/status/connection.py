"""A process's control connection to dpvs, as its status shows it."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from keepalivedpy.status.model import CoreStatus

if TYPE_CHECKING:
    from dpvs_core.control.aclient import AsyncClient


def core_status(
    client: "AsyncClient", trouble: str = "", refused: Iterable[str] = ()
) -> CoreStatus:
    """`trouble`: why it cannot be used, where its user knows better than the connection."""
    connected = client.connected
    if not connected and not trouble:
        trouble = f"dpvs cannot be reached: {_reason(client.last_error)}"
    return CoreStatus(
        path=client.path,
        connected=connected,
        instance=client.welcome.instance if connected and client.welcome else "",
        trouble=trouble,
        refused=tuple(refused),
    )


def _reason(error: Exception | None) -> str:
    if error is None:
        return "no answer"
    return (isinstance(error, OSError) and error.strerror) or str(error)
