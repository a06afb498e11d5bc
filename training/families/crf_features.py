"""What a CRF sees of each character: layers of values, read at the places of a template."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from gongkai.training.families.crf_config import Layer, Places
from gongkai.training.families.ngrams import cut_words

_OTHER, _OUTSIDE = "other", "_"
_BEFORE, _AFTER = "<", ">"  # stand where a place lies before or behind the text


class CharacterFeatures:
    """Turns a text into the features of its characters.

    Args:
        features: layer → places, one feature each.
        types: name → pattern of a character; the first that matches counts.
        words: whether there is a layer of jieba's words.
        lexicon: phrase → class, for the layer of phrases; empty for none.
    """

    def __init__(
        self, features: Mapping[Layer, Places], types: Mapping[str, str], words: bool, lexicon: Mapping[str, str]
    ):
        self._types = [(name, re.compile(pattern)) for name, pattern in types.items()]
        self._lexicon = dict(lexicon)
        self._lengths = sorted({len(phrase) for phrase in lexicon}, reverse=True)
        absent = {layer for layer, there in (("word", words), ("lexicon", bool(lexicon))) if not there}
        self._features = [
            (layer, f"{layer[0]}[{','.join(map(str, place))}]=", tuple(place))
            for layer, places in features.items()
            if layer not in absent
            for place in places
        ]
        self._layers = {layer for layer, _, _ in self._features}
        self._known_types: dict[str, str] = {}

    def __call__(self, text: str) -> list[list[str]]:
        """Return the features of each character of a text."""
        reach = max((abs(i) for _, _, place in self._features for i in place), default=0)
        padded = {layer: [_BEFORE] * reach + self._values(layer, text) + [_AFTER] * reach for layer in self._layers}
        return [
            [name + "|".join([padded[layer][reach + k + i] for i in place]) for layer, name, place in self._features]
            for k in range(len(text))
        ]

    def _values(self, layer: str, text: str) -> list[str]:
        if layer == "character":
            return list(text)
        if layer == "type":
            return [self._type(character) for character in text]
        if layer == "word":
            return _word_places(text)
        return self._phrase_places(text)

    def _type(self, character: str) -> str:
        known = self._known_types.get(character)
        if known is None:
            known = next((name for name, pattern in self._types if pattern.fullmatch(character)), _OTHER)
            self._known_types[character] = known
        return known

    def _phrase_places(self, text: str) -> list[str]:
        values = [_OUTSIDE] * len(text)
        at = 0
        while at < len(text):
            # The longest phrase that begins here counts, and what it covers begins no other.
            length = next((n for n in self._lengths if at + n <= len(text) and text[at : at + n] in self._lexicon), 0)
            if length:
                kind = self._lexicon[text[at : at + length]]
                values[at : at + length] = [f"{place}-{kind}" for place in _places(length)]
            at += length or 1
        return values


def _word_places(text: str) -> list[str]:
    values: list[str] = [_OUTSIDE] * len(text)
    at = 0
    for word in cut_words(text):
        at = text.index(word, at)
        values[at : at + len(word)] = _places(len(word))
        at += len(word)
    return values


def _places(length: int) -> Sequence[str]:
    return ["S"] if length == 1 else ["B", *["M"] * (length - 2), "E"]
