"""Small pictures for dark pages: those of the light pages with each colour of the house style turned."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from helpers.charts import DARK, PAPER

FAR = 26.0  # of 255: what lies farther from every blend of paper and a colour of the style keeps its colour


def dark_thumbnail(light: Path, target: Path) -> None:
    """Write the dark counterpart of a small picture, as the dark drawings have it.

    Parameters
    ----------
    light : Path
        A small picture with a table of colours, as ``drawings.thumbnail`` writes it.
    target : Path
    """
    from PIL import Image

    with Image.open(light) as small:
        picture = small.convert("P") if small.mode != "P" else small.copy()
    table = np.array(picture.getpalette() or [], dtype=float).reshape(-1, 3)
    picture.putpalette(turned(table).round().astype(np.uint8).ravel().tolist())
    picture.save(target, compress_level=9)


def turned(colours: np.ndarray) -> np.ndarray:
    """Turn light colours into the dark ones of the house style, blends with the paper included.

    Parameters
    ----------
    colours : array, shape (n, 3)
        Red, green and blue, 0 to 255.

    Returns
    -------
    array, shape (n, 3)
        A colour that is no blend of the paper and a colour of the style is kept, as on the dark drawings.

    Examples
    --------
    >>> turned(np.array([[255, 255, 255], [11, 133, 119], [159, 29, 58]])).round().astype(int).tolist()
    [[20, 24, 29], [53, 196, 179], [159, 29, 58]]
    """
    paper, night = _rgb(PAPER), _rgb(DARK[PAPER])
    best, left = colours.astype(float).copy(), np.full(len(colours), FAR)
    for light, dark in DARK.items():
        if light == PAPER:
            continue
        step = _rgb(light) - paper
        share = np.clip((colours - paper) @ step / (step @ step), 0, 1)
        away = np.linalg.norm(colours - paper - share[:, None] * step, axis=1)
        nearer = away < left
        best[nearer] = (night + share[:, None] * (_rgb(dark) - night))[nearer]
        left = np.where(nearer, away, left)
    return best


def _rgb(colour: str) -> np.ndarray:
    return np.array([int(colour[place : place + 2], 16) for place in (1, 3, 5)], dtype=float)
