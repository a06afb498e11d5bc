"""The floor of the batch benchmarks: jieba's segmentation of the same texts, in one process and in two at once.

What two processes gain on it is what this machine, as busy as it is now, lets two processes gain at all.
"""

from __future__ import annotations

import logging
import multiprocessing
import time
from concurrent.futures import ProcessPoolExecutor

import jieba


def cut(texts: list[str]) -> tuple[float, float]:
    """Cut all texts; return when it began and ended (seconds of a clock that all processes share)."""
    jieba.setLogLevel(logging.WARNING)
    tokenizer = jieba.Tokenizer()
    tokenizer.initialize()
    began = time.monotonic()
    for text in texts:
        tokenizer.lcut(text)
    return began, time.monotonic()


def floor(texts: list[str]) -> tuple[float, float]:
    """Return how many texts a second one process cuts, and how many two do while both are at work."""
    with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as pool:
        began, ended = pool.submit(cut, texts).result()
        alone = len(texts) / (ended - began)
        spans = [future.result() for future in [pool.submit(cut, texts) for _ in range(2)]]
    together = sum(len(texts) / (ended - began) for began, ended in spans)
    return alone, together
