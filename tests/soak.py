"""Runs thousands of short studies and one long one with kills, and checks every folder: ``python -m tests.soak``.

It stands for two years of use in a day. It prints what it did, and stops at the first folder that is not as
it should be.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from sim.inputs.scenario import Scenario, load
from sim.runs.manifest import manifest_of
from sim.runs.results import read
from sim.runs.unfinished import UNFINISHED
from sim.studies import ensemble_study
from tests.worlds import few_of

ROOT = Path(__file__).parent.parent
SMALL = {"years": 1, "draws": "none"}


def short_studies(count: int, folder: Path, seed: int) -> Iterator[str]:
    """Studies of other seeds, sizes and details: made, stopped and taken up, shown again, replaced."""
    chance, base = random.Random(seed), few_of(load("ilacs_launch", SMALL))
    done = dict.fromkeys(("made", "stopped and taken up", "shown again", "replaced"), 0)
    for number in range(count):
        out = folder / f"study_{chance.randrange(20)}"
        there = out.exists()
        study = base.with_changes({"seed": number, "replications": chance.randint(1, 9)})
        stops = chance.random() < 0.2
        if stops:
            try:
                ensemble_study.run(study, out, executor=_stopping, detail="measures", overwrite=there, progress=False)
            except KeyboardInterrupt:
                done["stopped and taken up"] += 1
        ensemble_study.run(study, out, detail="measures", overwrite=there, progress=False, pictures=number % 50 == 0)
        _check(out, study)
        done["replaced" if there else "made"] += 1
        if chance.random() < 0.2:
            assert ensemble_study.run(study, out, detail="measures", progress=False).repeated
            done["shown again"] += 1
    yield f"{count:,} short studies: {', '.join(f'{words} {number:,}' for words, number in done.items())}"


def _stopping(task: Callable[[Any], Any], inputs: Iterable[Any]) -> Iterator[Any]:
    """Execute the first batch, and stop at the second."""
    for number, each in enumerate(inputs):
        if number:
            raise KeyboardInterrupt
        yield task(each)


def _check(out: Path, study: Scenario) -> None:
    """Check a folder: whole, of this very study, and nothing beside it."""
    held = read(out)
    assert (held.manifest["seed"], held.replications) == (study.seed, study.replications), out
    assert not (out / UNFINISHED).exists(), out
    assert {path.name for path in out.iterdir()} == {*held.manifest["files"], "manifest.json"}, out


def long_study(replications: int, kills: int, folder: Path, seed: int) -> Iterator[str]:
    """One study of many replications, killed at random moments and taken up, held against one that is not disturbed."""
    chance = random.Random(seed)
    study = few_of(load("ilacs_launch", SMALL)).with_changes({"replications": replications})
    file = folder / "long.toml"
    file.write_text(study.to_toml(), encoding="utf-8")
    command = [sys.executable, "-m", "sim", "run", str(file), "--jobs", "2", "--detail", "measures", "--quiet", "--out"]
    began = time.perf_counter()
    subprocess.run([*command, str(folder / "undisturbed")], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    whole = time.perf_counter() - began
    killed = 0
    for _ in range(kills):
        with subprocess.Popen(
            [*command, str(folder / "disturbed")], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True,
        ) as run:  # fmt: skip
            try:
                run.wait(chance.uniform(0.5, 1.5 * whole / kills + 5))
            except subprocess.TimeoutExpired:
                os.kill(run.pid, signal.SIGKILL)
                killed += 1
        time.sleep(1)
    subprocess.run([*command, str(folder / "disturbed")], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    one, other = (manifest_of(folder / name)["files"] for name in ("undisturbed", "disturbed"))
    assert one == other, "a study that was killed has other bytes"
    yield f"one study of {replications:,} replications: {whole:,.0f} s undisturbed, {killed} kills, the same bytes"


def main() -> int:
    """Do what is asked, and print what was done."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--studies", type=int, default=3000)
    parser.add_argument("--replications", type=int, default=20_000)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="soak-"))
    try:
        for words in short_studies(given.studies, folder, given.seed):
            print(words, flush=True)
        for words in long_study(given.replications, given.kills, folder, given.seed):
            print(words, flush=True)
    finally:
        shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
