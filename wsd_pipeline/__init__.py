"""Whole Systems Dataset: the library. Contracts, vault, linkage, segments, disclosure, release.

Pure Python, DuckDB and Polars: it has never heard of Dagster or Great Expectations, reads no
environment variable, and importing it does nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from wsd_pipeline.release.reader import open_release

__version__ = "0.1.0"
__all__ = ["__version__", "open_release"]


def __getattr__(name: str) -> Any:
    """`open_release` is imported when first used, so that importing the library costs nothing."""
    if name == "open_release":
        from wsd_pipeline.release.reader import open_release

        return open_release
    raise AttributeError(name)
