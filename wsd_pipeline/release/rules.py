"""Which rules made a release: the version each file of rules states, and the hash of what it says."""

from __future__ import annotations

from wsd_pipeline.disclosure.policy import POLICY_FILE, load_policy
from wsd_pipeline.lake import file_sha256
from wsd_pipeline.outcomes.framework import FRAMEWORK_FILE, load_framework
from wsd_pipeline.segmentation.cohorts import COHORTS_FILE, load_cohorts
from wsd_pipeline.segmentation.rules import RULES_FILE, load_rules


def rules_in_force() -> dict[str, dict[str, str]]:
    """For the segments, the cohorts, the outcomes framework and the disclosure policy: `version` and `sha256`.

    Marts made under other rules are not current and are not published, so these made the release. The hash tells two
    files apart whose version was not raised. The rules of linkage are not among them: its months stand as they were
    linked, under the rules of their own time.
    """
    stated = {
        "segments": (load_rules().version, RULES_FILE),
        "cohorts": (load_cohorts().version, COHORTS_FILE),
        "outcomes": (load_framework().version, FRAMEWORK_FILE),
        "disclosure": (str(load_policy().version), POLICY_FILE),
    }
    return {name: {"version": version, "sha256": file_sha256(path)} for name, (version, path) in stated.items()}
