"""The arithmetic: compiled loops over one series, and their plain twins in `reference`; no label, no table of names.

Importing this package compiles and imports nothing, so that the twins work without numba.
"""
