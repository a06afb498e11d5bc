"""Exports: the results of ``gongkai annotate`` as tidy tables (``tables.yaml``), one module a writer."""
