"""Run a command and watch it: memory and processor time of it and of the processes it starts. Linux only (/proc)."""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

_EVERY_S = 0.25
_PAGE = os.sysconf("SC_PAGE_SIZE")
_TICK = os.sysconf("SC_CLK_TCK")


@dataclass(slots=True)
class Ran:
    """A command that has ended.

    Attributes:
        seconds: what it took, start-up included.
        status: its exit status.
        pid: of the command itself.
        memory: (seconds since the start, bytes in memory of all its processes) in the order of time. Pages that
            processes share are counted once for each, so this is an upper bound.
        cpu: seconds of processor time by process, as last seen.
        most: the most processes seen at a time.
    """

    pid: int
    seconds: float = 0.0
    status: int = 0
    memory: list[tuple[float, int]] = field(default_factory=list)
    cpu: dict[int, float] = field(default_factory=dict)
    most: int = 0

    @property
    def peak(self) -> int:
        """The most bytes in memory at a time."""
        return max((size for _, size in self.memory), default=0)

    def quarter(self, number: int) -> float:
        """Return the mean of the bytes in memory in a quarter of the run, 1 to 4."""
        low, high = self.seconds * (number - 1) / 4, self.seconds * number / 4
        return statistics.fmean([size for at, size in self.memory if low <= at <= high] or [0])

    @property
    def own_share(self) -> float:
        """Share of the command's own process in the processor time of all."""
        return self.cpu.get(self.pid, 0.0) / (sum(self.cpu.values()) or 1.0)


def watched(command: list[str], stderr: Path) -> Ran:
    """Run a command to its end.

    Args:
        command: as for :class:`subprocess.Popen`.
        stderr: where its messages go.
    """
    with stderr.open("wb") as told:
        began = time.perf_counter()
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=told)
        ran = Ran(process.pid)
        while True:
            _look(ran, time.perf_counter() - began)
            try:
                ran.status = process.wait(_EVERY_S)
                break
            except subprocess.TimeoutExpired:
                continue
        ran.seconds = time.perf_counter() - began
    return ran


def _look(ran: Ran, at: float) -> None:
    seen = _family(ran.pid)
    memory = 0
    for pid in seen:
        try:
            memory += int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE
            times = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except (OSError, IndexError):
            continue  # it has ended
        ran.cpu[pid] = (int(times[11]) + int(times[12])) / _TICK
    ran.memory.append((at, memory))
    ran.most = max(ran.most, len(seen))


def _family(pid: int) -> list[int]:
    """Return a process and those that it and its children have started."""
    found = [pid]
    for parent in found:  # grows while it is gone through
        for children in Path(f"/proc/{parent}/task").glob("*/children"):
            try:
                found += map(int, children.read_text().split())
            except OSError:
                continue
    return found
