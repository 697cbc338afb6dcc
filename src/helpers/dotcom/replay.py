"""A replay of the dot-com falls on today's weights, and a scoreboard of indicators against March 2000."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers import concentration, market_data, market_totals
from helpers.boom import boom_value
from helpers.dotcom import indicator_series
from helpers.dotcom.eras import SP500, Eras, names
from helpers.dotcom.indicators import MARCH_2000, Indicator, compared, heat_percentile, history, read
from helpers.returns import known_growth, max_drawdown

SCORED = (
    "cape", "trailing_pe", "price_dividend", "market_value_gdp", "excess_cape_yield", "nasdaq_five_years", "nasdaq_bsadf",
    "top10_share", "margin_debt_gdp", "corporate_debt_gdp", "private_credit_gdp", "federal_debt_gdp", "fed_assets_gdp",
    "m2_gdp", "policy_rate", "treasury_10y",
)  # fmt: skip
HOTTER, COOLER, LEVEL = "hotter", "cooler", "level"


@dataclass(frozen=True, eq=False)
class Replay:
    """What the S&P 500 would lose directly if today's groups fell as dot-com companies did.

    Attributes
    ----------
    companies : DataFrame
        By ticker: ``name``, ``group``, ``weight_pct``, ``stands_for``, ``fall_pct``, ``loss_pct`` (of the
        index), ``low_pct`` and ``high_pct`` (with the mildest and the heaviest single fall).
    loss_pct, low_pct, high_pct : float
        Sums, per cent of the index; a loss is above zero.
    value_usd_bn : float
        Market value of the index.
    weight_pct : float
        Weight of the companies that fall.
    """

    companies: pd.DataFrame
    loss_pct: float
    low_pct: float
    high_pct: float
    value_usd_bn: float
    weight_pct: float

    def dollars(self, loss_pct: float) -> float:
        """Turn a loss in per cent of the index into USD billion."""
        return self.value_usd_bn * loss_pct / 100.0

    def by_group(self) -> pd.DataFrame:
        """Return weight, loss and range by group, the largest loss first."""
        columns = ["weight_pct", "loss_pct", "low_pct", "high_pct"]
        table = self.companies.groupby("group")[columns].sum()
        table.insert(0, "stands_for", self.companies.groupby("group")["stands_for"].first())
        return table.sort_values("loss_pct", ascending=False)


def single_falls(eras: Eras) -> pd.DataFrame:
    """Fall of each dot-com company, from its own high to its own low and between the NASDAQ's high and low.

    Returns
    -------
    DataFrame
        By series, the mildest first: ``own_pct`` and ``common_pct``, per cent, below zero.
    """
    kinds = market_data.load_table("series").set_index("series")["kind"]
    stocks = [name for name in eras.dotcom.columns if kinds.get(name, "stock") == "stock"]
    table = pd.DataFrame(
        {
            "own_pct": {name: 100.0 * max_drawdown(eras.dotcom[name]).depth for name in stocks},
            "common_pct": {name: 100.0 * known_growth(eras.dotcom[name], eras.peak, eras.trough) for name in stocks},
        }
    )
    return table.sort_values("own_pct", ascending=False)


def replay(eras: Eras, groups: Mapping[str, str], day: pd.Timestamp, falls: str = "own_pct") -> Replay:
    """Let today's groups fall as the dot-com companies did that stand for them.

    Parameters
    ----------
    eras : Eras
    groups : mapping of str to str
        Group of today -> dot-com series; an empty name leaves the group out.
    day : Timestamp
        Day of the weights.
    falls : {"own_pct", "common_pct"}
        Which fall; see :func:`single_falls`.

    Returns
    -------
    Replay
        Loss of the index is the sum over companies of weight times fall: companies outside the groups stand
        still, and nothing happens because others fall.

    Raises
    ------
    ValueError
        If a group or a series is unknown; the message lists those there are.
    """
    codebook = market_data.load_table("series").set_index("series")
    members = codebook[(codebook["kind"] == "stock") & codebook["era"].isin(["ai", "both"])]["group"]
    mapped = {group: series for group, series in groups.items() if series}
    depth = single_falls(eras)[falls].dropna()
    for kind, wanted, known in (
        ("group", groups, sorted(set(members))),
        ("dot-com company", mapped.values(), list(depth.index)),
    ):
        unknown = [name for name in wanted if name not in known]
        if unknown:
            raise ValueError(f"replay_groups: there is no {kind} {unknown[0]!r}; there are: {', '.join(known)}.")
    weights = 100.0 * boom_value.weights_on(eras.ai, day, boom_value.weight_snapshots())
    called = names()
    rows = {
        ticker: {
            "name": called.get(ticker, ticker), "group": group, "weight_pct": float(weights[ticker]), "stands_for": called.get(mapped[group], mapped[group]),
            "fall_pct": depth[mapped[group]], "loss_pct": -weights[ticker] * depth[mapped[group]] / 100.0,
            "low_pct": -weights[ticker] * depth.max() / 100.0, "high_pct": -weights[ticker] * depth.min() / 100.0,
        }
        for ticker, group in members.items() if group in mapped and ticker in weights.index
    }  # fmt: skip
    columns = ["name", "group", "weight_pct", "stands_for", "fall_pct", "loss_pct", "low_pct", "high_pct"]
    table = pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("ticker")
    table = table.sort_values("loss_pct", ascending=False)
    loss, low, high, weight = (float(table[name].sum()) for name in ("loss_pct", "low_pct", "high_pct", "weight_pct"))
    return Replay(table, loss, low, high, index_value(eras, day), weight)


def index_value(eras: Eras, day: pd.Timestamp) -> float:
    """Return the market value of the S&P 500 at a day's close, USD billion; missing where none is near."""
    anchors = market_totals.total_anchors("sp500_market_value")
    total = market_totals.market_value_on(day + pd.Timedelta(days=1), [eras.ai[SP500]], anchors)
    return np.nan if total is None else total.value


def indicators(eras: Eras, bsadf: pd.Series, extra_days: Sequence[pd.Timestamp] = ()) -> list[Indicator]:
    """Return every indicator of the study, with today's weights and market value on the days compared.

    Parameters
    ----------
    eras : Eras
    bsadf : Series
        Statistic of the NASDAQ's explosiveness test by month-end.
    extra_days : sequence of Timestamp
        Further trading days on which the market value is wanted.
    """
    days = sorted({eras.now, eras.last, *extra_days})
    monthly = market_data.load_table("shiller_monthly")
    snapshots = boom_value.weight_snapshots()
    shares = {
        day: 100.0 * concentration.top_share(boom_value.weights_on(eras.ai, day, snapshots), 10)
        for day in (eras.now, eras.last)
    }
    return [
        *indicator_series.valuation_indicators(monthly),
        *indicator_series.earnings_indicators(monthly),
        indicator_series.market_value_indicator(days, eras.ai[SP500]),
        *indicator_series.nasdaq_indicators(bsadf),
        indicator_series.concentration_indicator(shares),
        *indicator_series.money_indicators(),
    ]


def scoreboard(every: Sequence[Indicator], now: pd.Timestamp) -> pd.DataFrame:
    """Hold each indicator against March 2000.

    Parameters
    ----------
    every : sequence of Indicator
        From :func:`indicators`.
    now : Timestamp

    Returns
    -------
    DataFrame
        By words with the unit: ``March 2000``, ``now``, ``percentile`` (share of the indicator's own history up
        to now that was cooler than now), ``hotter or cooler`` (level: within two per cent), and further
        ``percentile_2000`` (of the value of March 2000 in the same history), ``name``, ``topic``, ``then_day``,
        ``now_day``, ``since``, ``values`` (how many), ``hotter_if`` and ``low``.
    """
    known = {one.name: one for one in every}
    rows = {}
    for one in (known[name] for name in SCORED if name in known):
        then, today, past = read(one, MARCH_2000), read(one, now), history(one, now)
        rows[f"{one.label}, {one.unit}"] = {
            "March 2000": then.value, "now": today.value, "percentile": heat_percentile(one, today.value, now),
            "hotter or cooler": compared(one, then.value, today.value), "percentile_2000": heat_percentile(one, then.value, now),
            "name": one.name, "topic": one.topic, "then_day": then.day, "now_day": today.day, "since": past.index[0],
            "values": len(past), "hotter_if": "higher" if one.hotter > 0 else "lower", "low": then.low or today.low,
        }  # fmt: skip
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("indicator")


def score(board: pd.DataFrame) -> dict[str, int]:
    """Count the indicators that are hotter, cooler and level, and all that are known."""
    counts = board["hotter or cooler"].value_counts()
    found = {word: int(counts.get(word, 0)) for word in (HOTTER, COOLER, LEVEL)}
    return found | {"total": sum(found.values())}


def topics(board: pd.DataFrame) -> pd.DataFrame:
    """Count hotter, cooler and level by topic, in the order of the scoreboard."""
    table = pd.crosstab(board["topic"], board["hotter or cooler"])
    return table.reindex(board["topic"].unique()).reindex(columns=[HOTTER, COOLER, LEVEL], fill_value=0)
