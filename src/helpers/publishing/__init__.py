"""Site and slides of a finished run; no notebook imports these."""
