"""Runs replications in this process, in other processes of this machine, or on any backend of joblib.

An executor takes a task and its inputs, and yields the outputs as they finish, in any order. It asks for inputs only
when it has room, so few are under way if a study ends early. A study gives the same results with any executor. Every
output arrives with a description of the program that made it, and the study rejects the output of a different program.
"""

from __future__ import annotations

import ast
import multiprocessing
import os
import sys
import threading
import time
import traceback
import warnings
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import BrokenExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from sim.base.versions import code_digest, versions

Input = TypeVar("Input")
Output = TypeVar("Output")
Program = dict[str, Any]
"""Digest of the code, and versions of Python and the packages."""

AHEAD = 2
"""Number of inputs under way for each worker, so that no worker waits for the next."""
PULSE = 1.0
"""Seconds between two checks by a process that the process that started it still exists."""
KILLED = (
    "a process that ran replications was stopped, perhaps because the memory ran out (fewer processes need less memory)"
)
UNGUARDED = (
    "each process that this script starts runs the script from the top; put the code that starts the study under "
    '`if __name__ == "__main__":`, so that the processes do not start it again'
)


class Executor(Protocol):
    """Run a task on each of its inputs."""

    def __call__(self, task: Callable[[Input], Output], inputs: Iterable[Input]) -> Iterator[Output]:
        """Yield the outputs as they finish, in any order."""
        ...


@dataclass(frozen=True)
class Reply(Generic[Output]):
    """Hold a worker's answer: its program, and the output of the task if the program is the one expected."""

    program: Program
    output: Output | None


def replied(task: Callable[[Input], Output], own: Program, each: Input) -> Reply[Output]:
    """Run a task on a worker, unless the worker has a different program from the caller."""
    there = program()
    return Reply(there, task(each) if there == own else None)


def program() -> Program:
    """Describe everything about this process's program that results depend on."""
    return {"code": code_digest(), **versions()}


def unlike(there: object, own: Program) -> str:
    """Explain how a worker's program differs from ours."""
    if not isinstance(there, dict):
        return f"cannot run this program ({' '.join(str(there).split())})"
    return "has " + ", ".join(
        f"{name} {there.get(name)} instead of {own[name]}" for name in own if there.get(name) != own[name]
    )


def here(task: Callable[[Input], Output], inputs: Iterable[Input]) -> Iterator[Output]:
    """Run one input after another in this process."""
    return map(task, inputs)


@contextmanager
def kept_ready(jobs: int) -> Iterator[Executor]:
    """Provide an executor with at most this many processes, which stay ready between calls and end with the block."""
    ready = 1

    def execute(task: Callable[[Input], Output], inputs: Iterable[Input]) -> Iterator[Output]:
        nonlocal ready
        wanted, waiting = _workers_for(inputs, jobs)
        ready = max(ready, wanted)  # ending some and starting them again would take longer than leaving them idle
        yield from _joblib(ready, None, task, waiting)

    with _own_processes_ended():
        yield execute


def processes(jobs: int | None = None, backend: Any = None) -> Executor:
    """Return an executor that uses joblib.

    Parameters
    ----------
    jobs : int, optional
        Number of processes, threads, or whatever the backend calls its workers. By default joblib decides.
    backend : str or joblib.parallel.ParallelBackendBase, optional
        Any backend that joblib knows. By default, the one that an enclosing ``joblib.parallel_config`` sets, or else
        processes on this machine (loky).
    """

    def execute(task: Callable[[Input], Output], inputs: Iterable[Input]) -> Iterator[Output]:
        from joblib import effective_n_jobs

        _refuse_unguarded(backend)
        most = effective_n_jobs(jobs) if backend is None else jobs
        workers, waiting = (most, inputs) if most is None or most < 0 else _workers_for(inputs, most)
        with _own_processes_ended() if backend is None else nullcontext():
            yield from _joblib(workers, backend, task, waiting)

    return execute


def _workers_for(inputs: Iterable[Input], most: int) -> tuple[int, Iterator[Input]]:
    """Return the number of workers that have something to do, and all the inputs."""
    waiting = iter(inputs)
    first = list(islice(waiting, most))
    return max(1, len(first)), chain(first, waiting)


@contextmanager
def _own_processes_ended() -> Iterator[None]:
    """End joblib's processes on this machine with the block; idle ones would keep their memory for minutes."""
    from joblib.externals.loky import get_reusable_executor
    from joblib.parallel import LokyBackend, get_active_backend

    try:
        yield
    finally:
        if isinstance(get_active_backend()[0], LokyBackend):
            get_reusable_executor(reuse=True).shutdown()


def _joblib(
    jobs: int | None, backend: Any, task: Callable[[Input], Output], inputs: Iterable[Input]
) -> Iterator[Output]:
    from joblib import Parallel, delayed, effective_n_jobs

    own = program()
    calls = (delayed(replied)(task, own, each) for each in inputs)
    how = {"n_jobs": jobs, "backend": backend, "batch_size": 1, "initializer": end_with_parent}
    try:
        workers = Parallel(**how, return_as="generator_unordered")
    except ValueError:  # feed a few inputs at a time to a backend that returns outputs only once it has all of them
        workers = Parallel(**how)
        room = AHEAD * effective_n_jobs(jobs)
        replies = chain.from_iterable(iter(lambda: workers(islice(calls, room)), []))
    else:
        replies = workers(calls)
    try:
        for reply in replies:
            if reply.program != own:
                raise BrokenExecutor(f"a process that ran replications {unlike(reply.program, own)}")
            yield reply.output
    except BrokenProcessPool as error:
        raise BrokenExecutor(KILLED) from error
    finally:
        if isinstance(replies, Generator):  # joblib warns of outputs that nobody took, which a stopped study leaves
            with warnings.catch_warnings():
                warnings.filterwarnings("ignore", "[0-9]+ tasks have been successfully executed")
                replies.close()


def end_with_parent() -> None:
    """Make this process end within seconds if the process that started it is gone, even if that one was killed.

    On Windows a process cannot see that. There, processes that joblib starts wait for some minutes before they end.
    """
    threading.Thread(target=_outlive_no_parent, daemon=True).start()


def _outlive_no_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is None:
        return
    if os.getppid() != parent.pid:  # a server process forks it
        parent.join()
    while os.getppid() == parent.pid:
        time.sleep(PULSE)
    os._exit(1)


def _refuse_unguarded(backend: Any) -> None:
    """Refuse a script that each new process would run from the top, starting the study again and again."""
    main = sys.modules["__main__"]
    path, name = getattr(main, "__file__", None), getattr(getattr(main, "__spec__", None), "name", "")
    if path is None or name.endswith("__main__") or _start_method(backend) in (None, "fork"):
        return
    lines = [
        number
        for frame, number in traceback.walk_stack(None)
        if frame.f_globals is vars(main) and frame.f_code.co_name == "<module>"
    ]
    with suppress(OSError, SyntaxError, ValueError):  # code without a readable source cannot be checked
        for statement in ast.parse(Path(path).read_bytes()).body:
            if lines and statement.lineno <= lines[-1] <= (statement.end_lineno or 0) and not _is_guard(statement):
                raise RuntimeError(UNGUARDED)


def _is_guard(statement: ast.stmt) -> bool:
    """Return whether a statement tests the name under which a script runs."""
    return isinstance(statement, ast.If) and any(
        isinstance(node, ast.Name) and node.id == "__name__" for node in ast.walk(statement.test)
    )


def _start_method(backend: Any) -> str | None:
    """Return how a joblib backend starts processes that would run a script from the top; None if it starts no such
    processes.
    """
    from joblib.parallel import MultiprocessingBackend, get_active_backend

    if hasattr(backend, "get_start_method"):
        return str(backend.get_start_method())
    chosen = get_active_backend()[0] if backend is None else backend
    if chosen == "multiprocessing" or isinstance(chosen, MultiprocessingBackend):
        return multiprocessing.get_context(os.environ.get("JOBLIB_START_METHOD") or None).get_start_method()
    return None
