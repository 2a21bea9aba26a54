"""Replications on a Dask cluster: which of its workers run them, and which are refused.

Workers come and go while a study runs. Every batch therefore comes back with the program of the worker that it went to.
A worker with another one is told of once, and its batches go to others.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import BrokenExecutor, CancelledError
from contextlib import contextmanager
from itertools import islice
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

from sim.base.faults import NOT_SHOWN, Argument, Fault, InputError
from sim.base.progress import tell
from sim.base.versions import PROGRAM
from sim.runs.executors import AHEAD, Executor, Input, Output, Program, program, unlike

if TYPE_CHECKING:
    from distributed import Client, Future

PATIENCE = 20
"""Seconds that a scheduler has to answer, and its first worker to appear."""


def on_cluster(client: Client) -> Executor:
    """Executor of a Dask cluster.

    A batch whose worker dies is run by another one; when that has happened to it a few times, the study ends and what
    is finished stays. A worker that joins later with another program is told of and gets no batches.

    Parameters
    ----------
    client : distributed.Client
        A started one; the workers must have this program in the same version.

    Raises
    ------
    InputError
        If there are no workers, or they have another program: said before anything is run.
    """
    crew = _Crew(client)

    def execute(task: Callable[[Input], Output], inputs: Iterable[Input]) -> Iterator[Output]:
        waiting = iter(inputs)
        batches = _Batches(client, crew, task)
        for each in islice(waiting, AHEAD * max(1, sum(client.ncores().values()))):
            batches.submit(each)
        while batches.under_way:
            output = batches.next_output()
            for each in islice(waiting, 1):
                batches.submit(each)
            yield output

    return execute


@contextmanager
def cluster(address: str) -> Iterator[Executor]:
    """Executor of the Dask cluster whose scheduler has an address, such as ``tcp://10.0.0.1:8786``.

    Raises
    ------
    InputError
        If the extra is not installed, nobody answers, or as for :func:`on_cluster`.
    """
    try:
        from distributed import Client
    except ImportError:
        words = f"Dask is not installed here; python -m pip install '{PROGRAM}[cluster]' brings it"
        raise _fault(address, words) from None
    if not re.fullmatch(r"tcp://[^\s/:]+:\d{1,5}", address):
        raise _fault(
            address, "write it like tcp://HOST:PORT, such as tcp://10.0.0.1:8786 (for TLS, hand a client to on_cluster)"
        )
    try:
        client = Client(address, timeout=PATIENCE, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        words = f"no Dask scheduler answers there ({' '.join(str(error).split()) or type(error).__name__})"
        raise _fault(address, words) from None
    with client:
        yield on_cluster(client)


class _Crew:
    """Workers of a cluster: those that have been refused, and to which of the others batches go."""

    def __init__(self, client: Client) -> None:
        self.own = program()
        self.chosen: list[str] | None = None
        """Workers to which batches go; None while all may run them."""
        self._client = client
        self._refused: set[str] = set()
        self._begin()

    def _begin(self) -> None:
        """Refuse a cluster that cannot run anything, or of which a worker has another program."""
        address = str(self._client.scheduler.address) if self._client.scheduler is not None else "(no scheduler)"
        try:
            self._client.wait_for_workers(1, timeout=PATIENCE)
        except TimeoutError:
            raise _fault(address, f"it has had no worker for {PATIENCE} seconds; start one") from None
        words = [f"worker {name} {unlike(there, self.own)}" for name, there in self._others()]
        if words:
            raise _fault(address, f"{'; '.join(words)}; install there what is installed here")

    def _others(self) -> list[tuple[str, object]]:
        """Workers with another program than this, and what they have."""
        found = self._client.run(program, on_error="return")
        return [(name, there) for name, there in sorted(found.items()) if there != self.own]

    def refuse(self, name: str, there: object) -> None:
        """Tell of a worker that has joined with another program, and choose the others."""
        if name not in self._refused:
            tell(f"Worker {name} {unlike(there, self.own)}; it gets no batches of this study.")
        self._refused.add(name)
        self.chosen = sorted(self._client.ncores().keys() - self._refused) or self.chosen


class _Batches:
    """Batches of a task that are under way on a cluster."""

    def __init__(self, client: Client, crew: _Crew, task: Callable[[Any], Any]) -> None:
        self.under_way: dict[str, tuple[Future, Any]] = {}
        """Each batch by its key: what it will be, and its input."""
        self._client, self._crew, self._task = client, crew, task
        self._finished: SimpleQueue[Future] = SimpleQueue()

    def submit(self, each: Any) -> None:
        """Send a batch. The task goes with each input: what is scattered once is lost with the workers that hold it."""
        from cloudpickle import dumps

        work = dumps((self._task, each))
        future = self._client.submit(_question(), work, self._crew.own, pure=False, workers=self._crew.chosen)
        self.under_way[future.key] = future, each
        future.add_done_callback(self._finished.put)

    def next_output(self) -> Any:
        """Wait for the next output that a worker with this program has made."""
        from distributed import KilledWorker

        while True:
            future = self._finished.get()
            _, each = self.under_way.pop(future.key)
            try:
                name, there, output = future.result()
            except (KilledWorker, CancelledError) as error:
                raise BrokenExecutor(str(error)) from error
            if there == self._crew.own:
                return output
            self._crew.refuse(name, there)
            self.submit(each)


def _question() -> Callable[[bytes, Program], tuple[str, object, Any]]:
    """Make what is run on a worker: it finds out what program that has before anything of this one is read there.

    It goes as it stands, since it is no module's own. By its name a worker with older code would not find it, and Dask
    ends a worker that does not understand what it is sent.
    """

    def ask(work: bytes, own: Program) -> tuple[str, object, Any]:
        import pickle

        from distributed import get_worker

        try:
            from sim.runs.executors import program

            there: object = program()
        except Exception as error:  # in as many ways as there are other programs
            there = f"{type(error).__name__}: {error}"
        if there != own:
            return get_worker().address, there, None
        task, each = pickle.loads(work)
        return get_worker().address, there, task(each)

    return ask


def _fault(address: str, words: str) -> InputError:
    return InputError([Fault(Argument("cluster"), address, NOT_SHOWN, words)])
