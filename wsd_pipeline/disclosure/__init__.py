"""What may leave: suppression and rounding, the attacker that tests them, safe questions, row-level extracts.

policy.py       the limits, read from config/disclosure.yaml
suppression.py  the exact rows of a mart into protected ones, as one SELECT
"""

from __future__ import annotations

from wsd_pipeline.disclosure.policy import Policy, load_policy
from wsd_pipeline.disclosure.suppression import protect_select

__all__ = ["Policy", "load_policy", "protect_select"]
