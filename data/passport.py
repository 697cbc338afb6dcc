"""Bring `data/raw/datapackage.json` up to date after a deliberate change of a raw file.

Only what can be counted is rewritten: sha256, bytes and number of rows of each file. Titles, fields,
units, sources and licence notes are written by people and left alone; a column that the passport does
not know, or knows and does not find, is an error.

    python data/passport.py            rewrite the counts
    python data/passport.py --check    say what differs, exit code 3 if anything does
"""

import csv
import hashlib
import json
import sys
from pathlib import Path

RAW = Path(__file__).parent / "raw"
PASSPORT = RAW / "datapackage.json"


def measured(resource: dict) -> dict:
    """Count one file and hold its header against the passport."""
    path = RAW / resource["path"]
    content = path.read_bytes()
    rows = list(csv.reader(content.decode("utf-8").splitlines()))
    fields = [field["name"] for field in resource["schema"]["fields"]]
    if rows[0] != fields:
        raise SystemExit(f"{path.name}: header {rows[0]} is not what the passport lists: {fields}")
    return {
        "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
        "bytes": len(content),
        "rows": len(rows) - 1,
    }


def main() -> int:
    """Rewrite or check the counts."""
    passport = json.loads(PASSPORT.read_text(encoding="utf-8"))
    stale = []
    for resource in passport["resources"]:
        counts = measured(resource)
        if {key: resource.get(key) for key in counts} != counts:
            stale.append(resource["path"])
            resource.update(counts)
    listed = {resource["path"] for resource in passport["resources"]}
    unlisted = sorted(path.name for path in RAW.glob("*.csv") if path.name not in listed)
    if unlisted:
        raise SystemExit(f"not in the passport: {', '.join(unlisted)}")
    if "--check" in sys.argv:
        print("\n".join(f"{name}: checksum or count differs" for name in stale) or "passport agrees with all files")
        return 3 if stale else 0
    temporary = PASSPORT.with_suffix(".tmp")
    temporary.write_text(json.dumps(passport, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    temporary.replace(PASSPORT)
    print(f"{len(passport['resources'])} files, {len(stale)} changed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
