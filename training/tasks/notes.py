"""What is odd about a data set but no reason to stop: counted while it is read, told once."""

from __future__ import annotations

from collections.abc import Callable


class Notes:
    """Counts of oddities, each with the place where it was first met."""

    def __init__(self) -> None:
        self._met: dict[str, tuple[int, str]] = {}

    def add(self, what: str, where: str, number: int = 1) -> None:
        """Count an oddity.

        Args:
            what: said of any number of cases, e.g. ``texts that are empty and left out``.
            where: the place of this case.
            number: of cases; with 0 nothing is counted.
        """
        if number:
            before, first = self._met.get(what, (0, where))
            self._met[what] = (before + number, first)

    def tell(self, tell: Callable[[str], None]) -> None:
        """Tell every oddity with its count and first place, in the order they were met."""
        for what, (number, first) in self._met.items():
            tell(f"{number} {what} (first: {first})")
