"""What must be so, or the show has failed."""


class ShowError(Exception):
    """Something that should be shown did not happen."""


def require(happened: bool, what: str) -> None:
    if not happened:
        raise ShowError(what)
