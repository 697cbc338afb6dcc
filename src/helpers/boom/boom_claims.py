"""The claims of the article about the boom, measured at their own dates whatever the run's parameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd

from helpers import concentration, market_data, parameters, valuation, words
from helpers.boom.boom import COMPOSITE, MARKET, TOTAL_RETURN, Boom, companies, load
from helpers.boom.boom_macro import capital_spending
from helpers.boom.boom_value import (
    Contributions,
    concentration_history,
    contributions,
)
from helpers.claims import Measured, spread
from helpers.market import weight_snapshots, weights_on
from helpers.results import Output
from helpers.returns import last_close, total_growth

NVIDIA = "NVDA"
NOT_AI = ("AAPL", "TSLA")  # of the seven, those whose sales are phones and cars
YEAR_2024 = (pd.Timestamp("2023-12-29"), pd.Timestamp("2024-12-31"))
LISTED_NEAR = pd.Timedelta(days=250)  # a count of listed value is carried at most this far by the index
SPENT_FROM, SPENT_TO, SPENT_BEFORE = 2023, 2026, 2022


def article_boom() -> Boom:
    """Return the boom at the claims' own dates, on the figures of record.

    Examples
    --------
    >>> boom = article_boom()
    >>> f"{boom.start:%Y-%m-%d} {boom.end:%Y-%m-%d}"
    '2022-12-30 2025-01-24'
    """
    prices = market_data.load_table(market_data.ERAS["ai"])
    return load(parameters.check("01_valuation_growth", {}), prices)


def measure_claims(out: Output) -> pd.DataFrame:
    """Measure every claim about the boom and keep the measurements.

    Returns
    -------
    DataFrame
        By claim: measured figure, range, confidence and how it was measured, for the page.
    """
    boom, snapshots = article_boom(), weight_snapshots()
    rows = {}
    for name, measure in CLAIMS.items():
        found = measure(boom, snapshots)
        out.measure(**(vars(found) | {"claim": name}))
        rows[name] = [found.value, found.low, found.high, found.confidence, found.how]
    stated = market_data.load_table("claims").set_index("id")
    columns = ["measured", "low", "high", "confidence", "how"]
    table = pd.DataFrame.from_dict(rows, orient="index", columns=columns)
    table.insert(0, "stated", stated["stated_value"].reindex(table.index))
    table.insert(1, "unit", stated["unit"].reindex(table.index))
    table.index = pd.Index(stated["claim"].reindex(table.index), name="claim")
    return table


def nasdaq_gain(boom: Boom, _snapshots: pd.DataFrame) -> Measured:
    """Growth of the NASDAQ Composite from the year-end to the eve, and to the top before it."""
    index = boom.prices[COMPOSITE]
    until = index.loc[: boom.end]
    top = pd.Timestamp(until.idxmax())
    low = pd.Timestamp(index.loc[:"2023-03-31"].idxmin())
    gain = 100 * total_growth(index, boom.start, boom.end)
    to_top = 100 * total_growth(index, boom.start, top)
    years_ago = boom.end - pd.DateOffset(years=2)
    return Measured(
        *spread(gain, to_top),
        f"Composite from {words.day(boom.start)} to {words.day(boom.end)}; the range reaches to its highest close "
        f"before, on {words.day(top)}.",
        "growth_curves",
        readings={
            "to the highest close before the selloff": to_top,
            "exactly two years to the eve": 100 * total_growth(index, years_ago, boom.end),
            "from the low of the winter to the highest close": 100 * total_growth(index, low, top),
            "Nasdaq-100 fund with dividends": 100 * total_growth(boom.prices["QQQ"], boom.start, boom.end),
        },
    )


def nasdaq_value(boom: Boom, _snapshots: pd.DataFrame) -> Measured:
    """Market value that the NASDAQ's rise added, from counts of listed value carried by the index."""
    totals = market_data.load_table("sp500_totals")
    listed = totals[totals["item"] == "nasdaq_listed_market_value"]
    listed = listed.set_index(pd.DatetimeIndex(listed["date"]))["value"]
    index = boom.prices[COMPOSITE]
    ends = []
    for day in (boom.start, boom.end):
        near = listed[np.abs(listed.index - day) <= LISTED_NEAR]
        level = last_close(index, day)[1]
        ends.append([value * level / last_close(index, when)[1] for when, value in near.items()])
    begin, finish = (float(np.median(one)) for one in ends)
    estimate = totals[(totals["item"] == "nasdaq_composite_market_value") & (totals["date"] == boom.end)]
    return Measured(
        finish - begin,
        min(ends[1]) - max(ends[0]),
        max(ends[1]) - min(ends[0]),
        "Value of all companies listed on the NASDAQ (World Federation of Exchanges), carried from the nearest "
        "counts to both days by the Composite; new listings are in it.",
        "growth_curves",
        "medium",
        {
            "value at the start times the index's growth alone": begin * total_growth(index, boom.start, boom.end),
            "estimate of the Composite's own value, of low confidence": float(estimate["value"].iloc[0]) - begin,
        },
    )


def nvidia_value(boom: Boom, _snapshots: pd.DataFrame) -> Measured:
    """Nvidia's market value on the eve under three share counts, with its first close above the mark."""
    values = boom.values[NVIDIA] / 1000.0
    price = last_close(boom.quoted[NVIDIA], boom.end)[1]
    days = pd.DatetimeIndex([boom.end])
    counts = valuation.daily_shares(market_data.load_table("shares_outstanding"), days, "step")
    quarterly = market_data.load_table("shares_quarterly")
    diluted = quarterly[(quarterly["ticker"] == NVIDIA) & (quarterly["date"] <= boom.end)].sort_values("date")
    others = {
        "last count filed before the eve": price * float(counts[NVIDIA].iloc[0]) / 1e6,
        "diluted shares": price * float(diluted["diluted_shares_mn"].dropna().iloc[-1]) / 1e6,
    }
    value = float(values.loc[boom.end])
    until = values.loc[boom.start : boom.end]
    first = valuation.milestones(boom.values[[NVIDIA]], [3000.0])["first_day"].iloc[0]
    everything = [value, *others.values()]
    return Measured(
        *spread(*everything),
        f"Close as quoted times shares outstanding on {words.day(boom.end)}; first close above the mark on "
        f"{words.day(first)}. The range is that of the share counts.",
        "value",
        readings=others | {"highest close before the selloff": float(until.max())},
    )


def nvidia_rank(boom: Boom, _snapshots: pd.DataFrame) -> Measured:
    """Nvidia's best rank by market value up to the eve, under two ways to count shares."""
    shares = market_data.load_table("shares_outstanding")
    stepped = valuation.market_values(boom.prices, market_data.load_table("quoted_closes"), shares, "step")
    span = slice(boom.start, boom.end)
    rank, other = (valuation.rank_by_day(values)[NVIDIA].loc[span] for values in (boom.values, stepped))
    first = pd.Timestamp(rank.index[rank == rank.min()][0])
    best = [float(rank.min()), float(other.min())]
    return Measured(
        *spread(*best),
        f"Best rank among {boom.values.shape[1]} companies with daily market values, first held on {words.day(first)}, "
        f"{words.number((first - boom.start).days / 365.25, 1)} years after the start; on "
        f"{int((rank == 1).sum())} days up to the eve it was first.",
        "value",
        readings={
            "on the eve of the selloff": float(rank.iloc[-1]),
            "at the end of 2024": float(rank.loc[: YEAR_2024[1]].iloc[-1]),
        },
    )


def _index_value(boom: Boom, item: str) -> float:
    """Value of the S&P 500 on the eve, carried from the end of 2024 by the index, USD billion."""
    totals = market_data.load_table("sp500_totals")
    row = totals[(totals["item"] == item) & (totals["date"] == YEAR_2024[1])]
    return 1000.0 * float(row["value"].iloc[0]) * (1 + total_growth(boom.prices[MARKET], YEAR_2024[1], boom.end))


def top_seven(boom: Boom, snapshots: pd.DataFrame) -> Measured:
    """Share of the seven largest companies on the eve, by free float and by full market values."""
    weights = weights_on(boom.prices, boom.end, snapshots)
    share = 100 * concentration.top_share(weights, 7)
    largest = list(weights.index[:7])
    full = float(boom.values.loc[boom.end, largest].sum())
    readings = {
        "fund weights without its cash": share / float(weights.sum()),
        "full market values over the index's full value": 100 * full / _index_value(boom, "sp500_market_value_alt"),
        "full market values over the index's free-float value": 100 * full / _index_value(boom, "sp500_market_value"),
    }
    return Measured(
        *spread(share, *readings.values()),
        f"Weights of an index fund on {words.day(boom.end)}, share classes joined; the range runs to full market values "
        "over the index's free-float value, which mixes two bases.",
        "concentration",
        readings=readings,
    )


def top_seven_record(boom: Boom, snapshots: pd.DataFrame) -> Measured:
    """Rank of that share among the days since 1980 that are known, the ten's share bounding the seven's."""
    history = concentration_history(boom, snapshots)
    history = history[history["date"] <= boom.end]
    seven = history[history["k"] == 7].set_index("date")["share_pct"]
    bound = history[history["k"] == 10].set_index("date")["share_pct"]
    bound = bound[[day not in seven.index for day in bound.index]]
    share = float(seven.loc[boom.end])
    known = pd.concat([seven.drop(boom.end), bound]).sort_index()
    on_the_day = 1.0 + float((known > share).sum())
    before = known[known.index.year < boom.end.year - 1]
    against_years = 1.0 + float((before > share).sum())
    covered = pd.DatetimeIndex(known.index).year.nunique()
    sure = history.loc[history["confidence"] != "low", "date"].dt.year.nunique()
    return Measured(
        *spread(against_years, on_the_day),
        f"Rank against {len(known)} earlier days in {covered} of the {boom.end.year - 1980} years since 1980 ({sure} on sure "
        "figures); where only the ten largest are known, their share bounds that of the seven. The range counts "
        "the days of the last year too.",
        "concentration",
        "medium",
        {"against every earlier day, the year-end before too": on_the_day},
    )


def weight_at_start(boom: Boom, snapshots: pd.DataFrame) -> Measured:
    """Nvidia's weight in the S&P 500 at the end of 2022."""
    weight = 100 * float(weights_on(boom.prices, boom.start, snapshots)[NVIDIA])
    totals = market_data.load_table("sp500_totals")
    row = totals[(totals["item"] == "sp500_market_value") & (totals["date"] == "2022-12-31")]
    full = float(boom.values.loc[boom.start, NVIDIA]) / (10.0 * float(row["value"].iloc[0]))
    return Measured(
        *spread(weight, full),
        f"Weight in an index fund on {words.day(boom.start)}; the range runs to market value over the index's value.",
        "contributions",
        readings={"market value over the index's value": full},
    )


def weight_on_eve(boom: Boom, snapshots: pd.DataFrame) -> Measured:
    """Nvidia's weight in the S&P 500 on the eve of the selloff."""
    weights = weights_on(boom.prices, boom.end, snapshots)
    weight = 100 * float(weights[NVIDIA])
    value = 100 * float(boom.values.loc[boom.end, NVIDIA])
    readings = {
        "fund weight without its cash": weight / float(weights.sum()),
        "market value over the index's free-float value": value / _index_value(boom, "sp500_market_value"),
    }
    every = [weight, *readings.values()]
    readings["market value over the index's full value"] = value / _index_value(boom, "sp500_market_value_alt")
    return Measured(
        *spread(*every),
        f"Weight in an index fund on {words.day(boom.end)}, the day on which all members are known.",
        "contributions",
        readings=readings,
    )


def share_of_2024(boom: Boom, snapshots: pd.DataFrame) -> Measured:
    """Nvidia's share of the S&P 500's total return in 2024, by starting weight and by daily weights."""
    totals = market_data.load_table("sp500_totals")
    year = totals[totals["date"] == YEAR_2024[1]].set_index("item")["value"]
    parts = contributions(boom, *YEAR_2024, [NVIDIA], snapshots)
    simple = 100 * float(parts.linked[NVIDIA]) / (float(year["sp500_total_return"]) / 100.0)
    daily = daily_share(boom, *YEAR_2024, [NVIDIA], snapshots)
    return Measured(
        *spread(simple, daily),
        "Weight at the end of 2023 times Nvidia's return with dividends, over the index's total return; the range "
        "runs to daily weights, linked by Carino's method.",
        "contributions",
        readings={
            "daily weights, linked": daily,
            "over the return of the fund SPY": 100 * float(parts.linked[NVIDIA]) / parts.total,
            "as S&P Dow Jones Indices reported": float(year["nvda_share_of_sp500_total_return"]),
        },
    )


def daily_share(
    boom: Boom, start: pd.Timestamp, end: pd.Timestamp, tickers: Sequence[str], snapshots: pd.DataFrame
) -> float:
    """Share of the index return that companies made when weights move every day, linked by Carino's method.

    Parameters
    ----------
    boom : Boom
    start, end : Timestamp
    tickers : sequence of str
    snapshots : DataFrame
        From :func:`helpers.boom.boom_value.weight_snapshots`; weights start anew at every known year-end.

    Returns
    -------
    float
        Per cent.
    """
    cuts = [day for day in snapshots.index if start < day < end]
    rows, returns = [], []
    for begin, finish in zip([start, *cuts], [*cuts, end], strict=True):
        prices = boom.prices.loc[begin:finish]
        first = weights_on(boom.prices, begin, snapshots)[list(tickers)]
        weights = concentration.drifted_weights(first, prices, prices[TOTAL_RETURN])
        moves = prices[list(tickers)].pct_change(fill_method=None).iloc[1:]
        rows.append(weights.shift(1).iloc[1:] * moves)
        returns.append(prices[TOTAL_RETURN].pct_change(fill_method=None).iloc[1:])
    index = pd.concat(returns)
    linked = concentration.carino_link(concentration.with_rest(pd.concat(rows), index))
    return float(100.0 * linked[list(tickers)].sum() / np.expm1(np.log1p(index).sum()))


def carried(boom: Boom, snapshots: pd.DataFrame) -> Measured:
    """Share of the S&P 500's rise that the seven made, by three ways to link and by who counts as AI."""
    seven = list(boom.leaders)
    yearly = contributions(boom, boom.start, boom.end, seven, snapshots)
    held = contributions(boom, boom.start, boom.end, seven, snapshots, yearly=False)
    share, others = (
        _part(yearly, seven),
        [_part(held, seven), daily_share(boom, boom.start, boom.end, seven, snapshots)],
    )
    narrow = [ticker for ticker in seven if ticker not in NOT_AI]
    wide = [ticker for ticker in companies(boom) if ticker not in NOT_AI]
    known = contributions(boom, boom.start, boom.end, wide, snapshots)
    further = [ticker for ticker in wide if ticker not in known.missing and ticker not in narrow]
    added = f"without Apple and Tesla, with {words.listing(boom.name(ticker) for ticker in further)}"
    who = {
        "the seven without Apple and Tesla": _part(yearly, narrow),
        added: _part(known, [*narrow, *further]),
    }
    return Measured(
        *spread(share, *others, *who.values()),
        f"Contribution of the seven to the S&P 500's total return from {words.day(boom.start)} to {words.day(boom.end)}, yearly "
        "weights linked by Carino's method; the range runs over other ways to link and over who counts as an AI company.",
        "contributions",
        "medium",
        {"first weights held": others[0], "daily weights, linked": others[1], **who},
    )


def _part(parts: Contributions, tickers: Sequence[str]) -> float:
    return float(100.0 * parts.linked[list(tickers)].sum() / parts.total)


def centres(_boom: Boom, _snapshots: pd.DataFrame) -> Measured:
    """Capital expenditure of the five builders from 2023 to 2026, filed and planned."""
    spending = capital_spending()
    span = spending[spending["year"].between(SPENT_FROM, SPENT_TO)]
    before = float(spending.loc[spending["year"] == SPENT_BEFORE, "usd_bn"].sum())
    total, filed = float(span["usd_bn"].sum()), float(span.loc[span["filed"], "usd_bn"].sum())
    years = SPENT_TO - SPENT_FROM + 1
    to_last_full = float(span.loc[span["filed"] & (span["year"] < SPENT_TO), "usd_bn"].sum())
    return Measured(
        total / 1000.0,
        filed / 1000.0,
        total / 1000.0,
        f"Cash capital expenditure of five builders, {SPENT_FROM} to {SPENT_TO}, with plans where {SPENT_TO} is not "
        "filed; the low end counts filings only. Not all of it is for AI.",
        "capex",
        "medium",
        {
            "filed years only": to_last_full / 1000.0,
            f"only what exceeds the pace of {SPENT_BEFORE}": (total - years * before) / 1000.0,
        },
    )


CLAIMS: Mapping[str, Callable[[Boom, pd.DataFrame], Measured]] = {
    "nasdaq_two_year_gain": nasdaq_gain,
    "nasdaq_value_added": nasdaq_value,
    "nvidia_value": nvidia_value,
    "nvidia_largest": nvidia_rank,
    "top_seven_share": top_seven,
    "top_seven_record": top_seven_record,
    "nvidia_weight_end_2022": weight_at_start,
    "nvidia_weight_eve": weight_on_eve,
    "nvidia_share_of_2024_return": share_of_2024,
    "boom_carried_market": carried,
    "trillion_of_centres": centres,
}
