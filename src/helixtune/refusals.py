"""What the machine refuses - space, rights, memory - and its wish that a command stops, each as one sentence."""

import errno
import os
import re
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

NO_SPACE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
NO_RIGHTS = (errno.EACCES, errno.EPERM, errno.EROFS)
# Cluster schedulers kill 30 s and more after they have asked.
GRACE_S = 10
# HDF5 tells the number and the file in the middle of its own text.
_HDF5_NUMBER = re.compile(r"errno = (\d+)")
_HDF5_NAME = re.compile(r"(?<!\w)name = '([^']+)'")
_HIDDEN = re.compile(r"\.partial-[0-9a-f]{8}-")
# What the loader of shared libraries, TensorFlow and Python's threads say when memory is short; none of it is a MemoryError.
_MEMORY_WORDS = re.compile(
    r"failed to map segment|cannot allocate memory|can't start new thread|OOM when allocating|bad_alloc", re.IGNORECASE
)


class StopRequestedError(BaseException):
    """SIGTERM came: outputs that are not whole are to vanish, as at any other failure. No Exception: nobody may swallow it."""


class ProcessKilledError(MemoryError):
    """A process of this one was killed, as systems do where memory runs out.

    The command ends with the exit code of a killed one, so that a workflow starts it again with more memory.
    """


@contextmanager
def stoppable() -> Iterator[None]:
    """Turn SIGTERM into StopRequestedError, so that what is half-written is removed; the main thread alone can do that.

    A main thread that is deep in a library, or stuck, does not hear it: after GRACE_S the process ends without it.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, _frame) -> None:
        raise StopRequestedError(number)

    reader, writer = socket.socketpair()
    writer.setblocking(False)
    wakeup, before = signal.set_wakeup_fd(writer.fileno()), signal.signal(signal.SIGTERM, stop)
    threading.Thread(target=_insist, args=(reader,), daemon=True).start()
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
        signal.set_wakeup_fd(wakeup)
        writer.close()  # ends the thread


def _insist(reader: socket.socket) -> None:
    """End the process some time after the first SIGTERM, if it is still there; the signal's number comes as a byte."""
    with reader:
        while (told := reader.recv(1)) and told[0] != signal.SIGTERM:
            pass
        reader.settimeout(GRACE_S)
        with suppress(TimeoutError):
            while reader.recv(1):
                pass
            return
    os._exit(128 + signal.SIGTERM)


def refusal(error: BaseException) -> str | None:
    """Return the sentence for an error of the machine; None when the error is of another kind (a defect)."""
    reasons = list(reasons_of(error))
    for reason in reasons:
        number = _number(reason)
        if number in NO_SPACE:
            return f"there is no space left for {_file(reason)} ({os.strerror(number)}): free some, or write elsewhere."
        if number in NO_RIGHTS:
            return f"{_file(reason)} may not be opened or written ({os.strerror(number)}): check permissions, or write elsewhere."
    for reason in reasons:
        if isinstance(reason, MemoryError) or _MEMORY_WORDS.search(str(reason)):
            detail = str(reason).strip().splitlines()
            said = f" ({detail[-1]})" if detail else ""
            return f"memory ran out{said}: give it more memory, or smaller --batch-size or --threads where it has them."
    return f"{type(error).__name__}: {error}" if isinstance(error, OSError) else None


def reasons_of(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error and those that it was raised from: a library that fails to clean up hides the first one."""
    seen = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def _number(error: BaseException) -> int | None:
    if isinstance(error, OSError) and error.errno:
        return error.errno
    told = _HDF5_NUMBER.search(str(error)) if isinstance(error, OSError | RuntimeError) else None
    return int(told[1]) if told else None


def _file(error: BaseException) -> str:
    told = _HDF5_NAME.search(str(error))
    name = getattr(error, "filename", None) or (told[1] if told else None)
    return _HIDDEN.sub("", os.fsdecode(name)) if isinstance(name, str | bytes) else "the output"
