"""Datasets, trainers and evaluation; so far the probe that tells whether a corpus can be learnt from."""
