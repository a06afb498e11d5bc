"""What a labelling function says of a sentence and a label."""

from __future__ import annotations

from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

# The numbers that label models expect.
FOR: Final = 1
AGAINST: Final = 0
ABSTAIN: Final = -1

Side = Literal["for", "against"]
SIDES: Final[dict[Side, int]] = {"for": FOR, "against": AGAINST}

# (N, F): what each of F functions says of each of N sentences.
Votes = NDArray[np.int8]
