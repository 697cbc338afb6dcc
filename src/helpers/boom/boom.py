"""The boom that 01_valuation_growth studies: its prices and dates, growth by group, and other dates."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers import growth, market_data, valuation, words
from helpers.charts import Event
from helpers.parameters import Settings
from helpers.results import study_prices
from helpers.returns import known_growth

MARKET, EQUAL_WEIGHT, COMPOSITE, TOTAL_RETURN = "^GSPC", "RSP", "^IXIC", "SPY"
INDEXES = (MARKET, TOTAL_RETURN, EQUAL_WEIGHT, COMPOSITE, "QQQ", "SMH")
PLAIN_NAMES = {
    TOTAL_RETURN: "S&P 500 with dividends",
    EQUAL_WEIGHT: "S&P 500, equal weights",
    "QQQ": "Nasdaq-100 fund",
    "SMH": "semiconductor fund",
    "GOOGL": "Alphabet",
    "META": "Meta",
    "AMD": "AMD",
    "TSM": "TSMC",
    "ASML": "ASML",
    "SMCI": "Supermicro",
    "DELL": "Dell",
    "CEG": "Constellation",
    "CSCO": "Cisco",
    "ANET": "Arista",
}  # shorter than in the codebook, for charts
NOT_COMPANIES = ("index", "fund")
LEADERS, ALL_COMPANIES = "the leaders", "all companies"
# Few events that readers know, by their day in events.csv, in words short enough for a chart.
MARKED_EVENTS = {
    "2022-11-30": "ChatGPT",
    "2023-05-24": "Nvidia's forecast",
    "2024-06-18": "Nvidia most valuable",
    "2025-01-27": "DeepSeek selloff",
    "2025-04-03": "Tariffs",
    "2025-10-29": "Nvidia at 5 trillion",
}
SHORTEST_CURVE_DAYS = 180  # growth over less is left out of the curves over other dates


@dataclass(frozen=True)
class Boom:
    """Prices, market values and dates of the boom.

    Attributes
    ----------
    start, end, last : Timestamp
        Trading days: the boom's first and last, and the last of the data.
    focus : str
        Company in the foreground.
    leaders : tuple of str
        Companies taken together.
    prices : DataFrame
        Closes adjusted for splits and dividends (indexes: points), days by series.
    quoted : DataFrame
        Closes as quoted, on today's split basis, USD, for the companies that have quoted closes.
    values : DataFrame
        Market values, USD billion, for the companies that also have share counts.
    names, groups : Series
        Series -> name; series -> group.
    """

    start: pd.Timestamp
    end: pd.Timestamp
    last: pd.Timestamp
    focus: str
    leaders: tuple[str, ...]
    prices: pd.DataFrame
    quoted: pd.DataFrame
    values: pd.DataFrame
    names: pd.Series
    groups: pd.Series

    def name(self, ticker: str) -> str:
        """Return the name of a series, or its ticker where it has none."""
        return str(self.names.get(ticker, ticker))

    def leaders_words(self) -> str:
        """Say how many leaders there are, as in "the seven leaders"."""
        small = ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
        count = len(self.leaders)
        return f"the {small[count - 2] if 2 <= count <= 10 else count} leaders"

    def valued_words(self) -> str:
        """Say whose market value is summed: the leaders, or those of them with share counts."""
        if len(self.valued()) == len(self.leaders):
            return self.leaders_words()
        return f"the {words.plural(len(self.valued()), 'leader')} with share counts"

    def valued(self) -> list[str]:
        """Return the leaders that have a market value."""
        return [ticker for ticker in self.leaders if ticker in self.values.columns]


def load(settings: Settings, prices: pd.DataFrame | None = None) -> Boom:
    """Gather prices, market values and names for the boom that the parameters name.

    Parameters
    ----------
    settings : Settings
        Checked parameters of 01_valuation_growth.
    prices : DataFrame, optional
        Daily closes; those of this run when left out.

    Raises
    ------
    ValueError
        If a series is missing, a date lies outside the prices, the dates are not in order, or the company in
        focus has no price at the start.

    Examples
    --------
    >>> from helpers import parameters
    >>> boom = load(parameters.check("01_valuation_growth", {"boom_start": "2023-01-01"}))
    >>> f"{boom.start:%Y-%m-%d}", boom.name("NVDA"), boom.leaders_words()
    ('2022-12-30', 'Nvidia', 'the seven leaders')
    """
    prices = study_prices("ai") if prices is None else prices
    wanted = dict.fromkeys((*INDEXES[:4], settings.focus_ticker, *settings.leaders))
    if missing := [name for name in wanted if name not in prices.columns]:
        raise ValueError(f"No prices for {', '.join(missing)}: there are {', '.join(prices.columns)}.")
    start, end = (_trading_day(prices, day) for day in (settings.boom_start, settings.boom_end))
    if start >= end:
        raise ValueError(f"boom_end {end:%Y-%m-%d} is not after boom_start {start:%Y-%m-%d}: change one.")
    if np.isnan(prices.loc[start, settings.focus_ticker]):
        first = prices[settings.focus_ticker].first_valid_index()
        raise ValueError(
            f"{settings.focus_ticker} has no price on {start:%Y-%m-%d}: its prices begin on {first:%Y-%m-%d}. Choose a later "
            "boom_start or another focus_ticker."
        )
    quoted_closes = market_data.load_table("quoted_closes")
    codebook = market_data.load_table("series").set_index("series")
    return Boom(
        start=start,
        end=end,
        last=pd.Timestamp(prices.index[-1]),
        focus=settings.focus_ticker,
        leaders=tuple(dict.fromkeys(settings.leaders)),
        prices=prices,
        quoted=valuation.quoted_prices(prices, quoted_closes),
        values=valuation.market_values(prices, quoted_closes, market_data.load_table("shares_outstanding"), "linear"),
        names=pd.Series(codebook["name"].to_dict() | PLAIN_NAMES),
        groups=codebook["group"],
    )


def _trading_day(prices: pd.DataFrame, day: str) -> pd.Timestamp:
    """Find the last trading day up to a date, refusing dates outside the prices."""
    first, last = pd.Timestamp(prices.index[0]), pd.Timestamp(prices.index[-1])
    if not first <= pd.Timestamp(day) <= last:
        raise ValueError(f"{day} lies outside the prices, which cover {first:%Y-%m-%d} to {last:%Y-%m-%d}.")
    return pd.Timestamp(prices.index[prices.index <= day][-1])


def companies(boom: Boom) -> list[str]:
    """List the series that are companies, in the order of the prices."""
    return [t for t in boom.prices.columns if boom.groups.get(t, "other") not in NOT_COMPANIES]


def with_groups(boom: Boom) -> pd.DataFrame:
    """Indexes, an equal sum in each company of every group, and the leaders, as price series.

    Returns
    -------
    DataFrame
        Days from the boom's start on; indexes as they are, groups and leaders at 100 on the first day.

    Notes
    -----
    A group is bought in equal sums on the first day and held. A company listed later is left out of its
    group: its span would be another one.
    """
    held = boom.prices.loc[boom.start :]
    series = {boom.name(name): held[name] for name in INDEXES if name in held.columns}
    based = growth.rebase(held[companies(boom)], boom.start).dropna(axis=1, how="all")
    labels = pd.Series({ticker: str(boom.groups.get(ticker, "other")) for ticker in based.columns})
    for group in labels.unique():
        series[group] = based[labels.index[labels == group]].mean(axis=1)
    inside = [ticker for ticker in boom.leaders if ticker in based.columns]
    if inside:
        series[f"{LEADERS}, equal sums"] = based[inside].mean(axis=1)
    return pd.DataFrame(series)


def growth_by_group(boom: Boom) -> pd.DataFrame:
    """Growth of indexes, groups and leaders over the boom, as the page shows it.

    Returns
    -------
    DataFrame
        One row an index or group: total and yearly growth, volatility, largest fall, all in per cent.
    """
    return _shown(growth.growth_table(with_groups(boom), boom.start, boom.end)).rename_axis("series")


def growth_by_company(boom: Boom) -> pd.DataFrame:
    """Growth of every company over the boom, largest first, with its group.

    Returns
    -------
    DataFrame
        One row a company; blank with a note where the company was listed later.
    """
    table = growth.growth_table(boom.prices[companies(boom)], boom.start, boom.end)
    shown = _shown(table)
    shown.insert(0, "group", [str(boom.groups.get(ticker, "other")) for ticker in table.index])
    shown["note"] = table["note"]
    shown.index = pd.Index([boom.name(ticker) for ticker in table.index], name="company")
    return shown.sort_values("total growth, %", ascending=False)


def _shown(table: pd.DataFrame) -> pd.DataFrame:
    """Name the columns of a growth table for readers, leaving out the yearly rate of a short span."""
    names = {
        "total_pct": "total growth, %",
        "cagr_pct": "growth a year, %",
        "volatility_pct": "volatility a year, %",
        "max_drawdown_pct": "largest fall, %",
    }
    return table[list(names)].rename(columns=names).astype(float)


def indexed(boom: Boom) -> pd.DataFrame:
    """Series of the indexed chart: the company in focus, the groups and the market, 100 at the start.

    Returns
    -------
    DataFrame
        Days of the boom by label.
    """
    lines = with_groups(boom)
    kept = [boom.name(TOTAL_RETURN), boom.name(EQUAL_WEIGHT)]
    kept += [name for name in lines.columns if name in set(boom.groups) - set(NOT_COMPANIES)]
    table = growth.rebase(lines[kept], boom.start).loc[: boom.end]
    table[boom.name(boom.focus)] = growth.rebase(boom.prices[[boom.focus]], boom.start)[boom.focus]
    return table


def marked_events(first: pd.Timestamp, last: pd.Timestamp) -> list[Event]:
    """Return the few events marked on charts that fall between two days.

    Parameters
    ----------
    first, last : Timestamp
        Span of the chart.

    Examples
    --------
    >>> [event.label for event in marked_events(pd.Timestamp("2024-12-30"), pd.Timestamp("2025-01-31"))]
    ['DeepSeek selloff']
    """
    days = [pd.Timestamp(day) for day in MARKED_EVENTS]
    pairs = zip(days, MARKED_EVENTS.values(), strict=True)
    return [Event(day, label) for day, label in pairs if first <= day <= last]


def month_ends(prices: pd.DataFrame, first: pd.Timestamp, last: pd.Timestamp) -> pd.DatetimeIndex:
    """Last trading day of every whole month between two days.

    Parameters
    ----------
    prices : DataFrame
        Daily prices.
    first, last : Timestamp
        Span.

    Examples
    --------
    >>> days = pd.bdate_range("2024-01-01", "2024-03-05")
    >>> month_ends(pd.DataFrame(index=days), days[0], days[-1]).strftime("%d %b").tolist()
    ['31 Jan', '29 Feb']
    """
    days = pd.DatetimeIndex(prices.index)
    months = days.to_period("M")
    final = np.append(months[1:] != months[:-1], days[-1] == days[-1] + pd.offsets.BMonthEnd(0))
    ends = days[final]
    return ends[(ends >= first) & (ends <= last)]


def other_starts(boom: Boom) -> pd.DatetimeIndex:
    """Month-ends of 2022 and 2023 from which the boom might as well be counted.

    Returns
    -------
    DatetimeIndex
        At least the start itself, should the boom end too early for others.
    """
    latest = min(pd.Timestamp("2023-12-31"), boom.end - pd.Timedelta(days=SHORTEST_CURVE_DAYS))
    ends = month_ends(boom.prices, pd.Timestamp(boom.prices.index[0]), latest)
    return ends.union(pd.DatetimeIndex([boom.start])) if len(ends) == 0 else ends


def other_ends(boom: Boom) -> pd.DatetimeIndex:
    """Month-ends to which the boom might as well be counted, and the last day of the data."""
    earliest = boom.start + pd.Timedelta(days=SHORTEST_CURVE_DAYS)
    ends = month_ends(boom.prices, earliest, boom.last)
    return ends.union(pd.DatetimeIndex([boom.last]))


def growth_curves(boom: Boom) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Growth from every other start to the boom's end, and from its start to every other end.

    Returns
    -------
    tuple of DataFrame
        Starts and ends by series: last price over first, for the indexes, the leaders in equal sums and the
        company in focus.
    """
    pairs = [(day, boom.end) for day in other_starts(boom)], [(boom.start, day) for day in other_ends(boom)]
    first, second = (pd.DataFrame([_multiples(boom, begin, finish) for begin, finish in spans]) for spans in pairs)
    first.index, second.index = other_starts(boom), other_ends(boom)
    return first, second


def _multiples(boom: Boom, begin: pd.Timestamp, finish: pd.Timestamp) -> dict[str, float]:
    names = [TOTAL_RETURN, EQUAL_WEIGHT, COMPOSITE]
    ratio = {boom.name(t): 1 + known_growth(boom.prices[t], begin, finish) for t in names}
    ratio[LEADERS] = float(np.nanmean([1 + known_growth(boom.prices[t], begin, finish) for t in boom.leaders]))
    return ratio | {boom.name(boom.focus): 1 + known_growth(boom.prices[boom.focus], begin, finish)}


def price_against_total(boom: Boom) -> pd.DataFrame:
    """Growth by price alone beside growth with dividends, over the boom.

    Returns
    -------
    DataFrame
        The S&P 500 (index beside fund) and each leader with quoted closes: both in per cent, and the gap.
    """
    rows = {boom.name(MARKET): (boom.prices[MARKET], boom.prices[TOTAL_RETURN])}
    rows |= {boom.name(t): (boom.quoted[t], boom.prices[t]) for t in boom.leaders if t in boom.quoted}
    table = pd.DataFrame(
        {
            name: {
                "price, %": 100 * known_growth(bare, boom.start, boom.end),
                "with dividends, %": 100 * known_growth(total, boom.start, boom.end),
            }
            for name, (bare, total) in rows.items()
        }
    ).T.rename_axis("series")
    return table.assign(**{"gap, points": table["with dividends, %"] - table["price, %"]})
