"""How a run over several reports shows itself: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import threading
import time
from collections import Counter
from types import TracebackType

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.text import Text

from gongkai.pipeline.cli.run import duration
from gongkai.pipeline.cli.terminal import clean, console, one_line, safe
from gongkai.pipeline.errors import GongkaiError
from gongkai.pipeline.schema import Failure

_FEW = 3  # so many reports are done before a bar would help
_PATIENCE_S = 2.0
_MANY = 100  # of so many inputs the lines tell rate and time left now and then
_PACE_S = 10.0


class RunProgress:
    """Progress on stderr; a context manager.

    Args:
        total: number of inputs.
        quiet: show nothing but failures.
        lines: where there is no terminal, print a line for each input (else only for failures).
    """

    def __init__(self, total: int, *, quiet: bool = False, lines: bool = True):
        self._console = console(stderr=True, cap=None)
        self._total = total
        self._counts: Counter[str] = Counter()
        self._quiet = quiet
        self._lines = lines and not self._console.is_terminal
        self._bar: Progress | None = None
        self._timer: threading.Timer | None = None
        self._began: float | None = None  # when the first input was handed out; what is found done before takes no time
        self._paced = time.monotonic()

    def __enter__(self) -> RunProgress:
        if self._console.is_terminal and not self._quiet:
            self._bar = Progress(
                TextColumn("{task.description}", markup=False),  # a file may be called "[red].txt"
                BarColumn(bar_width=24),
                MofNCompleteColumn(),
                TextColumn("{task.fields[pace]}", markup=False),
                console=self._console,
                transient=True,
            )
            self._bar.add_task("", total=self._total, pace="")
            if self._total > _FEW:
                self._bar.start()
            else:
                self._timer = threading.Timer(_PATIENCE_S, self._bar.start)
                self._timer.daemon = True
                self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer.join()
        if self._bar is not None:
            self._bar.stop()

    def begin(self, name: str) -> None:
        """Name the input that is now handed out."""
        if self._began is None:
            self._began = time.monotonic()
        if self._bar is not None:
            self._bar.update(self._bar.task_ids[0], description=safe(name).plain[-40:])

    def done(self, status: str, name: str, failure: Failure | None = None) -> None:
        """Count an input as done.

        Args:
            status: ``ok``, ``partial``, ``kept`` or ``failed``.
            name: of the input.
            failure: the record of what failed.
        """
        self._counts[status] += 1
        if self._bar is not None:
            self._bar.update(self._bar.task_ids[0], completed=self._counts.total(), pace=self.pace())
        if failure is not None:
            self._print(status, one_line(GongkaiError(failure.code, failure.message), name))
        elif self._lines and not self._quiet and status != "kept":
            self._print(status, clean(name))
        if self._lines and not self._quiet and self._total >= _MANY and time.monotonic() - self._paced >= _PACE_S:
            self._paced = time.monotonic()
            self._console.print(Text(f"{self._number()}… {self.pace()}", "dim"), soft_wrap=True)

    def pace(self) -> str:
        """Return rate, time left and counts: ``21.4/s · ETA 12:31 · ok 180 · failed 2 · kept 40``."""
        told = [f"{status} {number}" for status, number in self._counts.items()]
        made = self._counts.total() - self._counts["kept"]
        took = time.monotonic() - self._began if self._began is not None else 0.0
        if made and took:
            left = (self._total - self._counts.total()) * took / made
            told[:0] = [f"{made / took:.1f}/s", f"ETA {duration(left)}"]
        return " · ".join(told)

    def _number(self) -> str:
        return f"[{self._counts.total():>{len(str(self._total))}}/{self._total}] " if self._total > 1 else ""

    def _print(self, status: str, text: str) -> None:
        line = Text()
        if self._lines:
            line.append(self._number(), "dim")
        line.append(f"{'✗' if status == 'failed' else '✓'} {status} ", "bold red" if status == "failed" else "green")
        line.append_text(safe(text))
        self._console.print(line, soft_wrap=True)
