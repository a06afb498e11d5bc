"""Tasks carried out by Ray Data, on this machine or on many.

The tasks go in rounds, each a dataset of small blocks of tasks that
:class:`~gongkai.pipeline.batch.ray_worker.RayWorker` maps to small rows: status, hashes and times, for the workers
store the summaries themselves. A dataset wants to know its blocks before it starts, and the inputs are to be drawn as
there is room for them; a round is what bounds the memory, and while one is carried out the next is drawn. Between
rounds Ray starts its actors anew and they load the models again, so a round is long: see ``docs/scaling.md``.

When an actor dies, Ray starts another and repeats the blocks that it had, without end, which is right for a machine
that goes away and wrong for a file that takes its actor with it. So the workers note in an :class:`_Ledger` which block
they begin. The one that is given a block that was begun before hands it back, and when the round is over its files are
done again, each a block of its own, which is begun twice at most. A file has failed with ``worker.died`` when three
actors ended while they were at it; nothing else is lost, and what they had stored is stored again with the same bytes.
"""

from __future__ import annotations

import json
import logging
import os
import socket
import sys
from collections import Counter, deque
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from functools import cached_property
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from gongkai.pipeline.batch.identity import engine_sha256
from gongkai.pipeline.batch.messages import Message, Start, checked, received_outcome
from gongkai.pipeline.batch.pool import worker_count
from gongkai.pipeline.batch.ray_worker import RayWorker, Surroundings, row_of
from gongkai.pipeline.batch.results import mark
from gongkai.pipeline.batch.work import Annotator, Outcome, Task, failed
from gongkai.pipeline.config import Config
from gongkai.pipeline.errors import GongkaiError
from gongkai.pipeline.writing import display_path

if TYPE_CHECKING:  # an extra, and heavy
    from ray.data import Dataset

ROUND = 1024  # tasks of a round for each actor: minutes of work, against seconds in which the actors start
_BLOCK = 8  # tasks of a block at most: Ray spends some milliseconds on each
_BLOCKS_AN_ACTOR = 4  # of a short round, so that no actor has much more to do than the others
_DRAWN = 2  # tasks drawn for the next round whenever one of this round is done
_LOCAL = "local"
_PATIENCE_S = 1800.0  # without any progress, beyond what the files may take
_ANSWER_S = 10.0  # for a cluster to take a connection
_OBJECTS = 256 * 2**20  # bytes of Ray's object store on one machine, which holds small rows


class RayRunner:
    """A :class:`~gongkai.pipeline.batch.work.Runner` on Ray Data; a context manager that lets go of Ray.

    It connects to Ray, or starts it on this machine, when there is a task to carry out.

    Args:
        config: settings of the run; ``batch.workers`` actors, or one for each processor of the cluster.
        indent: of the summaries.
        folder: where the workers write results, if they see it: a worker that does not hands the bytes over, as all do
            for None.
        address: of the cluster, as Ray takes it; by default what ``RAY_ADDRESS`` says, else Ray is started here.
        reports: how many tasks there are; None where it is not known.

    Raises:
        GongkaiError: ``ray.unavailable``.
    """

    def __init__(
        self,
        config: Config,
        indent: int | None = 2,
        folder: Path | None = None,
        *,
        address: str | None = None,
        reports: int | None = None,
    ):
        _require_ray()
        own = config.model_copy(update={"threads": config.threads or 1})
        self._config = config
        self._start = Start(own, indent, folder)
        self._here = Annotator(config, indent, folder)
        self._address = address or os.environ.get("RAY_ADDRESS") or _LOCAL
        self._reports = reports
        self._connected = False  # by this object, which has to let go of it
        self._size = 0
        self._rows: Generator[Message] | None = None
        self._ledger: Any = None

    @property
    def workers(self) -> int:
        """See :class:`~gongkai.pipeline.batch.work.Runner`; 0 before the first task."""
        return self._size

    def __enter__(self) -> RayRunner:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the actors, and Ray too if it was started here."""
        # First: a dataset that is still carried out would start Ray again.
        if self._rows is not None:
            self._rows.close()
        if self._connected:
            import ray

            ray.shutdown()
            self._connected = False

    def run(self, tasks: Iterable[Task], *, ordered: bool) -> Iterator[tuple[Task, Outcome]]:
        """See :class:`~gongkai.pipeline.batch.work.Runner`.

        Raises:
            GongkaiError: also ``ray.failed``, ``ray.unlike`` and ``input.not_shared``.
        """
        source = iter(tasks)
        drawn = list(islice(source, 1))
        if not drawn:
            return
        self._connect()
        room = ROUND * self._size
        drawn += islice(source, room - 1)
        while drawn:
            present, drawn = drawn, []
            for done in self._round(present, ordered):
                yield done
                drawn += islice(source, min(_DRAWN, room - len(drawn)))
            drawn += islice(source, room - len(drawn))

    def _connect(self) -> None:
        _set_environment()
        import ray

        if not ray.is_initialized():
            here = self._address == _LOCAL
            _require_answer(self._address)
            own: dict[str, Any] = {}
            if here:
                number = worker_count(self._config.batch.workers, self._reports)
                own = {"num_cpus": number, "object_store_memory": _OBJECTS, "include_dashboard": False}
            with _errors_of_ray(), _stderr_closed():
                ray.init(self._address, log_to_driver=False, logging_level=logging.CRITICAL, **own)
            self._connected = True
        _keep_quiet()
        self._ledger = ray.remote(_Ledger).options(num_cpus=0).remote()
        wanted = self._config.batch.workers or int(ray.cluster_resources().get("CPU", 1))
        self._size = max(1, min(wanted, self._reports or wanted))

    def _round(self, tasks: list[Task], ordered: bool) -> Iterator[tuple[Task, Outcome]]:
        waiting = deque(tasks)
        done: dict[Task, Outcome] = {}
        for task, outcome in self._outcomes(tasks, ordered):
            if not ordered:
                yield task, outcome
                continue
            done[task] = outcome
            while waiting and waiting[0] in done:
                yield waiting[0], done.pop(waiting.popleft())

    def _outcomes(self, tasks: list[Task], ordered: bool) -> Iterator[tuple[Task, Outcome]]:
        for task in tasks:
            if not task.portable:
                yield task, self._here(task)
        left = {number: task for number, task in enumerate(tasks) if task.portable}
        size = max(1, min(_BLOCK, len(left) // (_BLOCKS_AN_ACTOR * self._size)))
        for block, tries in ((size, 1), (1, 2)):
            if left:
                for number, outcome in self._mapped(left, block, tries, ordered):
                    yield left.pop(number), outcome
        for task in left.values():
            told = "The Ray actor that read it died, three times in a row."
            yield task, failed(task.path, GongkaiError("worker.died", told), f"worker.died: {told}")

    def _mapped(self, tasks: dict[int, Task], size: int, tries: int, ordered: bool) -> Iterator[tuple[int, Outcome]]:
        """Yield the outcomes of tasks by number; none for those whose actors died as often as they may be tried."""
        paths = {number: task.path for number, task in tasks.items()}
        with _errors_of_ray():
            rows = cast("Generator[Message]", iter(self._dataset(tasks, size, tries, ordered).iter_rows()))
        self._rows = rows
        while True:
            with _errors_of_ray():
                row = next(rows, None)
            if row is None:
                return
            message = checked(json.loads(row["told"]))
            if "outcome" in message:
                yield row["number"], received_outcome(message["outcome"], row["data"])
            elif "unseen" in message and Path(path := paths[row["number"]]).exists():  # not removed meanwhile
                told = f"{display_path(path)} is there, but not on the machine {message['unseen']}."
                raise GongkaiError("input.not_shared", told)

    def _dataset(self, tasks: dict[int, Task], size: int, tries: int, ordered: bool) -> Dataset:
        import pyarrow as pa
        import ray

        ray.get(self._ledger.clear.remote())
        rows = [row_of(number, task) for number, task in tasks.items()]
        blocks = [pa.Table.from_pylist(rows[i : i + size]) for i in range(0, len(rows), size)]
        dataset = ray.data.from_arrow(blocks)
        context = dataset.context  # of this dataset only
        context.enable_progress_bars = False
        context.print_on_execution_start = False
        context.execution_options.preserve_order = ordered
        # A block in which every file hangs is no reason to give up.
        context.execution_no_progress_timeout_s = _PATIENCE_S + 2 * size * self._config.batch.timeout_s
        return dataset.map_batches(
            RayWorker,
            fn_constructor_args=(self._message, self._surroundings, _Begin(self._ledger), tries),
            batch_size=None,
            batch_format="pyarrow",
            # The next block is sent ahead, but no file on its own, which could wait long behind another.
            compute=ray.data.ActorPoolStrategy(
                size=min(self._size, len(blocks)), max_tasks_in_flight_per_actor=1 if size == 1 else 2
            ),
            num_cpus=1,
        )

    @cached_property
    def _message(self) -> Message:
        return self._start.message()

    @cached_property
    def _surroundings(self) -> Surroundings:
        folder = self._start.folder
        return Surroundings(
            os.fsencode(Path.cwd()), engine_sha256(self._config), None if folder is None else mark(folder)
        )


class _Ledger:
    """An actor that counts how often each block was begun, by the number of its first task; it outlives the workers."""

    def __init__(self) -> None:
        self._begun: Counter[int] = Counter()

    def begin(self, block: int) -> int:
        """Note that a block is begun; return how often that is."""
        self._begun[block] += 1
        return self._begun[block]

    def clear(self) -> None:
        """Forget all blocks."""
        self._begun.clear()


class _Begin:
    """What a worker calls when it begins a block."""

    def __init__(self, ledger: Any):
        self._ledger = ledger

    def __call__(self, block: int) -> int:
        import ray

        with _errors_of_ray():
            return int(ray.get(self._ledger.begin.remote(block)))


def _require_ray() -> None:
    missing = [name for name in ("ray", "pyarrow", "pandas") if find_spec(name) is None]  # without importing them yet
    if missing:
        raise GongkaiError("ray.unavailable", f"Ray Data is not installed ({', '.join(missing)} is missing).")


def _require_answer(address: str) -> None:
    # Ray itself tries for minutes.
    host, colon, port = address.removeprefix("ray://").rpartition(":")
    if colon and port.isdecimal():
        try:
            socket.create_connection((host.strip("[]"), int(port)), _ANSWER_S).close()
        except (OSError, OverflowError) as error:
            raise GongkaiError("ray.failed", f"Nothing answers at {address}: {error}.") from error


def _set_environment() -> None:
    """Tell Ray what it reads from the environment when it is imported and started; what the user has set stands."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    # What its C++ parts log as an error goes to the terminal too, and among it is what Ray Data itself does wrong.
    os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")  # spares a warning of each start


def _keep_quiet() -> None:
    """Leave the terminal to the run: Ray's own log files, below /tmp/ray, have all that it says."""
    for name in ("ray", "ray.data"):
        logger = logging.getLogger(name)
        logger.propagate = False
        for handler in [*logger.handlers]:
            if isinstance(handler, logging.StreamHandler) and not isinstance(handler, logging.FileHandler):
                logger.removeHandler(handler)


@contextmanager
def _stderr_closed() -> Iterator[None]:
    """Drop what Ray prints while it starts, past all that can be told to it: only C++ writes there meanwhile."""
    sys.stderr.flush()
    kept = os.dup(2)
    with Path(os.devnull).open("wb") as nothing:
        os.dup2(nothing.fileno(), 2)
    try:
        yield
    finally:
        sys.stderr.flush()
        os.dup2(kept, 2)
        os.close(kept)


@contextmanager
def _errors_of_ray() -> Iterator[None]:
    from ray.data.exceptions import ExecutionTimeoutError, SystemException
    from ray.exceptions import RayError

    try:
        yield
    except (RayError, SystemException, ExecutionTimeoutError, ConnectionError, ValueError, RuntimeError) as error:
        first = str(error).strip().splitlines()
        raise GongkaiError(
            "ray.failed", f"{type(error).__name__}: {first[0] if first else 'no more is told'}"
        ) from error
