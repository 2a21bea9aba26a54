"""Runs replications on a Dask cluster: chooses and refuses workers, and limits how long the cluster may be silent.

Workers come and go while a study runs. So every batch comes back with a description of the program on its worker. If a
worker has a different program, the study tells the user once and sends its batches to other workers. A batch may run
for long, so the study waits while any worker with the right program answers. It ends when none has answered for
:data:`SILENCE` seconds.
"""

from __future__ import annotations

import asyncio
import logging
import re
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import BrokenExecutor, CancelledError, Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import islice
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any

from sim.base.faults import NOT_SHOWN, Argument, Fault, InputError
from sim.base.progress import tell
from sim.runs.executors import AHEAD, Executor, Input, Output, Program, program, unlike

if TYPE_CHECKING:
    from distributed import Client
    from distributed import Future as Sent

PATIENCE = 20
"""Seconds that a scheduler has to answer, and then that its first worker has to appear and all workers have to answer.
"""
SILENCE = 60
"""Seconds without an answer from any worker with this program after which a study ends."""
LOOK = 5
"""Seconds without a finished batch before the study asks the workers whether they are there, and that they have to
answer.
"""
MOMENT = 0.2
"""Seconds between two checks for a first worker."""
LOST = (
    "the cluster dropped this study's batches: the scheduler was stopped or restarted, or can no longer be reached, or "
    "somebody cancelled them"
)
DEADLY = (
    "a process that ran replications was stopped, each time with the same batch, perhaps because the workers ran out "
    "of memory"
)
LIBRARIES = ("distributed", "tornado", "asyncio")
"""Libraries whose own reports of a lost connection would hide our message about it."""


def on_cluster(client: Client) -> Executor:
    """Return an executor that uses a Dask cluster.

    If a worker dies, another worker runs its batch. If that happens to the same batch a few times, the study ends and
    keeps what is finished. The same happens if the scheduler is lost, or if no worker answers any more. If a worker
    with a different program joins later, the study tells the user and sends it no batches.

    Parameters
    ----------
    client : distributed.Client
        A started client. Its workers must have this program in the same version.

    Raises
    ------
    InputError
        If there are no workers, a worker does not answer, or a worker has a different program. Raised before anything
        is run.
    """
    crew = _Crew(client)

    def execute(task: Callable[[Input], Output], inputs: Iterable[Input]) -> Iterator[Output]:
        waiting = iter(inputs)
        batches = _Batches(client, crew, task)
        for each in islice(waiting, AHEAD * max(1, sum(crew.there.values()))):
            batches.submit(each)
        while batches.under_way:
            output = batches.next_output()
            for each in islice(waiting, 1):
                batches.submit(each)
            yield output

    return execute


@contextmanager
def cluster(address: str) -> Iterator[Executor]:
    """Provide an executor for the Dask cluster whose scheduler has this address, such as ``tcp://10.0.0.1:8786``.

    Raises
    ------
    InputError
        If Dask is not installed, nobody answers, or :func:`on_cluster` raises it.
    """
    try:
        from distributed import Client
    except ImportError:
        words = "Dask is not installed here; install it with python -m pip install --editable '.[cluster]'"
        raise _fault(address, words) from None
    if not re.fullmatch(r"tcp://[^\s/:]+:\d{1,5}", address):
        raise _fault(
            address, "write tcp://HOST:PORT, such as tcp://10.0.0.1:8786 (for TLS, pass a client to on_cluster)"
        )
    with _unheard(*LIBRARIES):
        client = _client(Client, address)
        try:
            yield on_cluster(client)
        finally:
            with suppress(Exception):  # closing may fail if the scheduler no longer answers, and nothing is lost
                client.close(timeout=1)


def _client(make: Callable[..., Client], address: str) -> Client:
    """Connect to a scheduler, and give up after a while.

    Something other than a scheduler may answer at the address, and the library would wait for it for ever.
    """
    made: Future[Client] = Future()

    def connect() -> None:
        try:
            made.set_result(make(address, timeout=PATIENCE, set_as_default=False))
        except BaseException as error:
            made.set_exception(error)

    threading.Thread(target=connect, daemon=True).start()
    try:
        return made.result(timeout=PATIENCE + LOOK)
    except (OSError, TimeoutError) as error:
        words = f"no Dask scheduler answers there ({' '.join(str(error).split()) or 'no answer'})"
    except Exception:  # reading the answer of some other kind of server may raise anything
        words = "no Dask scheduler answers there (something else does)"
    raise _fault(address, words)


@contextmanager
def _unheard(*libraries: str) -> Iterator[None]:
    """Keep libraries from logging anything within the block."""
    named = list(logging.root.manager.loggerDict.items())
    loggers = [each for name, each in named if isinstance(each, logging.Logger) and name.split(".")[0] in libraries]
    heard = [each for each in loggers if not each.disabled]
    for each in heard:
        each.disabled = True
    try:
        yield
    finally:
        for each in heard:
            each.disabled = False


class _Crew:
    """Track the workers of a cluster: which are there, which have this program, and when one last answered."""

    def __init__(self, client: Client) -> None:
        self.own = program()
        self.there: dict[str, int] = {}
        """Number of threads of each worker that the scheduler knows."""
        self._client = client
        self._fit: list[str] = []
        self._refused: dict[str, object] = {}
        self._begin()
        self._heard = time.monotonic()

    @property
    def chosen(self) -> list[str] | None:
        """Return the workers to which batches go; None while any worker may run them."""
        return self._fit if self._refused else None

    def _begin(self) -> None:
        """Refuse a cluster without workers, or with a worker that does not answer or has a different program."""
        address = str(self._client.scheduler.address) if self._client.scheduler is not None else "(no scheduler)"
        until, found = time.monotonic() + PATIENCE, dict[str, object]()
        while not found:
            left = until - time.monotonic()
            if left <= 0:
                raise _fault(address, f"the cluster has had no worker for {PATIENCE} seconds; start one")
            try:
                found = self._asked(left)
            except Exception:  # the library reports a lost connection in many ways
                raise _fault(address, "its scheduler does not answer") from None
            time.sleep(0 if found else MOMENT)
        words = [
            f"worker {name} {'does not answer' if there is None else unlike(there, self.own)}"
            for name, there in sorted(found.items())
            if there != self.own
        ]
        if words:
            raise _fault(address, f"{'; '.join(words)}; install the same versions there as here, or restart the worker")
        self._fit = sorted(found)

    def refuse(self, name: str, there: object) -> bool:
        """Tell the user about a new worker with a different program, and send it no more batches.

        Return whether the worker is new.
        """
        if name in self._refused:
            return False
        tell(f"Worker {name} {unlike(there, self.own)}; this study sends it no batches.")
        self._refused[name] = there
        return True

    def heard(self) -> None:
        """Record that a worker with this program has just finished a batch."""
        self._heard = time.monotonic()

    def look(self) -> None:
        """Ask the workers whether they are there, and which program they have.

        Raises
        ------
        BrokenExecutor
            If no worker with this program has answered for too long.
        """
        try:
            found = self._asked(LOOK)
        except Exception:  # as in _begin
            found, why = {}, "the scheduler does not answer"
        else:
            why = "no worker answers" if found else "there are no workers"
        for name, there in sorted(found.items()):
            if there not in (None, self.own):
                self.refuse(name, there)
        fit = sorted(name for name, there in found.items() if there == self.own)
        if fit:
            self._fit = fit
            self.heard()
        elif time.monotonic() - self._heard > SILENCE:
            others = [
                f"worker {name} {unlike(there, self.own)}" for name, there in self._refused.items() if name in found
            ]
            raise BrokenExecutor(
                f"no worker with this program has answered for {SILENCE} seconds: {'; '.join(others) or why}"
            )

    def _asked(self, seconds: float) -> dict[str, object]:
        """Return the program of each worker, or the error that it raised; None for a worker that does not answer in
        time.
        """

        async def ask() -> dict[str, object]:
            self.there = await self._client.ncores()
            asked = {
                name: asyncio.ensure_future(self._client.run(program, workers=[name], on_error="return"))
                for name in self.there
            }
            if asked:
                await asyncio.wait(asked.values(), timeout=seconds)
            for each in asked.values():
                each.cancel()
            return {name: _answer(each, name) for name, each in asked.items()}

        answers: dict[str, object] = self._client.sync(ask, callback_timeout=seconds + LOOK)
        return answers


def _answer(asked: asyncio.Future[dict[str, object]], name: str) -> object:
    """Return what a worker has answered; None if it has not answered, or the connection to it is broken."""
    if not asked.done() or asked.cancelled() or asked.exception() is not None:
        return None
    answer = asked.result().get(name)
    return None if isinstance(answer, OSError) else answer


@dataclass(frozen=True)
class _Batch:
    """Hold a batch under way: its future, its input, and the workers that may run it (None if any may)."""

    future: Sent
    input: Any
    chosen: list[str] | None


class _Batches:
    """Track the batches of a task that are under way on a cluster."""

    def __init__(self, client: Client, crew: _Crew, task: Callable[[Any], Any]) -> None:
        self.under_way: dict[str, _Batch] = {}
        self._client, self._crew, self._task = client, crew, task
        self._finished: SimpleQueue[Sent] = SimpleQueue()

    def submit(self, each: Any) -> None:
        """Send a batch to the cluster.

        The task goes with each input, because anything scattered once is lost with the workers that hold it.
        """
        from cloudpickle import dumps

        work, chosen = dumps((self._task, each)), self._crew.chosen
        if self._client.status != "running":
            raise BrokenExecutor(LOST)
        future = self._client.submit(_question(), work, self._crew.own, pure=False, workers=chosen)
        self.under_way[future.key] = _Batch(future, each, chosen)
        future.add_done_callback(self._finished.put)

    def next_output(self) -> Any:
        """Wait for the next output from a worker with this program.

        Raises
        ------
        BrokenExecutor
            If the scheduler is lost, a batch has killed its workers a few times, or no worker answers.
        """
        while True:
            try:
                future = self._finished.get(timeout=LOOK)
            except Empty:
                self._crew.look()
                self._move()
                continue
            batch = self.under_way.pop(future.key, None)
            if batch is None:  # _move has sent it again
                continue
            name, there, output = self._reply(batch)
            if there == self._crew.own:
                self._crew.heard()
                return output
            if there is None or self._crew.refuse(name, there):
                self._crew.look()
            self.submit(batch.input)

    def _reply(self, batch: _Batch) -> tuple[str, object, Any]:
        """Return the worker of a batch, its program, and the output; None instead of the last two if they cannot be
        fetched.
        """
        from distributed import KilledWorker
        from distributed.comm import CommClosedError

        try:
            reply: tuple[str, object, Any] = batch.future.result(timeout=SILENCE)
        except KilledWorker as error:
            raise BrokenExecutor(DEADLY) from error
        except CancelledError as error:
            raise BrokenExecutor(LOST) from error
        except (CommClosedError, TimeoutError):  # the way to the scheduler or the worker broke while the output came
            return "", None, None
        return reply

    def _move(self) -> None:
        """Send again the batches that may only go to workers that have left."""
        for key, batch in list(self.under_way.items()):
            if batch.chosen is not None and not self._crew.there.keys() & set(batch.chosen):
                del self.under_way[key]
                batch.future.cancel()
                self.submit(batch.input)


def _question() -> Callable[[bytes, Program], tuple[str, object, Any]]:
    """Make the function that runs on a worker: it checks the worker's program before it reads anything of ours.

    Dask sends this function by value, since it belongs to no module. If it were sent by name, a worker with older code
    would not find it, and Dask stops a worker that cannot read what it receives.
    """

    def ask(work: bytes, own: Program) -> tuple[str, object, Any]:
        import pickle

        from distributed import get_worker

        try:
            from sim.runs.executors import program

            there: object = program()
        except Exception as error:  # a different program may fail in any way
            there = f"{type(error).__name__}: {error}"
        if there != own:
            return get_worker().address, there, None
        task, each = pickle.loads(work)
        return get_worker().address, there, task(each)

    return ask


def _fault(address: str, words: str) -> InputError:
    return InputError([Fault(Argument("cluster"), address, NOT_SHOWN, words)])
