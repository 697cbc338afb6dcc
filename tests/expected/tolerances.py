"""How far a figure may lie from the expected one on another machine: written once, by the kind of figure.

- A closed form (a return, a share, a regression, a test statistic) differs between processors and algebra libraries by the
  order in which sums are taken: a few parts in 1e15, more where large numbers cancel. It must agree to 1e-9, taken of the
  figure or, for the data of a chart, of the largest figure in the column, since exports are written to ten digits.
- What an optimiser finds or a seeded simulation gives must agree to 1e-6: the fit ends in Newton steps at its optimum, so
  a path of other rounding leads to the same place; what is computed from it (a forecast, a surprise, a return period, which
  is as steep as a power of the surprise) loses a few digits more.
- Text, counts, dates and verdicts must be equal: a figure inside a text is rounded where it is written.

A figure that misses these is a defect of its method; the tolerance stays.
"""

import math
import re
from itertools import repeat

CLOSED_FORM, ITERATED = 1e-9, 1e-6
ITERATED_KEYS = re.compile(
    r"surprise|return_period|forecast|garch|volatility|_years_|rarity|gsadf|bsadf|explosive|critical|bootstrap|caar|replay"
)
ITERATED_CHARTS = re.compile(r"forecast|return_periods|surprise|rarity|explosive|bsadf|abnormal|caar|way_back|makers")


def tolerance(section: str, name: str) -> float:
    """Say how far a figure may lie off: of a key figure or measurement by its name, of a column by its chart."""
    pattern = ITERATED_CHARTS if section == "charts" else ITERATED_KEYS
    return ITERATED if pattern.search(name) else CLOSED_FORM


def same(wanted: object, found: object, within: float, size: float = 1e-3) -> bool:
    """Compare a figure; those of a list or of readings side by side, each held against the largest of them."""
    if isinstance(wanted, dict) and isinstance(found, dict):
        return list(wanted) == list(found) and same([*wanted.values()], [*found.values()], within)
    if isinstance(wanted, list) and isinstance(found, list):
        size = max((abs(one) for one in wanted if isinstance(one, int | float)), default=size)
        return len(wanted) == len(found) and all(map(same, wanted, found, repeat(within), repeat(size)))
    if isinstance(wanted, int | float) and isinstance(found, int | float):
        return math.isclose(wanted, found, rel_tol=within, abs_tol=within * size)
    return wanted == found
