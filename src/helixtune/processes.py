"""Work in several processes, for what holds the interpreter's lock: results are the same for any number of them."""

import gc
import multiprocessing
import pickle
import signal
import sys
import traceback
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import pairwise
from multiprocessing.connection import Connection, wait
from multiprocessing.reduction import ForkingPickler
from typing import TypeVar

from helixtune.refusals import ProcessKilledError, reasons_of

Item = TypeVar("Item")
Result = TypeVar("Result")

# Results that wait for an earlier one, a process: more would only take memory.
MAX_WAITING = 4
# Forked processes share what is in memory, so that genes need not be sent. Elsewhere forking is not safe (macOS) or not there.
CAN_FORK = sys.platform == "linux"


def in_processes(work: Callable[[Item], Result], items: Sequence[Item], processes: int) -> Iterator[Result]:
    """Yield the result of every item, in their order; one process, or one item, is done without any further process.

    Args:
        work: called in a process that was forked from this one: it sees what is in memory here, and what it changes is lost.
            Files have to be opened in there. What it returns, or raises, is pickled.
        items: what to work on.
        processes: how many at most.

    Raises:
        ProcessKilledError: a process was killed, as systems do where memory runs out.
        RuntimeError: a process ended in another way, by a defect.
        Exception: whatever `work` raises for the first item that fails, with the errors that it was raised from. One that cannot
            be pickled, such as one of a class inside a function, becomes a RuntimeError with its text.
    """
    processes = min(processes, len(items))
    if processes < 2 or not CAN_FORK:
        yield from map(work, items)
        return
    with _workers(work, items, processes) as connections:
        yield from _in_order(connections, len(items))


def _in_order(connections: dict[Connection, multiprocessing.Process], count: int) -> Iterator:
    """Hand numbers of items to idle processes, and yield results by number."""
    idle, finished, begun, told = list(connections), {}, 0, 0
    while told < count:
        while idle and begun < min(count, told + MAX_WAITING * len(connections)):
            _send(idle[-1], begun, connections)
            idle.pop()
            begun += 1
        if told in finished:
            is_done, result = finished.pop(told)
            if not is_done:  # told in turn: the same error whatever process was the fastest
                raise _unpacked(result)
            yield result
            told += 1
            continue
        for connection in wait([one for one in connections if one not in idle]):
            number, *outcome = _receive(connection, connections)
            finished[number] = outcome
            idle.append(connection)


def _send(connection: Connection, number: int, processes: dict[Connection, multiprocessing.Process]) -> None:
    try:
        connection.send(number)
    except OSError as error:
        raise _lost(processes[connection]) from error


def _receive(connection: Connection, processes: dict[Connection, multiprocessing.Process]) -> tuple:
    try:
        received = connection.recv_bytes()
    except (EOFError, OSError) as error:
        raise _lost(processes[connection]) from error
    return pickle.loads(received)


def _lost(process: multiprocessing.Process) -> Exception:
    process.join()
    if process.exitcode == -signal.SIGKILL:
        return ProcessKilledError(f"a process of it was ended from outside, exit code {process.exitcode}")
    return RuntimeError(f"a process ended in the middle of its work, exit code {process.exitcode}")


@contextmanager
def _workers(work: Callable, items: Sequence, count: int) -> Iterator[dict[Connection, multiprocessing.Process]]:
    """Start processes; they are gone when the block ends, whatever they are at."""
    context = multiprocessing.get_context("fork")
    started: dict[Connection, multiprocessing.Process] = {}
    gc.freeze()  # a collection in a process would touch, and so copy, all that is shared
    try:
        for _ in range(count):
            ours, theirs = context.Pipe()
            process = context.Process(target=_serve, args=(work, items, theirs, [*started, ours]), daemon=True)
            with warnings.catch_warnings():  # of threads: none of them holds a lock that a forked process needs
                warnings.simplefilter("ignore", DeprecationWarning)
                process.start()
            theirs.close()
            started[ours] = process
        yield started
    finally:
        gc.unfreeze()
        for process in started.values():
            process.kill()
        for connection, process in started.items():
            process.join()
            connection.close()


def _serve(work: Callable, items: Sequence, connection: Connection, others: Sequence[Connection]) -> None:
    """Work on items until the parent goes; it alone hears of signals, and ends this process."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for other in others:  # else the ends of other processes' pipes stay open here, and they never see their parent go
        other.close()
    with suppress(EOFError, BrokenPipeError, ConnectionResetError):
        while True:
            number = connection.recv()
            try:
                answer = ForkingPickler.dumps((number, True, work(items[number])))
            except Exception as error:
                answer = ForkingPickler.dumps((number, False, _packed(error)))
            connection.send_bytes(answer)


def _packed(error: Exception) -> tuple[list[bytes], str]:
    """Return an error and those that it was raised from, each pickled, and the traceback: pickle keeps neither."""
    return [_pickled(one) for one in reasons_of(error)], "".join(traceback.format_exception(error))


def _unpacked(packed: tuple[list[bytes], str]) -> Exception:
    chain = [pickle.loads(one) for one in packed[0]]
    for error, cause in pairwise(chain):
        error.__cause__ = cause
    chain[0].add_note(packed[1])
    return chain[0]


def _pickled(error: BaseException) -> bytes:
    """Pickle an error so that it comes out as it was, or else as a RuntimeError with its text."""
    for form in (error, _Unconstructed(error)):
        with suppress(Exception):  # of any kind: constructors and types of errors are others' code
            data = pickle.dumps(form)
            copy = pickle.loads(data)
            if type(copy) is type(error) and str(copy) == str(error):
                return data
    return pickle.dumps(RuntimeError(f"{type(error).__name__}: {error}"))


@dataclass
class _Unconstructed:
    """An error that is unpickled without its own constructor, which may want other arguments than pickle knows of."""

    error: BaseException

    def __reduce__(self) -> tuple:
        kind = type(self.error)
        _, arguments, *state = _builtin(kind).__reduce__(self.error)
        return _without_constructor, (kind, arguments), *state


def _without_constructor(kind: type[BaseException], arguments: tuple) -> BaseException:
    error = _builtin(kind).__new__(kind, *arguments)
    _builtin(kind).__init__(error, *arguments)
    return error


def _builtin(kind: type[BaseException]) -> type[BaseException]:
    """Return the built-in type that a type of errors is made from."""
    return next(one for one in kind.__mro__ if one.__module__ == "builtins")
