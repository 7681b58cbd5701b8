"""Work in processes: the same results in the same order, the first error, and no process left."""

import multiprocessing
import os
import signal

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


def test_who_stops_listening_leaves_no_process():
    results = in_processes(lambda number: number, range(100), 2)
    assert next(results) == 0
    results.close()
    assert not multiprocessing.active_children()


def test_no_items_give_no_results():
    assert list(in_processes(str, [], 4)) == []
