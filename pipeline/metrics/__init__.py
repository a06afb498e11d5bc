"""Metrics: numbers that quantify work or its result, normalised and linked to what they measure."""
