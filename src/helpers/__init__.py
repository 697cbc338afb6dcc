"""Helpers of the AI boom study: small, plain functions that the notebooks share."""

import os

# How many threads share a sum moves its last digits, and a fit that climbs by such sums moves by more: one thread
# gives the same figures on any number of processors. It has to be said before numpy is imported.
os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"))
