"""How surely companies moved beyond the market on one day: the event study of 02_selloff and its variants."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from eventstudy.statistics import two_sided
from eventstudy.study import EventStudy, caar_path, event_study, window_name, window_sums
from eventstudy.tests import company_table, overview, portfolio_t, test_table
from helpers.parameters import Settings
from helpers.selloff.selloff import COMPOSITE, EQUAL, INDEX, ON_THE_DAY, Day, event_windows

HARDWARE = ("chips", "data-centre equipment", "power", "dot-com leaders")
HIGH = 0.975  # of Student's t: intervals cover 95 %
USERS = ("cloud and platforms", "devices")
MODEL_NAMES = {"market": "market", "mean": "mean", "market-adjusted": "market_adjusted"}


class Camps(NamedTuple):
    """Makers minus users over one window: mean moves beyond the market, their gap with an interval and p."""

    hardware_pct: float
    users_pct: float
    gap_pct: float
    low_pct: float
    high_pct: float
    p: float


def main_study(day: Day, settings: Settings) -> EventStudy:
    """Run the event study of the parameters, with the day itself always among the windows.

    Notes
    -----
    The company in the foreground is always studied, also when `event_tickers` does not name it.
    """
    chosen = list(dict.fromkeys([*(settings.event_tickers or day.stocks), day.focus]))
    groups = {name: day.groups[name] for name in chosen if name != day.market}
    return _study(day, settings, groups, event_windows(settings))


def _study(day: Day, settings: Settings, groups: Mapping[str, str], windows: Sequence[tuple[int, int]]) -> EventStudy:
    """Run the event study of the day with the model and estimation window of the parameters."""
    model, length, gap = settings.return_model, settings.estimation_days, settings.estimation_gap
    return event_study(day.prices, day.date, groups, day.market, windows, MODEL_NAMES[model], length, gap)


def camp_study(day: Day, settings: Settings) -> EventStudy | None:
    """Study those who make and power the machines against those who run services on them.

    Returns
    -------
    EventStudy or None
        With the groups "makers" and "users", and one window for the day and one for the way back; None where
        one camp has no company.
    """
    camps = {name: _camp(day.groups[name]) for name in day.stocks if name != day.market}
    groups = {name: camp for name, camp in camps.items() if camp}
    if len(set(groups.values())) < 2:
        return None
    last = min(settings.path_days, len(day.prices) - 1 - day.prices.index.get_loc(day.date))
    study = _study(day, settings, groups, [ON_THE_DAY, (0, min(4, last)), (0, last)])
    return study if study.fit["group"].nunique() == 2 else None


def camps_gap(study: EventStudy, window: tuple[int, int]) -> Camps:
    """Measure the gap between makers and users over one window.

    Parameters
    ----------
    study : EventStudy
        From `camp_study`.
    window : (int, int)
        First and last day from the event.

    Notes
    -----
    Long the makers, short the users, each with equal weights: the difference is one portfolio, so its noise is
    learnt from its own past days, whatever the companies' correlation (see `portfolio_t`).
    """
    sums = window_sums(study, window)
    makers = (study.fit["group"] == "makers").to_numpy()
    weights = np.where(makers, 1 / makers.sum(), -1 / (~makers).sum())
    t = portfolio_t(study, window, weights)
    gap = 100 * float(weights @ sums.car)
    reach = abs(gap / t) * float(stdtrit(study.df, HIGH))
    return Camps(
        100 * float(sums.car[makers].mean()),
        100 * float(sums.car[~makers].mean()),
        gap,
        gap - reach,
        gap + reach,
        float(two_sided(t, study.df)),
    )


def all_gaps(study: EventStudy | None) -> dict[int, Camps]:
    """Measure the gap of the camps in each window of their study.

    Returns
    -------
    dict
        Trading days that the window holds -> `Camps`; empty without a study.
    """
    return (
        {}
        if study is None
        else {last - first + 1: camps_gap(study, (first, last)) for first, last in study.days.windows}
    )


def choices(day: Day, settings: Settings, group: str) -> pd.DataFrame:
    """Measure one group's abnormal return on the day under other reasonable choices.

    Parameters
    ----------
    group : str
        A group of the study, or "all".

    Returns
    -------
    pd.DataFrame, index the choice
        `caar_pct`, `portfolio_p`, `bmp_adjusted_p`; a choice that the data do not allow is left out.
    """
    chosen = MODEL_NAMES[settings.return_model]
    length, gap = settings.estimation_days, settings.estimation_gap
    base = {
        "market": day.market,
        "model": chosen,
        "estimation_days": length,
        "gap": gap,
        "log_returns": False,
    }
    other = {"market": "market model", "mean": "mean-adjusted", "market_adjusted": "market-adjusted"}
    variants: dict[str, dict[str, object]] = {"as in this study": {}}
    variants |= {words: {"model": model} for model, words in other.items() if model != chosen}
    markets = [name for name in (EQUAL, INDEX, "QQQ", COMPOSITE) if name != day.market and day.has(name)]
    variants |= {f"market: {day.names[name]}": {"market": name} for name in markets[:3] if chosen != "mean"}
    variants |= {f"{days} days of estimation": {"estimation_days": days} for days in (120, 400) if days != length}
    variants |= {"30 days left free": {"gap": 30}} if gap != 30 else {}
    variants |= {"log returns": {"log_returns": True}}
    rows, columns = {}, ["caar_pct", "portfolio_p", "bmp_adjusted_p"]
    for words, changed in variants.items():
        options = base | changed
        members = {name: day.groups[name] for name in [*day.stocks, day.focus] if name != options["market"]}
        try:
            study = event_study(day.prices, day.date, members, windows=[ON_THE_DAY], **options)
        except ValueError:  # too few days before, or a market with holes: this choice is not open
            continue
        found = test_table(study).set_index("group")
        if group in found.index:
            rows[words] = [float(found.loc[group, name]) for name in columns]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("choice")


def group_tests(study: EventStudy, settings: Settings) -> pd.DataFrame:
    """Run every test for every group and window, with the bootstrap draws and seed of the parameters."""
    return test_table(study, settings.bootstrap_draws, seed=settings.event_seed)


def company_rows(study: EventStudy) -> pd.DataFrame:
    """Test every company by itself, with the interval that its own past noise gives.

    Returns
    -------
    pd.DataFrame
        As `event_tests.company_table`, the interval from Student's t; the largest moves of the day first.
    """
    table = company_table(study)
    reach = stdtrit(study.df, HIGH) * table["se_pct"]
    table = table.assign(low_pct=table["car_pct"] - reach, high_pct=table["car_pct"] + reach)
    return table.sort_values(["window", "car_pct"], kind="stable", ignore_index=True)


def shown_companies(rows: pd.DataFrame, day: Day) -> pd.DataFrame:
    """Name the columns of the companies' tests for a reader, for the day itself.

    Parameters
    ----------
    rows : pd.DataFrame
        From `company_rows`.

    Returns
    -------
    pd.DataFrame, index company
    """
    own = rows[rows["window"] == window_name(ON_THE_DAY)].sort_values("t")
    return pd.DataFrame(
        {
            "group": own["group"].to_numpy(),
            "change, %": [day.move(name) for name in own["ticker"]],
            "abnormal, %": own["car_pct"].to_numpy(),
            "from": own["low_pct"].to_numpy(),
            "to": own["high_pct"].to_numpy(),
            "t": own["t"].to_numpy(),
            "p": [p_text(p) for p in own["p"]],
        },
        index=pd.Index([day.names[name] for name in own["ticker"]], name="company"),
    )


def camp_lines(study: EventStudy) -> tuple[pd.DataFrame, dict[str, tuple[pd.Series, pd.Series]]]:
    """Return both camps' cumulated abnormal returns and their bands, as `charts.lines` draws them.

    Returns
    -------
    tuple of pd.DataFrame and dict
        Day by "makers", "users", from 0 at the close before; name -> (low, high).
    """
    paths = caar_path(study)
    paths = paths[paths["name"].isin(["makers", "users"])]
    start = pd.DataFrame(0.0, index=pd.Index([-1], name="day"), columns=["makers", "users"])
    wide = {
        column: pd.concat([start, paths.pivot_table(index="day", columns="name", values=column)])
        for column in ("caar_pct", "low_pct", "high_pct")
    }
    bands = {name: (wide["low_pct"][name], wide["high_pct"][name]) for name in start.columns}
    return wide["caar_pct"], bands


def members_of(study: EventStudy, camp: str, day: Day) -> list[str]:
    """Return the names of a camp's companies."""
    return [day.names[str(name)] for name in study.fit.index[study.fit["group"] == camp]]


def shown_choices(table: pd.DataFrame) -> pd.DataFrame:
    """Name the columns of the other choices for a reader."""
    return pd.DataFrame(
        {
            "abnormal return, %": table["caar_pct"],
            "p, portfolio t": table["portfolio_p"].map(p_text),
            "p, adjusted BMP": table["bmp_adjusted_p"].map(p_text),
        }
    )


def grid_of_tests(table: pd.DataFrame, window: str) -> pd.DataFrame:
    """Set the p-values of all tests side by side, a column a group.

    Parameters
    ----------
    table : pd.DataFrame
        From `event_tests.test_table`.
    window : str
        As `event_study.window_name` writes it.

    Returns
    -------
    pd.DataFrame, index test
        A column for each group, then "on one date": whether the test can be trusted there.
    """
    tests = overview()
    part = table[table["window"] == window].set_index("group")
    grid = pd.DataFrame(
        {group: [p_text(float(row[column])) for column in tests["p_column"]] for group, row in part.iterrows()},
        index=pd.Index(tests["test"], name="test"),
    )
    return grid.rename(columns={"all": "all companies"}).assign(**{"on one date": tests["one_date"].to_numpy()})


def caar_grid(table: pd.DataFrame) -> pd.DataFrame:
    """Set the mean abnormal returns of all groups and windows side by side, each with its bootstrap interval.

    Returns
    -------
    pd.DataFrame, index group
        A column a window: per cent and 95 % interval; `n` companies.
    """
    cells = {
        (
            row["group"],
            row["window"],
        ): f"{row['caar_pct']:+.1f} ({row['low_pct']:.1f} to {row['high_pct']:.1f})".replace("-", "−")
        for _, row in table.iterrows()
    }
    windows = list(dict.fromkeys(table["window"]))
    groups = list(dict.fromkeys(table["group"]))
    counts = table.drop_duplicates("group").set_index("group")["n"]
    grid = pd.DataFrame({window: [cells[group, window] for group in groups] for window in windows}, index=groups)
    grid.insert(0, "companies", counts.reindex(groups).to_numpy())
    return grid.rename(index={"all": "all companies"}).rename_axis("group")


def p_text(p: float) -> str:
    """Write a p-value.

    Examples
    --------
    >>> p_text(0.0506), p_text(2e-8), p_text(float("nan"))
    ('0.051', 'under 0.001', '–')
    """
    return "–" if np.isnan(p) else "under 0.001" if p < 0.001 else f"{p:.3f}"


def _camp(group: str) -> str:
    return "makers" if group in HARDWARE else "users" if group in USERS else ""
