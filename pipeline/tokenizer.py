"""A spaCy tokenizer in which token i is character i, so that token indices are code-point offsets."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from spacy.language import Language
from spacy.tokens import Doc
from spacy.util import registry
from spacy.vocab import Vocab


class CharacterTokenizer:
    """One token a character, white space included.

    Words are of no use here: metrics and names do not align with the words of any Chinese segmenter, and entities
    that cut through a word are silently lost in training.
    """

    def __init__(self, vocab: Vocab):
        self.vocab = vocab

    def __call__(self, text: str) -> Doc:
        """Return a Doc with ``len(doc) == len(text)``."""
        return Doc(self.vocab, words=list(text), spaces=[False] * len(text))

    # There is nothing to save; spaCy asks for these when a pipeline is written to or read from disk.
    def to_bytes(self, **kwargs: Any) -> bytes:
        """Return nothing: the tokenizer has no state."""
        return b""

    def from_bytes(self, data: bytes, **kwargs: Any) -> CharacterTokenizer:
        """Return itself: the tokenizer has no state."""
        return self

    def to_disk(self, path: str | Path, **kwargs: Any) -> None:
        """Write nothing: the tokenizer has no state."""

    def from_disk(self, path: str | Path, **kwargs: Any) -> CharacterTokenizer:
        """Return itself: the tokenizer has no state."""
        return self


@registry.tokenizers("gongkai.CharacterTokenizer.v1")
def make_tokenizer() -> Callable[[Language], CharacterTokenizer]:
    """Create the tokenizer for a pipeline's config."""
    return lambda nlp: CharacterTokenizer(nlp.vocab)
