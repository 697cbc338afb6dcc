"""What the default run is expected to give: key figures, the data behind each chart, small pictures of the charts.

    python tests/expected/refresh.py        writes keys.json, charts.json and pictures/ from data/processed/deepseek-2025

Run it after a change that is meant, look at what differs (`git diff`), and say in the change log why.
"""

import json
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

HERE = Path(__file__).resolve().parent
RUN = HERE.parents[1] / "data" / "processed" / "deepseek-2025"
STEPS = ("00_data", "01_valuation_growth", "02_selloff", "03_dotcom_comparison", "04_findings")
WIDTH = 215


def keys(run: Path) -> dict[str, dict[str, object]]:
    """Return the key figures and measurements of each notebook."""
    found: dict[str, dict[str, object]] = {}
    for step in STEPS:
        content = json.loads((run / step / "results.json").read_text())
        found[step] = {name: key["value"] for name, key in content["keys"].items()}
        found[step] |= {f"claim {row['id']}": row["measured"] for row in content["measurements"]}
    return found


def chart_data(run: Path) -> dict[str, dict[str, object]]:
    """Return a fingerprint of the data behind each chart that another processor's last digits do not change."""
    found = {}
    for step in STEPS:
        for path in sorted((run / step / "figures").glob("*.csv")):
            table = pd.read_csv(path, index_col=0)
            facts: dict[str, object] = {"shape": list(table.shape)}
            for name in table.columns:
                numbers = pd.to_numeric(table[name], errors="coerce").dropna()
                if len(numbers):
                    facts[str(name)] = [
                        float(f"{value:.9g}")
                        for value in (numbers.sum(), numbers.min(), numbers.max(), numbers.iloc[-1])
                    ]
            found[f"{step}/{path.stem}"] = facts
    return found


def small(path: Path) -> np.ndarray:
    """Return a chart's picture in grey and small, so that another font's edges hardly count."""
    with Image.open(path) as picture:
        height = round(WIDTH * picture.height / picture.width)
        return np.asarray(picture.convert("L").resize((WIDTH, height), Image.Resampling.BOX), dtype=float)


def main() -> None:
    for name, content in (("keys", keys(RUN)), ("charts", chart_data(RUN))):
        (HERE / f"{name}.json").write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    pictures = HERE / "pictures"
    pictures.mkdir(exist_ok=True)
    for old in pictures.glob("*.png"):
        old.unlink()
    for step in STEPS:
        for path in sorted((RUN / step / "figures").glob("*.png")):
            shades = Image.fromarray(small(path).astype("uint8")).quantize(16)
            shades.save(pictures / f"{step}-{path.stem}.png", optimize=True)


if __name__ == "__main__":
    main()
