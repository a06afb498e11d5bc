"""Shipped configuration, as data: ``taxonomy.yaml`` (labels) and ``pipeline.yaml`` (defaults of a run)."""
