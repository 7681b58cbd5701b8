"""Work in processes: the same results in the same order, the first error, and no process left."""

import errno
import multiprocessing
import os
import pickle
import signal
import sys

import numpy as np
import pytest

from helixtune import processes
from helixtune.errors import FormatError
from helixtune.processes import in_processes
from helixtune.refusals import ProcessKilledError, refusal

COUNTS = (1, 2, 4)


@pytest.mark.parametrize("count", COUNTS)
def test_results_come_in_the_order_of_the_items_whatever_their_size(count):
    def work(number: int) -> np.ndarray:
        return np.full(1 if number % 3 else 200_000, number)

    found = list(in_processes(work, range(40), count))
    assert [int(one[0]) for one in found] == list(range(40))
    assert [len(one) for one in found] == [1 if number % 3 else 200_000 for number in range(40)]
    assert not multiprocessing.active_children()


def test_several_processes_do_the_work_and_share_what_is_in_memory():
    shared = {"number": 7}

    def work(_item: int) -> tuple[int, int]:
        shared["number"] += 1
        return os.getpid(), shared["number"]

    found = list(in_processes(work, range(12), 3))
    assert os.getpid() not in {pid for pid, _ in found}
    assert shared["number"] == 7


@pytest.mark.parametrize("count", COUNTS)
def test_the_first_error_is_raised_after_the_results_before_it(count):
    def work(number: int) -> int:
        if number in (5, 6, 17):
            raise FormatError(f"item {number} is broken: mend it.")
        return number

    found = []
    with pytest.raises(FormatError, match="item 5 is broken: mend it"):
        found.extend(iter_into(found, in_processes(work, range(20), count)))
    assert found == [0, 1, 2, 3, 4]
    assert not multiprocessing.active_children()


def iter_into(found: list, results) -> list:
    for one in results:
        found.append(one)
    return []


@pytest.mark.skipif(not processes.CAN_FORK, reason="works in one process here")
def test_a_killed_process_is_told_as_memory_that_ran_out():
    def work(number: int) -> int:
        if number == 3:
            os.kill(os.getpid(), signal.SIGKILL)
        return number

    with pytest.raises(ProcessKilledError) as told:
        list(in_processes(work, range(8), 2))
    assert "exit code -9" in refusal(told.value)
    assert refusal(told.value).startswith("memory ran out")
    assert not multiprocessing.active_children()


@pytest.mark.skipif(not processes.CAN_FORK, reason="works in one process here")
@pytest.mark.parametrize(
    ("end", "code"),
    [
        (lambda: os._exit(3), 3),
        (lambda: sys.exit(4), 4),
        (lambda: os.kill(os.getpid(), signal.SIGTERM), -signal.SIGTERM),
    ],
)
def test_a_process_that_ends_in_another_way_is_a_defect(end, code):
    def work(number: int) -> int:
        if number == 3:
            end()
        return number

    with pytest.raises(RuntimeError, match=f"exit code {code}$") as told:
        list(in_processes(work, range(8), 2))
    assert refusal(told.value) is None
    assert not multiprocessing.active_children()


def first_error(raise_it, count: int = 2) -> Exception:
    """Return what comes of an error in the work on the second item."""

    def work(number: int) -> int:
        if number == 1:
            raise_it()
        return number

    with pytest.raises(Exception) as told:  # noqa: PT011
        list(in_processes(work, range(4), count))
    assert not multiprocessing.active_children()
    return told.value


class PlacedError(Exception):
    """Its constructor wants other arguments than `args`."""

    def __init__(self, path: str, *, line: int):
        super().__init__(f"{path} line {line} is broken")
        self.line = line


class RewordedError(FormatError):
    """Its constructor takes as many arguments as `args` has, and would change them once more."""

    def __init__(self, name: str):
        super().__init__(f"{name} is broken")


class NamedDiskError(OSError):
    """An error of the system with a constructor of its own."""

    def __init__(self, number: int, name: str, stage: str):
        super().__init__(number, os.strerror(number), name)
        self.stage = stage


@pytest.mark.parametrize("count", COUNTS)
def test_errors_with_constructors_of_their_own_keep_type_and_text(count):
    def broken():
        raise PlacedError("a.gff3", line=7)

    def reworded():
        raise RewordedError("a.gff3")

    def full():
        raise NamedDiskError(errno.ENOSPC, "out.h5", "encode")

    error = first_error(broken, count)
    assert (type(error), str(error), error.line) == (PlacedError, "a.gff3 line 7 is broken", 7)
    error = first_error(reworded, count)
    assert (type(error), str(error)) == (RewordedError, "a.gff3 is broken")
    error = first_error(full, count)
    assert (type(error), error.errno, error.filename, error.stage) == (NamedDiskError, errno.ENOSPC, "out.h5", "encode")
    assert refusal(error).startswith("there is no space left for out.h5")


@pytest.mark.skipif(not processes.CAN_FORK, reason="works in one process here")
def test_an_error_that_cannot_be_pickled_is_told_by_its_text():
    class InnerError(Exception):
        def __init__(self, a: str, b: str):
            super().__init__(f"{a} and {b}")

    def broken():
        raise InnerError("this", "that")

    error = first_error(broken)
    assert (type(error), str(error)) == (RuntimeError, "InnerError: this and that")
    assert "in broken" in error.__notes__[0]


@pytest.mark.skipif(not processes.CAN_FORK, reason="works in one process here")
def test_a_result_that_cannot_be_pickled_is_an_error_of_its_item():
    found = []
    with pytest.raises((TypeError, AttributeError, pickle.PicklingError), match="pickle"):
        found.extend(iter_into(found, in_processes(lambda number: (lambda: 1) if number == 2 else number, range(6), 2)))
    assert found == [0, 1]
    assert not multiprocessing.active_children()


@pytest.mark.parametrize("count", COUNTS)
def test_what_an_error_was_raised_from_is_still_seen(count):
    def chained():
        try:
            try:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "out.h5")
            except OSError as error:
                raise ValueError("first") from error
        except ValueError:
            raise RuntimeError("second")  # noqa: B904

    def short():
        try:
            raise MemoryError("17 GB")
        except MemoryError as error:
            raise FormatError("no array") from error

    error = first_error(chained, count)
    assert str(error) == "second"
    assert refusal(error).startswith("there is no space left for out.h5")
    error = first_error(short, count)
    assert isinstance(error, FormatError)
    assert isinstance(error.__cause__, MemoryError)
    assert refusal(error).startswith("memory ran out (17 GB)")


def test_who_stops_listening_leaves_no_process():
    results = in_processes(lambda number: number, range(100), 2)
    assert next(results) == 0
    results.close()
    assert not multiprocessing.active_children()


def test_no_items_give_no_results():
    assert list(in_processes(str, [], 4)) == []
