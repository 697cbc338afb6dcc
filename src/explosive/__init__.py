"""Right-tailed unit-root tests for explosive series: Phillips, Wu and Yu (2011), Phillips, Shi and Yu (2015).

`radf` tests, the `..._critical_values` judge, `datestamp` dates. The compiler is loaded by the first test.
"""

# ruff: noqa: F401
from explosive.critical import (
    CriticalValues,
    composite_bootstrap_critical_values,
    critical_values,
    monte_carlo_critical_values,
    wild_bootstrap_critical_values,
)
from explosive.radf import (
    RadfResult,
    bic_lag,
    datestamp,
    default_window,
    panel_table,
    radf,
    radf_panel,
    root_interval,
    sequence_table,
    statistics_table,
)
