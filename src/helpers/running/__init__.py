"""Running the study: in order, over grids, again, with live prices; no notebook imports these."""
