"""Runs the notebooks, publishes a finished run, and is never imported by one."""

import sys

# The checks of a notebook's form take this optional module where they can: it compiles a grammar for a second, for nothing here.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
