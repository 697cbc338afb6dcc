"""What a notebook hands on: figures, tables, key figures and findings, with units, captions and sources."""

from __future__ import annotations

import html
import json
import math
from collections.abc import Mapping
from typing import Any

import pandas as pd
from IPython.display import Markdown, display
from matplotlib.figure import Figure

from helpers import charts, words
from helpers.parameters import Settings
from helpers.run_data import read_results, run_folder, study_prices

__all__ = ["Output", "read_results", "run_folder", "study_prices"]

MOST_ROWS, MOST_COLUMNS = 12, 8
LOW_MARK = "†"
LOW_NOTE = f"{LOW_MARK} low confidence: no source could be opened, the figure is a careful estimate."


class Output:
    """The part of a run that one notebook writes: shows things on the page and keeps them for the next steps.

    Parameters
    ----------
    settings : Settings
        Checked parameters of the notebook.

    Notes
    -----
    ``with`` is not needed: nothing counts until `save` has written ``results.json`` as the last file.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.folder = run_folder() / settings.notebook
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "results.json").unlink(missing_ok=True)
        self._content: dict[str, Any] = {
            "findings": [],
            "keys": {},
            "measurements": [],
            "figures": {},
            "tables": {},
            "notes": [],
        }

    def parameters(self) -> None:
        """Show the parameters of this run, marking those that differ from the default."""
        rows = self.settings.rows()
        frame = pd.DataFrame(rows).set_index("parameter")
        frame["value"] = [f"{row['value']} (changed)" if row["default"] == "changed" else row["value"] for row in rows]
        title = "Parameters of this run" + (
            ": the defaults" if not self.settings.changed else ", with what was changed marked"
        )
        _show_table(frame[["value", "unit", "meaning"]], title)

    def findings_here(self) -> None:
        """Keep a place at the top of the page that `save` fills with the findings."""
        display(
            Markdown("*The findings are written here when the notebook has run to its end.*"),
            display_id="findings",
        )

    def finding(self, text: str, figure: str = "", number: str = "") -> None:
        """Add a sentence to the findings, with a pointer to the figure that shows it.

        Parameters
        ----------
        text : str
            The sentence, as Markdown.
        figure : str
            Name of the figure, of this notebook or of another.
        number : str
            The figure's number where it is another notebook's.
        """
        finding = {"text": text[:1].upper() + text[1:], "figure": figure} | ({"number": number} if number else {})
        self._content["findings"].append(finding)

    def note(self, text: str) -> None:
        """Add a sentence on the limits of what was found."""
        self._content["notes"].append(text)

    def say(self, text: str) -> None:
        """Write a paragraph whose figures were computed."""
        display(Markdown(text))

    def key(
        self,
        name: str,
        value: Any,
        unit: str,
        label: str,
        low: float | None = None,
        high: float | None = None,
        confidence: str = "high",
        figure: str = "",
    ) -> None:
        """Keep a key figure with its unit, interval, confidence and the figure that shows it."""
        self._content["keys"][name] = {
            "value": _plain(value),
            "unit": unit,
            "label": label,
            "low": _plain(low),
            "high": _plain(high),
            "confidence": confidence,
            "figure": figure,
        }

    def measure(
        self,
        claim: str,
        value: Any,
        low: float | None = None,
        high: float | None = None,
        figure: str = "",
        confidence: str = "high",
        readings: Mapping[str, float] | None = None,
        how: str = "",
    ) -> None:
        """Keep the measurement that a claim of the article is held against.

        Parameters
        ----------
        claim : str
            The claim's id in ``claims.csv``.
        value, low, high : float
            Measured figure and its interval or range, in the claim's unit.
        readings : mapping, optional
            Other reasonable readings: label -> value.
        how : str
            What was measured, in a sentence.
        """
        self._content["measurements"].append(
            {
                "id": claim, "measured": _plain(value), "low": _plain(low), "high": _plain(high), "confidence": confidence,
                "notebook": self.settings.notebook, "figure": figure, "how": how,
                "readings": {label: _plain(other) for label, other in (readings or {}).items()},
            }
        )  # fmt: skip

    def figure(
        self, figure: Figure, name: str, caption: str, alt: str, source: str, data: pd.DataFrame | None = None
    ) -> None:
        """Show a figure and export it as SVG (also for a phone) and PNG with its data as CSV.

        Parameters
        ----------
        name : str
            File name without ending, also the name that findings point to.
        caption : str
            What is shown, so that it can stand alone.
        alt : str
            What the figure says, for people who do not see it.
        source : str
            Where the data come from; printed on the figure.
        data : pd.DataFrame
            The numbers drawn.
        """
        charts.source_line(figure, source)
        if name in self._content["figures"]:
            raise ValueError(f"the figure {name!r} stands twice in {self.settings.notebook}: give each its own name")
        number = f"{int(self.settings.notebook[:2])}.{len(self._content['figures']) + 1}"
        png = charts.export(figure, self.folder / "figures", name, data)
        narrow = charts.export_phone(figure, self.folder / "figures", name)
        title = figure.texts[0].get_text().replace("\n", " ")
        self._content["figures"][name] = {
            "number": number, "title": title, "unit": figure.texts[1].get_text(), "caption": caption, "alt": alt, "source": source,
            "data": data is not None, "text_problems": charts.text_problems(figure),
            "phone": narrow == [], "phone_problems": narrow or [],
        }  # fmt: skip
        line = f"Figure {number}. {caption} Source: {source}."
        size = {"width": round(charts.WIDTH * 92), "alt": alt, "figure": name}
        display(
            {"image/png": _base64(png), "text/plain": f"[{title}] {alt}"},
            raw=True,
            metadata={"image/png": size},
        )
        display(Markdown(f"*{line}*"), metadata={"caption_of": name})

    def table(
        self,
        frame: pd.DataFrame,
        name: str,
        caption: str,
        source: str,
        decimals: int | Mapping[str, int] = 1,
        rows: int = MOST_ROWS,
        low: pd.Series | None = None,
    ) -> None:
        """Show a table (at most 12 rows and 8 columns) and export all of it as CSV.

        Parameters
        ----------
        decimals : int or mapping of column to int
            Decimals shown; the CSV keeps all.
        low : pd.Series of bool, optional
            Rows that rest on low-confidence figures; they are marked.
        """
        path = self.folder / "tables"
        path.mkdir(exist_ok=True)
        charts.write(path / f"{name}.csv", _csv(frame))
        shown_before = sum(1 for table in self._content["tables"].values() if table["number"])
        number = f"{int(self.settings.notebook[:2])}.{shown_before + 1}"
        self._content["tables"][name] = {
            "number": number,
            "caption": caption,
            "source": source,
            "rows": len(frame),
        }
        shown = _formatted(frame.iloc[:rows, :MOST_COLUMNS], decimals)
        more = f" The first {rows} of {len(frame)} rows; all are in the CSV file." if len(frame) > rows else ""
        if low is not None and low.iloc[:rows].any():
            shown.index = [
                f"{label} {LOW_MARK}" if weak else label
                for label, weak in zip(shown.index, low.iloc[:rows], strict=True)
            ]
            more += f" {LOW_NOTE}"
        _show_table(shown, f"Table {number}. {caption} Source: {source}.{more}", name)

    def keep(self, frame: pd.DataFrame, name: str, caption: str) -> None:
        """Export a table that is not shown."""
        (self.folder / "tables").mkdir(exist_ok=True)
        charts.write(self.folder / "tables" / f"{name}.csv", _csv(frame))
        self._content["tables"][name] = {"number": "", "caption": caption, "source": "", "rows": len(frame)}

    def keep_text(self, text: str, name: str) -> None:
        """Export a text, such as a table in Markdown."""
        (self.folder / "tables").mkdir(exist_ok=True)
        charts.write(self.folder / "tables" / name, text.encode())

    def save(self) -> None:
        """Write the results file as the last file of this notebook and fill in the findings at the top."""
        content = {
            "notebook": self.settings.notebook,
            "parameters": self.settings.values,
            "changed": list(self.settings.changed),
        } | self._content
        text = json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
        display(Markdown(findings_text(content)), display_id="findings", update=True)
        charts.write(self.folder / "results.json", text.encode())
        counts = [
            words.plural(len(content[part]), name)
            for part, name in (
                ("figures", "figure"),
                ("tables", "table"),
                ("keys", "key figure"),
                ("measurements", "measurement"),
            )
        ]
        display(Markdown(f"Saved: {words.listing(counts)}."))


def _csv(frame: pd.DataFrame) -> bytes:
    return frame.to_csv(float_format="%.10g", lineterminator="\n", date_format="%Y-%m-%d").encode()


def findings_text(content: Mapping[str, Any]) -> str:
    """Write the findings of a results file as a list with pointers to their figures."""
    lines = []
    for finding in content["findings"]:
        number = content["figures"].get(finding["figure"], finding).get("number")
        lines.append(f"- {finding['text']}" + (f" *(Figure {number})*" if number else ""))
    return "**Findings**\n\n" + "\n".join(lines)


def _formatted(frame: pd.DataFrame, decimals: int | Mapping[str, int]) -> pd.DataFrame:
    shown = frame.copy().astype(object)
    for place, name in enumerate(frame.columns):
        column = frame.iloc[:, place]
        places = decimals if isinstance(decimals, int) else decimals.get(str(name), 1)
        if pd.api.types.is_datetime64_any_dtype(column):
            texts = [f"{value:%Y-%m-%d}" if pd.notna(value) else "" for value in column]
        elif pd.api.types.is_bool_dtype(column):
            texts = ["yes" if value else "no" for value in column]
        elif pd.api.types.is_numeric_dtype(column):
            texts = ["" if pd.isna(value) else f"{value:,.{places}f}".replace("-", "−") for value in column]
        else:
            texts = [
                "" if value is None or (isinstance(value, float) and math.isnan(value)) else str(value)
                for value in column
            ]
        shown.isetitem(place, texts)
    if isinstance(frame.index, pd.DatetimeIndex):
        shown.index = pd.Index([f"{value:%Y-%m-%d}" for value in frame.index], name=frame.index.name)
    return shown


def _show_table(frame: pd.DataFrame, caption: str, name: str = "") -> None:
    """Show a table whose text is always shown as text."""
    head = "".join(
        f'<th scope="col">{html.escape(str(label))}</th>' for label in [frame.index.name or "", *frame.columns]
    )
    rows = [
        f'<tr><th scope="row">{html.escape(str(label))}</th>'
        + "".join(f"<td>{html.escape(str(value))}</td>" for value in row)
        + "</tr>"
        for label, row in zip(frame.index, frame.itertuples(index=False, name=None), strict=True)
    ]
    body = f'<table class="study"><caption>{html.escape(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table>'
    display(
        {"text/html": body, "text/plain": f"{caption}\n{frame.to_string()}"},
        raw=True,
        metadata={"table": name},
    )


def _plain(value: Any) -> Any:
    """Turn a number into what JSON knows, at 12 significant digits; not known becomes null."""
    if value is None or value is pd.NaT or value is pd.NA or (isinstance(value, float) and not math.isfinite(value)):
        return None
    if isinstance(value, bool | str):
        return value
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat()
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float):
        return float(f"{value:.12g}") if math.isfinite(value) else None
    return value


def _base64(content: bytes) -> str:
    import base64

    return base64.b64encode(content).decode("ascii")
