"""Keeping other libraries' errors inside: 12 of 15 kinds tried quote cell values in their text."""

from __future__ import annotations

import errno
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

from wsd_pipeline.messages import Stop

KNOWN_ERRORS = frozenset(
    {
        "ArrowInvalid", "ArrowKeyError", "ArrowNotImplementedError", "ArrowTypeError", "AttributeError",
        "BinderException", "CatalogException", "ColumnNotFoundError", "ComputeError", "ConversionException",
        "EOFError", "FileNotFoundError", "HTTPException", "IOException", "ImportError", "IndexError",
        "InternalException", "InvalidInputException", "InvalidOperationError", "InvalidTag", "InvalidUnwrap",
        "JSONDecodeError", "KeyError", "MemoryError", "ModuleNotFoundError", "NotADirectoryError",
        "NotImplementedError", "OSError", "OutOfMemoryException", "OutOfRangeException", "ParserException",
        "PermissionError", "RecursionError", "RuntimeError", "SchemaError", "ShapeError", "SystemError",
        "TypeError", "UnicodeDecodeError", "UnicodeEncodeError", "ValueError", "ZeroDivisionError",
    }
)  # fmt: skip
"""Names of error types that may be told outside; any other is called an unexpected error."""


def error_name(error: BaseException) -> str:
    """The error's type, if it is one that may be named."""
    name = type(error).__name__
    return name if name in KNOWN_ERRORS else "unexpected error"


def log_frames(error: BaseException) -> None:
    """Write where an error arose to standard error, the vault's log: its type and frames, never its text."""
    frames = "".join(f"  {f.filename}:{f.lineno} {f.name}\n" for f in traceback.extract_tb(error.__traceback__))
    sys.stderr.write(f"{type(error).__name__}\n{frames}")


@contextmanager
def safe_errors(code: str = "WSD-900", **facts: object) -> Iterator[None]:
    """Turn any error but a Stop into `Stop(code, **facts)`, nothing chained; a full disk is WSD-420.

    `reason`, unless given, is the error's type.
    """
    try:
        yield
    except Stop:
        raise
    except Exception as error:
        log_frames(error)
        if isinstance(error, OSError) and error.errno == errno.ENOSPC:
            raise Stop("WSD-420", folder="", month=facts.get("month", "")) from None
        raise Stop(code, **{"reason": error_name(error), **facts}) from None
