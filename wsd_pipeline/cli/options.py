"""Options that more than one command takes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

ProjectOption = Annotated[Path, typer.Option("--project", help="Folder of the project.", show_default=True)]
MonthOption = Annotated[str, typer.Option("--month", help="Month to run, YYYY-MM.")]
DEFAULT_PROJECT = Path("data")
