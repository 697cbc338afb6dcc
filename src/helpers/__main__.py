"""The command line: ``python -m helpers run|sweep|params|check|refresh|verify|slides|store|compare|clean``."""

import sys

from study.__main__ import main

if __name__ == "__main__":
    sys.exit(main())
