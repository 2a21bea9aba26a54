"""Where replications run: in this process, in processes of this machine, or in what joblib knows.

An executor takes a task and its inputs, and gives the outputs as they are finished, in any order. It asks for inputs as
it has room, so no more than a few are under way when a study ends early. What a study gives does not depend on it:
every output comes with the program that made it, and that of another program is not taken.
"""

from __future__ import annotations

import ast
import multiprocessing
import os
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
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
"""Digest of the code, and versions of Python and packages."""

AHEAD = 2
"""Inputs under way for each worker, so that none of them waits for the next."""
PULSE = 1.0
"""Seconds between two looks of a process at whether the one that started it is still there."""
KILLED = "a process that ran replications was ended, maybe for want of memory (fewer processes take less)"
UNGUARDED = (
    "each process that this script starts runs the script from its top; put what starts the study under "
    '`if __name__ == "__main__":`, so that the processes do not start it again'
)


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
    """Executor of at most so many processes of this machine that stay ready between calls, and end with the block."""
    ready = 1

    def execute(task: Callable[[Input], Output], inputs: Iterable[Input]) -> Iterator[Output]:
        nonlocal ready
        wanted, waiting = _workers_for(inputs, jobs)
        ready = max(ready, wanted)  # to end some and start them again would take longer than to leave them idle
        yield from _joblib(ready, None, task, waiting)

    with _own_processes_ended():
        yield execute


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
        from joblib import effective_n_jobs

        _refuse_unguarded(backend)
        most = effective_n_jobs(jobs) if backend is None else jobs
        workers, waiting = (most, inputs) if most is None or most < 0 else _workers_for(inputs, most)
        with _own_processes_ended() if backend is None else nullcontext():
            yield from _joblib(workers, backend, task, waiting)

    return execute


def _workers_for(inputs: Iterable[Input], most: int) -> tuple[int, Iterator[Input]]:
    """Find how many workers there is anything to do for, and all the inputs."""
    waiting = iter(inputs)
    first = list(islice(waiting, most))
    return max(1, len(first)), chain(first, waiting)


@contextmanager
def _own_processes_ended() -> Iterator[None]:
    """End joblib's processes of this machine with the block: idle ones would keep their memory for minutes."""
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
    except ValueError:  # a backend that gives outputs only when it has all of them is fed a few at a time
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


def end_with_parent() -> None:
    """Have this process end within seconds when the one that started it is gone, even if that was killed.

    A process cannot see that on Windows, where those that joblib starts wait for some minutes before they end.
    """
    threading.Thread(target=_outlive_no_parent, daemon=True).start()


def _outlive_no_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is None:
        return
    if os.getppid() != parent.pid:  # a server forks it
        parent.join()
    while os.getppid() == parent.pid:
        time.sleep(PULSE)
    os._exit(1)


def _refuse_unguarded(backend: Any) -> None:
    """Refuse a script that each process it starts would run from its top, and with it the study, again and again."""
    main = sys.modules["__main__"]
    path, name = getattr(main, "__file__", None), getattr(getattr(main, "__spec__", None), "name", "")
    if path is None or name.endswith("__main__") or _start_method(backend) in (None, "fork"):
        return
    lines = [
        number
        for frame, number in traceback.walk_stack(None)
        if frame.f_globals is vars(main) and frame.f_code.co_name == "<module>"
    ]
    with suppress(OSError, SyntaxError, ValueError):  # what is not there as source cannot be looked at
        for statement in ast.parse(Path(path).read_bytes()).body:
            if lines and statement.lineno <= lines[-1] <= (statement.end_lineno or 0) and not _is_guard(statement):
                raise RuntimeError(UNGUARDED)


def _is_guard(statement: ast.stmt) -> bool:
    """Whether a statement looks at the name under which a script is run."""
    return isinstance(statement, ast.If) and any(
        isinstance(node, ast.Name) and node.id == "__name__" for node in ast.walk(statement.test)
    )


def _start_method(backend: Any) -> str | None:
    """How a backend of joblib has processes started that run a script's top anew; None if it starts none such."""
    from joblib.parallel import MultiprocessingBackend, get_active_backend

    if hasattr(backend, "get_start_method"):
        return str(backend.get_start_method())
    chosen = get_active_backend()[0] if backend is None else backend
    if chosen == "multiprocessing" or isinstance(chosen, MultiprocessingBackend):
        return multiprocessing.get_context(os.environ.get("JOBLIB_START_METHOD") or None).get_start_method()
    return None
