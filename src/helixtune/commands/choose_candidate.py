"""Choose the best of a round's candidates by the gate's verdicts, and lay out a genome's folder of results.

The winner is the accepted candidate with the largest estimated gain, which the gate has drawn towards none as far as it is
uncertain; when the gate accepts none, the base genes stay. What choosing gains is measured on folds of the genome that the choice
has not looked at. From the second round on a candidate has to beat the round before as well.
"""

import argparse
import json
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from helixtune.errors import ParameterError
from helixtune.files import atomic_folder, atomic_output
from helixtune.log import logger

HELP = "verdicts on candidates -> the best one, results folder"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--id", required=True, metavar="ID", help="of the genome, part of the report's file names")
    parser.add_argument("--round", type=int, default=1, metavar="N", help="this round (default %(default)s)")
    parser.add_argument(
        "--rounds", type=int, default=1, metavar="N", help="the last round asked for (default %(default)s)"
    )
    parser.add_argument(
        "--files", required=True, nargs="+", metavar="FILE", help="<id>.<candidate>.<content> of every candidate"
    )
    parser.add_argument("--earlier", nargs="+", default=[], metavar="DIR", help="round_<n> of every round before")
    parser.add_argument("--choice", required=True, metavar="JSON", help="who won, and whether to go on")
    parser.add_argument("--round-dir", required=True, metavar="DIR", help="written when another round follows")
    parser.add_argument("--results-dir", required=True, metavar="DIR", help="written when none follows")
    parser.add_argument("--report-dir", required=True, metavar="DIR", help="what the report reads; when none follows")


def run(args: argparse.Namespace) -> dict:
    """Choose, then either hand on or finish."""
    from helixtune.candidates import choose, held_out_gain, read_candidates, reason_of_choice
    from helixtune.results_tree import (
        CANDIDATES_TABLE,
        arrange_round,
        candidate_line,
        copy_for_report,
        gather_rounds,
        read_lines,
        sorted_rounds,
        write_candidates,
    )

    earlier = sorted_rounds(args.earlier)
    _check(args, len(earlier))
    candidates, of_round = read_candidates(args.files)
    winner = choose(candidates)
    goes_on = winner.is_accepted and winner.is_tuned and args.round < args.rounds
    with ExitStack() as outputs:
        # folders take their names together, when all are whole
        made = outputs.enter_context(_folder_of_round(args, goes_on=goes_on))
        arrange_round(made, winner, [candidate for candidate in candidates if candidate is not winner], of_round)
        lines = [candidate_line(candidate, args.round, chosen=candidate is winner) for candidate in candidates]
        write_candidates(made / CANDIDATES_TABLE, [*read_lines(earlier), *lines])
        if not goes_on:
            results = made
            if args.rounds > 1:
                results = outputs.enter_context(atomic_folder(args.results_dir))
                # a refused round changes nothing: the round before, which was accepted, stays the result
                best = made if winner.is_accepted or not earlier else earlier[-1]
                gather_rounds(results, [*earlier, made], best)
            copy_for_report(results, outputs.enter_context(atomic_folder(args.report_dir)), args.id)
    held_out = held_out_gain(candidates)
    facts = {
        "round": args.round,
        "chosen": winner.name,
        "accepted": winner.is_accepted,
        "go_on": goes_on,
        "reason": reason_of_choice(winner, candidates),
        "held_out_gain": None if held_out is None else round(held_out, 5),
    }
    with atomic_output(args.choice) as partial:
        partial.write_text(json.dumps(facts, indent=1) + "\n")
    logger.info(
        "choose-candidate: %s of %d candidates in round %d; %s",
        winner.name, len(candidates), args.round, facts["reason"],
    )  # fmt: skip
    return facts


@contextmanager
def _folder_of_round(args: argparse.Namespace, *, goes_on: bool) -> Iterator[Path]:
    """Yield the folder that this round is laid out in: one of the outputs, or a passing one that the results are made of."""
    if args.rounds == 1 or goes_on:
        with atomic_folder(args.round_dir if goes_on else args.results_dir) as folder:
            yield folder
        return
    passing = Path(f"{args.round_dir}.passing")  # the rights of a usual folder: copies inherit them
    shutil.rmtree(passing, ignore_errors=True)
    passing.mkdir(parents=True)
    try:
        yield passing
    finally:
        shutil.rmtree(passing)


def _check(args: argparse.Namespace, n_earlier: int) -> None:
    if not 1 <= args.round <= args.rounds:
        raise ParameterError(
            f"--round {args.round} of --rounds {args.rounds}: the first is 1, the last the number of rounds."
        )
    if n_earlier != args.round - 1:
        raise ParameterError(
            f"--earlier: {n_earlier} folders for round {args.round}, one is needed for each round before."
        )
    for folder in (args.round_dir, args.results_dir, args.report_dir):
        if Path(folder).exists():
            raise ParameterError(f"{folder} exists already: give a new folder, so that nothing old is taken for new.")
