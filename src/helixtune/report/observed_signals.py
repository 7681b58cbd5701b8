"""Whether the observed part of signals.json (`signals.observed`) can be drawn."""

import math

OBSERVED_SITES = ("donor", "acceptor", "branch", "start")


def first_fault(signals: dict) -> str | None:
    """Return which part of the observed part of signals.json cannot be drawn, or None."""
    observed = signals.get("observed")
    if not isinstance(observed, dict):
        return "observed"
    for name in OBSERVED_SITES:
        site = observed.get(name)
        if site and not (isinstance(site, dict) and _is_site(site)):
            return f"observed {name}"
    introns = observed.get("introns")
    return "observed introns" if introns and not (isinstance(introns, dict) and _is_lengths(introns)) else None


def _is_site(site: dict) -> bool:
    columns = site.get("frequencies")
    whole = all(isinstance(site.get(name), int) for name in ("first", "sites"))
    return whole and isinstance(columns, list) and all(_are_numbers(column, 4) for column in columns)


def _is_lengths(introns: dict) -> bool:
    counts, edges = introns.get("counts"), introns.get("edges_bp")
    numbers = [introns.get("number"), introns.get("median_bp")]
    if not (isinstance(counts, list) and counts and _are_numbers(numbers, 2) and isinstance(introns["number"], int)):
        return False
    return _are_numbers(counts, len(counts)) and _are_numbers(edges, len(counts) + 1) and edges[0] < edges[-1]


def _are_numbers(values, count: int) -> bool:
    """Tell whether something is a list of so many finite numbers, none negative."""
    return isinstance(values, list) and len(values) == count and all(map(_is_number, values))


def _is_number(value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < math.inf
