"""Why something is refused: one exception for requests, one for a start that cannot be."""

import errno
import os

from dpvs_core.control.messages import Code, Failure

CODE_OF_ERRNO = {
    errno.EINVAL: Code.INVAL,
    errno.ENOMEM: Code.NOMEM,
    errno.EEXIST: Code.EXIST,
    errno.ENOENT: Code.NOTEXIST,
    errno.EBUSY: Code.BUSY,
    errno.ENOTSUP: Code.NOTSUPP,
    errno.EAFNOSUPPORT: Code.NOTSUPP,
    errno.EAGAIN: Code.RESOURCE,
    errno.ENOSPC: Code.NOROOM,
    errno.ENODEV: Code.NODEV,
    errno.EPERM: Code.PERMISSION,
}


class Refused(Exception):  # noqa: N818 - it is an answer, not a fault
    """A request that is not carried out: the `Failure` its client gets."""

    def __init__(self, code: Code, message: str, value: str = "") -> None:
        super().__init__(message)
        self.code, self.message, self.value = code, message, value
        self.n_before = 0  # of a request that stands for several: what was done before this one

    def failure(self) -> Failure:
        return Failure(code=self.code, message=self.message, value=self.value)


class EngineError(Exception):
    """The native core refused a call: its name, the errno, and its sentence if it gave one."""

    def __init__(self, call: str, errno_: int, sentence: str = "") -> None:
        self.call, self.errno = call, errno_
        self.sentence = sentence or os.strerror(errno_)
        super().__init__(f"{call}: {self.sentence}")

    def refused(self, value: str = "") -> Refused:
        """The same as an answer to whoever asked."""
        code = CODE_OF_ERRNO.get(self.errno, Code.SYSCALL)
        return Refused(code, f"the core refused: {self}", value)


class StartError(Exception):
    """dpvs cannot start; the text is one sentence with the remedy."""
