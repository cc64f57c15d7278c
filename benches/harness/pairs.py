"""Candidates in rotation, and what may be said about them: the ratio of two of the same round.

The speed of a shared machine and of its disk wanders. Each round therefore runs every candidate once, in an order that
turns from round to round, and a ratio is taken only inside a round; reported are its median, least and greatest value.
"""

import statistics

from .places import say


def rounds(candidates, count):
    """Runs `{name: function}` and returns `{name: [figures of each round]}`; figures are a dict of numbers."""
    names, figures = list(candidates), {name: [] for name in candidates}
    for number in range(count):
        turn = number % len(names)
        for name in names[turn:] + names[:turn]:
            result = candidates[name]()
            figures[name].append(result)
            shown = " ".join(f"{key}={value:.4g}" for key, value in result.items())
            say(f"  round {number + 1}/{count} {name}: {shown}")
    return figures


def ratio(figures, name, reference, key, other_key=None):
    """Median, least and greatest ratio of two candidates inside the rounds."""
    pairs = zip(figures[name], figures[reference])
    ratios = [ours[key] / theirs[other_key or key] for ours, theirs in pairs if theirs.get(other_key or key)]
    return statistics.median(ratios), min(ratios), max(ratios)


def number(value):
    """A figure with three digits that matter."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def row(what, found, goal=None, at_most=False):
    """One line of a report: what, the ratio with its span, the goal and whether it is met."""
    middle, least, greatest = found
    verdict = "–"
    if goal is not None:
        met = middle <= goal if at_most else middle >= goal
        verdict = f"{'≤' if at_most else '≥'} {goal:g} · {'met' if met else '**missed**'}"
    return f"| {what} | {number(middle)} ({number(least)}–{number(greatest)}) | {verdict} |"


HEAD = "| what | median of per-round ratios (least–greatest) | goal |\n|---|---|---|"
