"""How a run over several reports shows itself: a bar on a terminal, one plain line a report elsewhere."""

from __future__ import annotations

import threading
from types import TracebackType

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from gongkai.pipeline.cli.terminal import console, safe

_FEW = 3  # so many reports are done before a bar would help
_PATIENCE_S = 2.0


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
        self._done = 0
        self._quiet = quiet
        self._lines = lines and not self._console.is_terminal
        self._bar: Progress | None = None
        self._timer: threading.Timer | None = None

    def __enter__(self) -> RunProgress:
        if self._console.is_terminal and not self._quiet:
            self._bar = Progress(
                TextColumn("{task.description}", markup=False),  # a file may be called "[red].txt"
                BarColumn(bar_width=24),
                MofNCompleteColumn(),
                TimeRemainingColumn(compact=True),
                console=self._console,
                transient=True,
            )
            self._bar.add_task("", total=self._total)
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
        """Name the input now being read."""
        if self._bar is not None:
            self._bar.update(self._bar.task_ids[0], description=safe(name).plain[-40:])

    def done(self, status: str, text: str) -> None:
        """Count an input as done; ``status`` is ``ok``, ``partial``, ``kept`` or ``failed``."""
        self._done += 1
        if self._bar is not None:
            self._bar.update(self._bar.task_ids[0], completed=self._done)
        if status == "failed" or (self._lines and not self._quiet):
            self._print(status, text)

    def _print(self, status: str, text: str) -> None:
        line = Text()
        if self._lines and self._total > 1:
            line.append(f"[{self._done:>{len(str(self._total))}}/{self._total}] ", "dim")
        line.append(f"{'✗' if status == 'failed' else '✓'} {status} ", "bold red" if status == "failed" else "green")
        line.append_text(safe(text))
        self._console.print(line, soft_wrap=True)
