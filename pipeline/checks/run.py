"""Runs every rule on one report."""

from __future__ import annotations

# Importing a module registers its rules.
from gongkai.pipeline.checks import applications, narrative, proactive, review_litigation  # noqa: F401
from gongkai.pipeline.checks.base import RULES, CheckInput
from gongkai.pipeline.schema import Check


def run_checks(data: CheckInput) -> list[Check]:
    """Run every registered rule on one report, in order of rule id.

    Args:
        data: the tables and the narrative of the report.

    Returns:
        What the rules have to say, not applicable ones included.
    """
    return [check for _, function in sorted(RULES.items()) for check in function(data)]
