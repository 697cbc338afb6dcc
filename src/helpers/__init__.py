"""Helpers of the AI boom study: small, plain functions that the notebooks share."""
