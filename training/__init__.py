"""Datasets, trainers and evaluation (none yet: the baselines of ``gongkai.pipeline`` are not trained)."""
