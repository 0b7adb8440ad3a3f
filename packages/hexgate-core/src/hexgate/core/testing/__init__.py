"""Suites of policy cases: read, run, covered; and assertions for the tests of policy authors.

>>> from hexgate.core.testing import assert_allows, assert_denies
>>> assert_allows("policy.yaml", "refund_order", {"amount": 40}, role="support")
>>> assert_denies("policy.yaml", "refund_order", {"amount": 400}, role="support", violations=["args.amount <= 100"])
"""

from hexgate.core.testing.asserts import assert_allows, assert_denies, assert_needs_approval, run_cases
from hexgate.core.testing.coverage import Coverage, coverage_of
from hexgate.core.testing.junit import to_junit
from hexgate.core.testing.reader import find_suites, read_suites, suites_from_text
from hexgate.core.testing.run import Results, run_suites
from hexgate.core.testing.schema import suite_schema
from hexgate.core.testing.suite import Case, Suite, SuiteFile
from hexgate.core.testing.tree import tree_text

__all__ = [
    "Case",
    "Coverage",
    "Results",
    "Suite",
    "SuiteFile",
    "assert_allows",
    "assert_denies",
    "assert_needs_approval",
    "coverage_of",
    "find_suites",
    "read_suites",
    "run_cases",
    "run_suites",
    "suite_schema",
    "suites_from_text",
    "to_junit",
    "tree_text",
]
