"""Where replications run: in this process, in processes of this machine, or in what joblib knows.

An executor takes a task and its inputs, and gives the outputs as they are finished, in any order. It asks for inputs as
it has room, so no more than a few are under way when a study ends early. What a study gives does not depend on it:
every output comes with the program that made it, and that of another program is not taken.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import BrokenExecutor
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from itertools import chain, islice
from typing import Any, Generic, Protocol, TypeVar

from sim.base.versions import code_digest, versions

Input = TypeVar("Input")
Output = TypeVar("Output")
Program = dict[str, Any]
"""Digest of the code, and versions of Python and packages."""

AHEAD = 2
"""Inputs under way for each worker, so that none of them waits for the next."""


class Executor(Protocol):
    """Runs a task on each of its inputs."""

    def __call__(self, task: Callable[[Input], Output], inputs: Iterable[Input]) -> Iterator[Output]:
        """Outputs as they are finished, in any order."""
        ...


@dataclass(frozen=True)
class Reply(Generic[Output]):
    """What a worker answers: its program, and the output of the task, if the program is the one that was asked for."""

    program: Program
    output: Output | None


def replied(task: Callable[[Input], Output], own: Program, each: Input) -> Reply[Output]:
    """Run a task on a worker, unless that has another program than whoever asks."""
    there = program()
    return Reply(there, task(each) if there == own else None)


def program() -> Program:
    """What results depend on, of the process that is asked."""
    return {"code": code_digest(), **versions()}


def unlike(there: object, own: Program) -> str:
    """How the program of a worker is another one."""
    if not isinstance(there, dict):
        return f"does not run this program ({' '.join(str(there).split())})"
    return "has " + ", ".join(
        f"{name} {there.get(name)} and not {own[name]}" for name in own if there.get(name) != own[name]
    )


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

    own = program()
    calls = (delayed(replied)(task, own, each) for each in inputs)
    try:
        workers = Parallel(n_jobs=jobs, backend=backend, return_as="generator_unordered", batch_size=1)
    except ValueError:  # a backend that gives outputs only when it has all of them is fed a few at a time
        workers = Parallel(n_jobs=jobs, backend=backend, batch_size=1)
        room = AHEAD * effective_n_jobs(jobs)
        replies = chain.from_iterable(iter(lambda: workers(islice(calls, room)), []))
    else:
        replies = workers(calls)
    for reply in replies:
        if reply.program != own:
            raise BrokenExecutor(f"a process that ran replications {unlike(reply.program, own)}")
        yield reply.output
