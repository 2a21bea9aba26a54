"""Replications on a Dask cluster: which of its workers run them, which are refused, and how long it may be silent.

Workers come and go while a study runs. Every batch therefore comes back with the program of the worker that it went to.
The user is told once of a worker with another one, and its batches go to others. A batch may run for long: the study
waits while any worker with this program answers. When none has answered for :data:`SILENCE` seconds, the study ends.
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
from sim.base.versions import PROGRAM
from sim.runs.executors import AHEAD, Executor, Input, Output, Program, program, unlike

if TYPE_CHECKING:
    from distributed import Client
    from distributed import Future as Sent

PATIENCE = 20
"""Seconds that a scheduler has to answer, and then its first worker to appear and all to answer."""
SILENCE = 60
"""Seconds without any answer of a worker with this program after which a study ends."""
LOOK = 5
"""Seconds without a finished batch after which the workers are asked whether they are there, and that these have."""
MOMENT = 0.2
"""Seconds between two looks at whether a first worker has appeared."""
LOST = (
    "the cluster gave its batches up: the scheduler was stopped or started anew, or cannot be reached any more, or "
    "somebody cancelled them"
)
DEADLY = (
    "a process that ran replications was ended, each time with the same batch, maybe for want of memory on the workers"
)
LIBRARIES = ("distributed", "tornado", "asyncio")
"""Libraries whose own reports of a lost connection would only hide what is said of it."""


def on_cluster(client: Client) -> Executor:
    """Executor of a Dask cluster.

    A batch whose worker dies is run by another one; when that has happened to it a few times, the study ends and what
    is finished stays. So it does when the scheduler is lost, or when no worker answers any more. A worker that joins
    later with another program is told of and gets no batches.

    Parameters
    ----------
    client : distributed.Client
        A started one; the workers must have this program in the same version.

    Raises
    ------
    InputError
        If there are no workers, one of them does not answer, or they have another program: said before anything is run.
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
    with _unheard(*LIBRARIES):
        client = _client(Client, address)
        try:
            yield on_cluster(client)
        finally:
            with suppress(Exception):  # a scheduler that does not answer need not be told
                client.close(timeout=1)


def _client(make: Callable[..., Client], address: str) -> Client:
    """Client of a scheduler. What answers at its address may be anything, and the library waits for it without end."""
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
        words = f"no Dask scheduler answers there ({' '.join(str(error).split()) or 'nothing comes back'})"
    except Exception:  # whatever comes of reading the answer of another kind of server
        words = "no Dask scheduler answers there (what does is something else)"
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
    """Workers of a cluster: which of them are there, have this program, and have been heard of."""

    def __init__(self, client: Client) -> None:
        self.own = program()
        self.there: dict[str, int] = {}
        """Threads of each worker that the scheduler knows."""
        self._client = client
        self._fit: list[str] = []
        self._refused: dict[str, object] = {}
        self._begin()
        self._heard = time.monotonic()

    @property
    def chosen(self) -> list[str] | None:
        """Workers to which batches go; None while all may run them."""
        return self._fit if self._refused else None

    def _begin(self) -> None:
        """Refuse a cluster that cannot run anything, or of which a worker has another program or says nothing."""
        address = str(self._client.scheduler.address) if self._client.scheduler is not None else "(no scheduler)"
        until, found = time.monotonic() + PATIENCE, dict[str, object]()
        while not found:
            left = until - time.monotonic()
            if left <= 0:
                raise _fault(address, f"it has had no worker for {PATIENCE} seconds; start one")
            try:
                found = self._asked(left)
            except Exception:  # of a lost connection, in as many ways as the library has
                raise _fault(address, "its scheduler does not answer") from None
            time.sleep(0 if found else MOMENT)
        words = [
            f"worker {name} {'does not answer' if there is None else unlike(there, self.own)}"
            for name, there in sorted(found.items())
            if there != self.own
        ]
        if words:
            raise _fault(address, f"{'; '.join(words)}; install there what is installed here, or start it anew")
        self._fit = sorted(found)

    def refuse(self, name: str, there: object) -> bool:
        """Tell of a worker that has joined with another program, and send no more batches there, if it is new."""
        if name in self._refused:
            return False
        tell(f"Worker {name} {unlike(there, self.own)}; it gets no batches of this study.")
        self._refused[name] = there
        return True

    def heard(self) -> None:
        """Note that a worker with this program has finished a batch just now."""
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
        except Exception:  # as at the beginning
            found, why = {}, "the scheduler does not answer"
        else:
            why = "none of those that are there answers" if found else "there are no workers"
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
        """Program of each worker, or what it raises at the question; None of one that does not answer in time."""

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
    """What a worker has answered; None if it has not, or the way to it is broken."""
    if not asked.done() or asked.cancelled() or asked.exception() is not None:
        return None
    answer = asked.result().get(name)
    return None if isinstance(answer, OSError) else answer


@dataclass(frozen=True)
class _Batch:
    """A batch that is under way: what it will be, its input, and the workers that it may go to, if not any."""

    future: Sent
    input: Any
    chosen: list[str] | None


class _Batches:
    """Batches of a task that are under way on a cluster."""

    def __init__(self, client: Client, crew: _Crew, task: Callable[[Any], Any]) -> None:
        self.under_way: dict[str, _Batch] = {}
        self._client, self._crew, self._task = client, crew, task
        self._finished: SimpleQueue[Sent] = SimpleQueue()

    def submit(self, each: Any) -> None:
        """Send a batch. The task goes with each input: what is scattered once is lost with the workers that hold it."""
        from cloudpickle import dumps

        work, chosen = dumps((self._task, each)), self._crew.chosen
        if self._client.status != "running":
            raise BrokenExecutor(LOST)
        future = self._client.submit(_question(), work, self._crew.own, pure=False, workers=chosen)
        self.under_way[future.key] = _Batch(future, each, chosen)
        future.add_done_callback(self._finished.put)

    def next_output(self) -> Any:
        """Wait for the next output that a worker with this program has made.

        Raises
        ------
        BrokenExecutor
            If the scheduler is lost, a batch has killed its workers a few times, or nothing is heard of any worker.
        """
        while True:
            try:
                future = self._finished.get(timeout=LOOK)
            except Empty:
                self._crew.look()
                self._move()
                continue
            batch = self.under_way.pop(future.key, None)
            if batch is None:  # it was moved
                continue
            name, there, output = self._reply(batch)
            if there == self._crew.own:
                self._crew.heard()
                return output
            if there is None or self._crew.refuse(name, there):
                self._crew.look()
            self.submit(batch.input)

    def _reply(self, batch: _Batch) -> tuple[str, object, Any]:
        """What came of a batch: worker, its program, output; None of each if it cannot be fetched."""
        from distributed import KilledWorker

        try:
            reply: tuple[str, object, Any] = batch.future.result(timeout=SILENCE)
        except KilledWorker as error:
            raise BrokenExecutor(DEADLY) from error
        except CancelledError as error:
            raise BrokenExecutor(LOST) from error
        except TimeoutError:
            return "", None, None
        return reply

    def _move(self) -> None:
        """Send the batches anew that may only go to workers that have left."""
        for key, batch in list(self.under_way.items()):
            if batch.chosen is not None and not self._crew.there.keys() & set(batch.chosen):
                del self.under_way[key]
                batch.future.cancel()
                self.submit(batch.input)


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
