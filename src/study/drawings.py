"""Exported figures made ready for a page: cut down to the drawing, with fewer bytes, and as small pictures."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

PIXELS_PER_POINT = 4 / 3
THUMB_WIDTH, THUMB_COLOURS = 480, 32


@dataclass(frozen=True)
class Frame:
    """Where the drawing lies within a figure, in points from its upper edge.

    Attributes
    ----------
    page_width, page_height : float
        Size of the whole figure.
    top, bottom : float
        Where the drawing begins and ends.
    """

    page_width: float
    page_height: float
    top: float
    bottom: float

    @property
    def width(self) -> int:
        """Width of the drawing in pixels."""
        return round(self.page_width * PIXELS_PER_POINT)

    @property
    def height(self) -> int:
        """Height of the drawing in pixels."""
        return round((self.bottom - self.top) * PIXELS_PER_POINT)


def frame_of(svg: str, title: str, unit: str) -> Frame:
    """Find the drawing of a figure: below its title and unit, above its source line, which the page says itself.

    Parameters
    ----------
    svg : str
        As matplotlib writes it, with each text as a comment before its outlines.
    title, unit : str
        The title and the line below it.

    Returns
    -------
    Frame
        The whole figure where these texts are not found.

    Examples
    --------
    >>> frame_of('<svg width="90pt" height="60pt" viewBox="0 0 90 60"></svg>', "A title", "USD").height
    80
    """
    width, height = _size(svg)
    texts = re.findall(r"<!--(.*?)-->\s*<g [^>]*?transform=\"translate\([\d.-]+ ([\d.]+)\)", svg)
    heights = {_letters(html.unescape(text)): float(y) for text, y in texts}
    lines = [y for text, y in heights.items() if text and text in _letters(title) and y < height * 0.3]
    sources = [y for text, y in heights.items() if text.startswith("source") and y > height * 0.8]
    top = heights.get(_letters(unit), max(lines, default=-4.0)) + 4
    return Frame(width, height, top, max(sources) - 8 if sources else height)


def whole_frame(svg: str) -> Frame:
    """Return the whole of a figure, which has neither title nor source line, as a drawing for a phone.

    Examples
    --------
    >>> whole_frame('<svg width="90pt" height="60pt" viewBox="0 0 90 60"></svg>').width
    120
    """
    width, height = _size(svg)
    return Frame(width, height, 0.0, height)


def _size(svg: str) -> tuple[float, float]:
    head = re.search(r'<svg [^>]*?width="[\d.]+pt" height="[\d.]+pt" viewBox="0 0 ([\d.]+) ([\d.]+)"', svg)
    return (float(head[1]), float(head[2])) if head else (620.0, 353.0)


def drawing(svg: str, frame: Frame) -> str:
    """Cut an exported figure down to its drawing and leave out what no eye sees."""
    box = (
        f'width="{frame.page_width:g}pt" height="{frame.bottom - frame.top:.1f}pt" '
        f'viewBox="0 {frame.top:.1f} {frame.page_width:g} {frame.bottom - frame.top:.1f}"'
    )
    return slim(re.sub(r'width="[\d.]+pt" height="[\d.]+pt" viewBox="[^"]*"', box, svg, count=1))


def slim(svg: str) -> str:
    """Leave out of an SVG what does not change the picture: comments, unused names, spaces, distant decimals.

    Notes
    -----
    Coordinates keep two decimals of a point, a 140th of a millimetre on paper.

    Examples
    --------
    >>> slim('<g id="g1"> <!-- 2 --> <path id="p" d="M 1.23456 2 L 3 4.1"/> <use xlink:href="#p"/> </g>')
    '<g><path id="a0" d="m1.23 2l1.77 2.1"/><use href="#a0"/></g>'
    """
    svg = re.sub(r"<metadata>.*?</metadata>|<!--.*?-->", "", svg, flags=re.DOTALL)
    named = dict.fromkeys(re.findall(r'(?:href="#|url\(#)([^")]+)', svg))
    short = {name: f"a{place}" for place, name in enumerate(named)}
    svg = re.sub(r' id="([^"]*)"', lambda found: f' id="{short[found[1]]}"' if found[1] in short else "", svg)
    svg = re.sub(r'xlink:href="#([^"]+)"', lambda found: f'href="#{short[found[1]]}"', svg)
    svg = re.sub(r"url\(#([^)]+)\)", lambda found: f"url(#{short[found[1]]})", svg)
    svg = re.sub(r' d="([^"]*)"', lambda found: f' d="{_short_path(found[1])}"', svg)
    svg = re.sub(r'(<use [^>]*?)transform="translate\((-?[\d.]+) 0\)"', r'\1x="\2"', svg)
    svg = re.sub(
        r'(?: (?:x|y|x1|y1|x2|y2|width|height|points)="|translate\()[^")]*',
        lambda found: _fewer_digits(found[0]),
        svg,
    )
    svg = re.sub(r'style="[^"]*"', lambda found: re.sub(r"\s*([:;])\s*", r"\1", found[0]), svg)
    return re.sub(r">\s+<", "><", svg)


@lru_cache(maxsize=20_000)
def _short_path(path: str) -> str:
    """Write a path in steps from point to point, in hundredths that do not add up to an error."""
    parts: list[str] = []
    start = at = (0, 0)
    last = ""
    for command, numbers in re.findall(r"([A-Za-z])([^A-Za-z]*)", path):
        if command not in "MLCQz":
            return _fewer_digits(path)
        values = [round(float(number) * 100) for number in numbers.split()]
        steps = [value - at[place % 2] for place, value in enumerate(values)]
        at = (values[-2], values[-1]) if values else start
        start = at if command == "M" else start
        parts.append(("" if command == last != "M" else command.lower()) + _joined(steps, command == last))
        last = command
    return "".join(parts)


def _joined(steps: list[int], goes_on: bool) -> str:
    texts = [f"{step / 100:.2f}".rstrip("0").rstrip(".") for step in steps]
    texts = [re.sub(r"^(-?)0\.", r"\1.", text) for text in texts]
    joined = " ".join(texts).replace(" -", "-")
    return f" {joined}" if goes_on and joined[:1] != "-" else joined


def _fewer_digits(text: str) -> str:
    return re.sub(r"(\.\d\d)\d+", r"\1", text)


def _letters(text: str) -> str:
    return re.sub(r"\W+", "", text).casefold()


def thumbnail(png: Path, target: Path, frame: Frame) -> None:
    """Write a small picture of the drawing, of a few kilobytes, for pages that show many.

    Parameters
    ----------
    png : Path
        The exported figure.
    target : Path
    frame : Frame
        Where the drawing lies in it.
    """
    from PIL import Image

    with Image.open(png) as whole:
        scale = whole.height / frame.page_height
        part = whole.convert("RGB").crop(
            (0, round(frame.top * scale), whole.width, max(round(frame.bottom * scale), 1))
        )
    height = max(1, round(part.height * THUMB_WIDTH / part.width))
    small = part.resize((THUMB_WIDTH, height), Image.Resampling.BOX, reducing_gap=2.0)
    few = small.quantize(THUMB_COLOURS, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    few.save(target, compress_level=9)
