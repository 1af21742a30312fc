"""A program that the configuration names, and who runs it."""

import msgspec


class ScriptUser(msgspec.Struct, frozen=True):
    """`USER [GROUP]`; without a group it is the user's own."""

    user: str
    group: str | None = None


class Script(msgspec.Struct, frozen=True):
    """`COMMAND [USER [GROUP]]`; without a user it is global_defs' script_user."""

    command: str
    user: str | None = None
    group: str | None = None

    @property
    def run_as(self) -> ScriptUser | None:
        return ScriptUser(self.user, self.group) if self.user is not None else None
