"""Whole Systems Dataset: the library. Contracts, vault, linkage, segments, disclosure, release.

Pure Python, DuckDB and Polars: it has never heard of Dagster or Great Expectations, reads no
environment variable, and importing it does nothing.
"""

__version__ = "0.1.0"
