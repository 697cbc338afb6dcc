"""Runs the notebooks, publishes a finished run, and is never imported by one."""
