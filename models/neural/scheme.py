"""What the heads of a network tell, in the order of their outputs."""

from __future__ import annotations

from typing import get_args

from gongkai.pipeline.schema import EntityType

ENTITY_TYPES: tuple[EntityType, ...] = get_args(EntityType)
# Layers of BIO tags: name and number of tags. Tag 0 is O; type t of a layer has B = 1 + 2t and I = 2 + 2t.
TAG_LAYERS = {"metric": 3, "indicator": 3, "period": 3, "scope": 3, "entity": 1 + 2 * len(ENTITY_TYPES)}
# What a number that the grammar found is.
NUMBER_CLASSES = ("none", "metric", "marginal")
# What a character may be to a number.
LINKS = ("indicator", "period", "scope")
