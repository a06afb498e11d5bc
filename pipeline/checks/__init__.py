"""Checks: one pure function per rule, registered under the rule id of the contract (``run.py`` runs them all)."""
