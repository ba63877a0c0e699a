"""The steward's page of linkage: who was linked, how surely, how rightly as far as can be known, and where to look.

Kept in `quality/`, never part of a release. Each chart is followed by the table it is drawn from.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

from wsd_pipeline.settings import Project
from wsd_pipeline.site.linkage_evidence import scores, sizes, unlinkable, weights
from wsd_pipeline.site.linkage_rates import against_truth, by_group, by_source, held_out
from wsd_pipeline.site.pages import write_page
from wsd_pipeline.site.rows import rows_of


def linkage_page(project: Project, month: str) -> Path | None:
    """Write `quality/<month>/linkage.html` and return its path; None where the month is not linked."""
    evidence = rows_of(project, month, "linked.evidence")
    if not evidence:
        return None
    rates = rows_of(project, month, "mart.linkage_quality")
    accuracy = rows_of(project, month, "mart.linkage_accuracy")
    made = [
        by_source(rates),
        by_group(rates),
        against_truth([*rates, *accuracy]),
        held_out(accuracy),
        scores(evidence),
        weights(evidence),
        unlinkable(evidence),
        sizes(evidence),
    ]
    path = project.quality / month / "linkage.html"
    write_page(
        "linkage.html.j2",
        path,
        {
            "title": f"Linkage of {month}",
            "invented": project.mode == "synthetic",
            "month_words": date.fromisoformat(f"{month}-01").strftime("%B %Y"),
            "sections": [section for section in made if section is not None],
            "footer": f"{project.name}, {month}. Counts only, small ones too: not for publication.",
        },
    )
    return path
