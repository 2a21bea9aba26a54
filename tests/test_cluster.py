"""The same study on a Dask cluster of worker processes, and what a cluster may lack, at the start or later."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import BrokenExecutor
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from sim.base.faults import InputError
from sim.cli.main import main
from sim.inputs.scenario import Scenario, load
from sim.runs import cluster as clusters
from sim.runs import executors
from sim.runs.cluster import on_cluster
from sim.runs.manifest import MANIFEST
from sim.runs.results import read
from sim.runs.unfinished import UNFINISHED
from sim.studies import ensemble_study
from tests.worlds import few_of

dask = pytest.importorskip("dask", reason="as below")
distributed = pytest.importorskip("distributed", reason="python -m pip install -e '.[cluster]' brings Dask")


@pytest.fixture(scope="module")
def study() -> Scenario:
    return few_of(load("ilacs_launch", {"years": 1, "replications": 10}))


@pytest.fixture
def command(study: Scenario, tmp_path: Path) -> list[str]:
    """Arguments that run the study, in a folder of its own the file that holds it."""
    (tmp_path / "few").mkdir()
    (tmp_path / "few" / "study.toml").write_text(study.to_toml(), encoding="utf-8")
    return ["run", str(tmp_path / "few" / "study.toml")]


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=50
    ) as started:
        yield started


@pytest.fixture(scope="module")
def serial(study: Scenario, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    return files(ensemble_study.run(study, tmp_path_factory.mktemp("serial") / "study").folder)


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != MANIFEST}


@pytest.mark.slow
def test_the_command_gives_the_same_bytes_on_a_cluster_as_in_one_process_and_in_two(
    cluster: Any, command: list[str], serial: dict[str, bytes], tmp_path: Path
) -> None:
    assert main([*command, "--cluster", cluster.scheduler_address, "--out", str(tmp_path / "dask")]) == 0
    assert main([*command, "--jobs", "2", "--out", str(tmp_path / "two")]) == 0
    assert files(tmp_path / "dask") == files(tmp_path / "two") == serial
    assert b"measures.parquet" not in serial["scenario.toml"]
    assert "measures.parquet" in serial


def test_a_started_client_runs_the_replications_on_its_workers(
    cluster: Any, study: Scenario, serial: dict[str, bytes], tmp_path: Path
) -> None:
    with distributed.Client(cluster) as client:
        results = ensemble_study.run(study, tmp_path / "study", executor=on_cluster(client))
        where = list(on_cluster(client)(process, range(8)))
    assert files(results.folder) == serial
    assert len(set(where)) == 2
    assert os.getpid() not in where


def process(_: int) -> int:
    import time

    time.sleep(0.2)
    return os.getpid()


process.__module__ = "__main__"  # so that it is sent itself, and not by name to workers that do not know the tests


def test_joblibs_own_backend_of_dask_gives_the_same(
    cluster: Any, study: Scenario, serial: dict[str, bytes], tmp_path: Path
) -> None:
    from joblib import parallel_config

    with distributed.Client(cluster), parallel_config(backend="dask"):
        results = ensemble_study.run(study, tmp_path / "study", executor=executors.processes())
    assert files(results.folder) == serial


@pytest.mark.parametrize(
    "backend",
    [*(pytest.param(name, marks=pytest.mark.slow) for name in ("threading", "multiprocessing")), "sequential"],
)
def test_any_backend_of_joblib_gives_the_same(
    backend: str, study: Scenario, serial: dict[str, bytes], tmp_path: Path
) -> None:
    results = ensemble_study.run(study, tmp_path / "study", executor=executors.processes(2, backend))
    assert files(results.folder) == serial


@pytest.mark.slow
def test_a_batch_that_kills_its_workers_ends_the_study_and_what_is_finished_stays(
    command: list[str], serial: dict[str, bytes], tmp_path: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """As soon as two workers have died of it: to start more of them, as Dask would otherwise, only takes longer."""

    def deadly(task: Callable[[range], Any]) -> Callable[[range], Any]:
        def run(replications: range) -> Any:
            if replications.start == 8:
                os.kill(os.getpid(), signal.SIGKILL)
            return task(replications)

        return run

    healthy = clusters.on_cluster

    def killing(client: Any) -> executors.Executor:
        execute = healthy(client)

        def run(task: Callable[[Any], Any], inputs: Iterable[Any]) -> Iterator[Any]:
            return execute(deadly(task), inputs)

        return run

    command += ["--out", str(tmp_path / "study")]
    with (
        dask.config.set({"distributed.scheduler.allowed-failures": 1}),
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=50
        ) as started,
    ):
        monkeypatch.setattr(clusters, "on_cluster", killing)
        assert main([*command, "--cluster", started.scheduler_address]) == 1
    said = capsys.readouterr().err
    assert "The command could not finish: a process that ran replications was stopped" in said
    assert "8 finished replications are kept" in said
    assert len(list((tmp_path / "study" / UNFINISHED).glob("*.zip"))) == 2
    assert main([*command, "--jobs", "1"]) == 0
    assert files(tmp_path / "study") == serial
    assert read(tmp_path / "study").failures == []


@pytest.mark.parametrize(
    "address", [pytest.param("tcp://127.0.0.1:1", marks=pytest.mark.slow), "tcp://no-such-host.invalid:8786"]
)
def test_a_scheduler_that_is_not_there_is_said_in_plain_words(
    address: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clusters, "PATIENCE", 2)
    assert main(["run", "ilacs_launch", "--cluster", address, "--out", str(tmp_path / "out")]) == 2
    said = capsys.readouterr().err
    assert "--cluster" in said
    assert "no Dask scheduler answers there" in said
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("address", ["", "nonsense", "tcp://", "localhost:8786", "tls://here:1", "tcp://here:port"])
def test_an_address_that_is_none_is_refused_at_once(address: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "ilacs_launch", "--cluster", address]) == 2
    assert "write tcp://HOST:PORT" in capsys.readouterr().err


def test_a_cluster_without_workers_is_said_in_plain_words(study: Scenario, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clusters, "PATIENCE", 2)
    with (
        distributed.LocalCluster(n_workers=0, dashboard_address=None, silence_logs=50) as started,
        distributed.Client(started) as client,
        pytest.raises(InputError, match="the cluster has had no worker for 2 seconds"),
    ):
        on_cluster(client)


def test_workers_with_another_program_are_refused(cluster: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(executors, "code_digest", lambda: "0123")
    with (
        distributed.Client(cluster) as client,
        pytest.raises(
            InputError, match=r"worker tcp.* has code [0-9a-f]{16} instead of 0123; install the same versions"
        ),
    ):
        on_cluster(client)


@contextmanager
def ended(*command: str, path: Path | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """A process of Dask's, with this program or the one in a folder, that is ended with the block."""
    home = Path(executors.__file__).parents[2] if path is None else path
    whole = [sys.executable, "-m", *command, "--no-dashboard"]
    with subprocess.Popen(
        whole, cwd=home, env=os.environ | {"PYTHONPATH": str(home)}, stderr=subprocess.DEVNULL
    ) as run:
        try:
            yield run
        finally:
            run.kill()


@contextmanager
def scheduler(home: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """A scheduler as a process of its own, and its address."""
    file = home / "scheduler.json"
    arguments = ("--host", "127.0.0.1", "--port", "0", "--scheduler-file", str(file))
    with ended("distributed.cli.dask_scheduler", *arguments) as run:
        while not (file.exists() and file.read_text(encoding="utf-8").endswith("}")):
            assert run.poll() is None
            time.sleep(0.05)
        yield run, str(json.loads(file.read_text(encoding="utf-8"))["address"])


@contextmanager
def worker(address: str, path: Path | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """A worker as a process of its own, which nobody starts again."""
    with (
        distributed.Client(address, set_as_default=False) as client,
        ended("distributed.cli.dask_worker", address, "--nthreads", "1", "--no-nanny", path=path) as run,
    ):
        client.wait_for_workers(len(client.ncores()) + 1, timeout=60)
        yield run


def spoilt(home: Path, spoil: Callable[[Path], object]) -> Path:
    """A folder with a copy of the program that is another one."""
    shutil.copytree(Path(executors.__file__).parents[1], home / "sim", ignore=shutil.ignore_patterns("__pycache__"))
    spoil(home / "sim")
    return home


def other_draws(package: Path) -> None:
    """Have a copy of the program draw other random numbers."""
    path = package / "base" / "seeding.py"
    text = path.read_text(encoding="utf-8")
    assert "XSHIFT = 16" in text
    path.write_text(text.replace("XSHIFT = 16", "XSHIFT = 15"), encoding="utf-8")


def without_runs(package: Path) -> None:
    """Have a copy of the program understand nothing of what it is asked."""
    (package / "runs" / "executors.py").write_text("", encoding="utf-8")


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (other_draws, "has code"),
        (without_runs, "cannot run this program"),
    ],
)
@pytest.mark.slow
def test_a_worker_that_joins_late_with_other_code_makes_nothing_of_a_study(
    spoil: Callable[[Path], object], says: str, study: Scenario, serial: dict[str, bytes], tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    with scheduler(tmp_path) as (_, address), worker(address), distributed.Client(address) as client:
        executor = on_cluster(client)
        with worker(address, spoilt(tmp_path, spoil)):
            results = ensemble_study.run(study, tmp_path / "study", executor=executor)
    assert files(results.folder) == serial
    told = capsys.readouterr().err
    assert told.count("Worker tcp") == 1
    assert says in told
    assert "this study sends it no batches" in told


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for a cluster no longer than a test may take."""
    for name, seconds in {"PATIENCE": 3, "SILENCE": 3, "LOOK": 2}.items():
        monkeypatch.setattr(clusters, name, seconds)


class Html(BaseHTTPRequestHandler):
    """Answers anything with a page, as a web server does."""

    def handle(self) -> None:
        self.wfile.write(b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/html\r\n\r\n" + b"<p>no</p>" * 100)


@contextmanager
def web_server() -> Iterator[int]:
    """Port at which something answers that is no scheduler."""
    with HTTPServer(("127.0.0.1", 0), Html) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


@contextmanager
def says_nothing() -> Iterator[int]:
    """Port that takes a connection, and nothing comes of it."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield int(server.getsockname()[1])


@pytest.mark.parametrize("there", [web_server, pytest.param(says_nothing, marks=pytest.mark.slow)])
def test_a_port_of_something_else_ends_a_study_soon_and_in_words(
    there: Callable[[], Any], impatient: None, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    began = time.monotonic()
    with there() as port:
        address = f"tcp://127.0.0.1:{port}"
        assert main(["run", "ilacs_launch", "--quiet", "--cluster", address, "--out", str(tmp_path / "out")]) == 2
    assert time.monotonic() - began < 10
    said = capfd.readouterr().err.splitlines()
    assert said[0] == "1 thing to put right; nothing was run or written."
    assert f"--cluster: found '{address}'" in said[1] or f"--cluster: {address}" in said[1]
    assert "no Dask scheduler answers there" in said[1]
    assert len(said) == 2
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_a_worker_that_is_stopped_at_the_start_is_named(
    impatient: None, command: list[str], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with scheduler(tmp_path) as (_, address), worker(address), worker(address) as stopped:
        os.kill(stopped.pid, signal.SIGSTOP)
        assert main([*command, "--quiet", "--cluster", address, "--out", str(tmp_path / "out")]) == 2
    said = capfd.readouterr().err
    assert re.search(r"worker tcp://\S+ does not answer", said)
    assert said.count("\n") == 2
    assert not (tmp_path / "out").exists()


def lose_the_scheduler(scheduler: subprocess.Popen[bytes], _: subprocess.Popen[bytes]) -> None:
    scheduler.kill()


def stop_the_scheduler(scheduler: subprocess.Popen[bytes], _: subprocess.Popen[bytes]) -> None:
    os.kill(scheduler.pid, signal.SIGSTOP)


def lose_the_worker(_: subprocess.Popen[bytes], worker: subprocess.Popen[bytes]) -> None:
    worker.kill()


def stop_the_worker(_: subprocess.Popen[bytes], worker: subprocess.Popen[bytes]) -> None:
    os.kill(worker.pid, signal.SIGSTOP)


IMPATIENT = """
import sys
from sim.cli.main import main
from sim.runs import cluster
cluster.SILENCE, cluster.LOOK = 2, 0.5
sys.exit(main())
"""


@pytest.mark.parametrize(
    ("harm", "says"),
    [
        (lose_the_scheduler, "the cluster dropped this study's batches: the scheduler was stopped"),
        (stop_the_scheduler, "for 2 seconds: the scheduler does not answer"),
        (lose_the_worker, "for 2 seconds: there are no workers"),
        (stop_the_worker, "for 2 seconds: no worker answers"),
    ],
)
@pytest.mark.slow
def test_a_cluster_that_is_lost_ends_the_study_in_words_and_the_same_command_goes_on_from_there(
    harm: Callable[[Any, Any], None], says: str, study: Scenario, tmp_path: Path
) -> None:
    long = study.with_changes({"replications": 32})
    (tmp_path / "study.toml").write_text(long.to_toml(), encoding="utf-8")
    command = ["run", "--quiet", str(tmp_path / "study.toml"), "--out", str(tmp_path / "study")]
    environment = os.environ | {"PYTHONPATH": str(Path(executors.__file__).parents[2])}
    with scheduler(tmp_path) as (manager, address), worker(address) as only:
        run = subprocess.Popen(
            [sys.executable, "-c", IMPATIENT, *command, "--cluster", address],
            env=environment, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        while not list((tmp_path / "study" / UNFINISHED).glob("*.zip")):
            assert run.poll() is None
            time.sleep(0.01)
        harm(manager, only)
        _, said = run.communicate(timeout=30)
    assert run.returncode == 1
    (line,) = said.splitlines()
    assert line.startswith("The command could not finish: ")
    assert says in line
    assert re.search(r"\d+ finished replications are kept in .*; the same command continues from there", line)
    assert main(command) == 0
    assert len(read(tmp_path / "study").table("measures")["replication"].unique()) == 32


def test_an_output_that_is_cut_off_on_its_way_ends_in_our_words_and_not_those_of_the_library() -> None:
    from distributed.comm import CommClosedError

    class Cut:
        key = "batch"

        def result(self, timeout: float) -> object:
            raise CommClosedError("in <TCP (closed) ConnectionPool.gather>")

    crew = SimpleNamespace(own="this program", chosen=None, look=lambda: None)
    batches = clusters._Batches(SimpleNamespace(status="closed"), crew, process)  # type: ignore[arg-type]  # as far as used
    batches.under_way["batch"] = clusters._Batch(Cut(), 5, None)
    batches._finished.put(Cut())
    with pytest.raises(BrokenExecutor, match="the cluster dropped this study's batches"):
        batches.next_output()


@pytest.mark.slow
def test_a_cluster_on_which_only_workers_with_other_code_are_left_ends_the_study_in_words(
    impatient: None, tmp_path: Path
) -> None:
    with ExitStack() as later, scheduler(tmp_path) as (_, address), distributed.Client(address) as client:
        with worker(address):
            executor = on_cluster(client)
            later.enter_context(worker(address, spoilt(tmp_path, other_draws)))
        with pytest.raises(BrokenExecutor, match=r"with this program has answered .*: worker tcp\S+ has code"):
            list(executor(process, range(2)))


@pytest.mark.slow
def test_a_batch_that_runs_longer_than_silence_is_waited_for(impatient: None, tmp_path: Path) -> None:
    with scheduler(tmp_path) as (_, address), distributed.Client(address) as client, worker(address):
        assert list(on_cluster(client)(slow, [5])) == [5]


def slow(seconds: int) -> int:
    time.sleep(seconds)
    return seconds


slow.__module__ = "__main__"


def test_the_docs_say_how_long_a_cluster_is_waited_for() -> None:
    said = (Path(executors.__file__).parents[1] / "docs" / "ensembles.md").read_text(encoding="utf-8")
    assert re.findall(r"(\d+) seconds", said) == [
        str(each) for each in (clusters.PATIENCE, clusters.LOOK, clusters.SILENCE)
    ]


def test_jobs_and_a_cluster_exclude_each_other() -> None:
    with pytest.raises(SystemExit) as ended:
        main(["run", "ilacs_launch", "--jobs", "2", "--cluster", "tcp://127.0.0.1:1"])
    assert ended.value.code == 2


def test_without_the_extra_it_says_how_to_get_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "distributed", None)
    assert main(["run", "ilacs_launch", "--cluster", "tcp://127.0.0.1:1", "--out", str(tmp_path / "out")]) == 2
    assert "install it with python -m pip install" in capsys.readouterr().err
