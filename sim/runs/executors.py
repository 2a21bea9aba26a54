"""Where replications run: in this process, in processes of this machine, in what joblib knows, or on a Dask cluster.

An executor takes a task and its inputs, and gives the outputs as they are finished, in any order. It asks for inputs as
it has room, so no more than a few are under way when a study ends early. What a study gives does not depend on it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import BrokenExecutor, CancelledError
from contextlib import contextmanager, nullcontext
from functools import partial
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from sim.base.faults import NOT_SHOWN, Argument, Fault, InputError
from sim.base.versions import PROGRAM, code_digest, versions

if TYPE_CHECKING:
    from distributed import Client

Input = TypeVar("Input")
Output = TypeVar("Output")

AHEAD = 2
"""Inputs under way for each worker, so that none of them waits for the next."""
PATIENCE = 20
"""Seconds that a scheduler has to answer, and its first worker to appear."""


class Executor(Protocol):
    """Runs a task on each of its inputs."""

    def __call__(self, task: Callable[[Input], Output], inputs: Iterable[Input]) -> Iterator[Output]:
        """Outputs as they are finished, in any order."""
        ...


def here(task: Callable[[Input], Output], inputs: Iterable[Input]) -> Iterator[Output]:
    """Run one input after another in this process."""
    return map(task, inputs)


@contextmanager
def kept_ready(jobs: int) -> Iterator[Executor]:
    """Executor of so many processes of this machine that stay ready between calls, and end with the block."""
    with _own_processes_ended():
        yield partial(_joblib, jobs, None)


def processes(jobs: int | None = None, backend: Any = None) -> Executor:
    """Executor of joblib.

    Parameters
    ----------
    jobs : int, optional
        Processes, or threads, or what the backend calls its workers; as joblib says otherwise.
    backend : str or joblib.parallel.ParallelBackendBase, optional
        Any that joblib knows; processes of this machine (loky) otherwise, or what an enclosing
        ``joblib.parallel_config`` says.
    """

    def execute(task: Callable[[Input], Output], inputs: Iterable[Input]) -> Iterator[Output]:
        with _own_processes_ended() if backend is None else nullcontext():
            yield from _joblib(jobs, backend, task, inputs)

    return execute


@contextmanager
def _own_processes_ended() -> Iterator[None]:
    """End joblib's processes of this machine with the block: idle ones would keep their memory for minutes."""
    from joblib.externals.loky import get_reusable_executor
    from joblib.parallel import LokyBackend, get_active_backend

    try:
        yield
    finally:
        if isinstance(get_active_backend()[0], LokyBackend):
            get_reusable_executor().shutdown()


def _joblib(
    jobs: int | None, backend: Any, task: Callable[[Input], Output], inputs: Iterable[Input]
) -> Iterator[Output]:
    from joblib import Parallel, delayed, effective_n_jobs

    calls = (delayed(task)(each) for each in inputs)
    try:
        workers = Parallel(n_jobs=jobs, backend=backend, return_as="generator_unordered", batch_size=1)
    except ValueError:  # a backend that gives outputs only when it has all of them is fed a few at a time
        workers = Parallel(n_jobs=jobs, backend=backend, batch_size=1)
        room = AHEAD * effective_n_jobs(jobs)
        yield from chain.from_iterable(iter(lambda: workers(islice(calls, room)), []))
    else:
        yield from workers(calls)


def on_cluster(client: Client) -> Executor:
    """Executor of a Dask cluster.

    A batch whose worker dies is run by another one; when that has happened to it a few times, the study ends and what
    is finished stays.

    Parameters
    ----------
    client : distributed.Client
        A started one; the workers must have this program in the same version.

    Raises
    ------
    InputError
        If there are no workers, or they have another program: said before anything is run.
    """
    _check_workers(client)

    def execute(task: Callable[[Input], Output], inputs: Iterable[Input]) -> Iterator[Output]:
        from distributed import KilledWorker, as_completed

        waiting = iter(inputs)
        room = AHEAD * max(1, sum(client.ncores().values()))
        # The task goes with each input: what is scattered once is lost with the workers that hold it.
        first = [client.submit(task, each, pure=False) for each in islice(waiting, room)]
        under_way = as_completed(first, loop=client.loop)
        for finished in under_way:
            for each in islice(waiting, 1):
                under_way.add(client.submit(task, each, pure=False))
            try:
                output = finished.result()
            except (KilledWorker, CancelledError) as error:
                raise BrokenExecutor(str(error)) from error
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


def _check_workers(client: Client) -> None:
    address = str(client.scheduler.address) if client.scheduler is not None else "(no scheduler)"
    try:
        client.wait_for_workers(1, timeout=PATIENCE)
    except TimeoutError:
        raise _fault(address, f"it has had no worker for {PATIENCE} seconds; start one") from None
    try:
        found = client.run(_program, on_error="return")
    except Exception as error:  # a worker that cannot even load the question
        found = {"a worker": error}
    own = _program()
    words = [f"worker {name} {_unlike(there, own)}" for name, there in sorted(found.items()) if there != own]
    if words:
        raise _fault(address, f"{'; '.join(words)}; install there what is installed here")


def _program() -> dict[str, object]:
    """What results depend on, of the machine that is asked."""
    return {"code": code_digest(), **versions()}


def _unlike(there: object, own: dict[str, object]) -> str:
    """How the program of a worker is another one."""
    if not isinstance(there, dict):
        return f"does not run this program ({' '.join(str(there).split())})"
    return "has " + ", ".join(
        f"{name} {there.get(name)} and not {own[name]}" for name in own if there.get(name) != own[name]
    )


def _fault(address: str, words: str) -> InputError:
    return InputError([Fault(Argument("cluster"), address, NOT_SHOWN, words)])
