"""Right-tailed unit-root tests for explosive series: Phillips, Wu and Yu (2011), Phillips, Shi and Yu (2015)."""
