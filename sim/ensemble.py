"""Many replications of a scenario, and the folder that keeps their results."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import platform
import subprocess
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from sim.book import differences
from sim.faults import NOT_SHOWN, Fault, InputError
from sim.measures import UNITS, Years, measure
from sim.model import Groundwork, Model
from sim.place import unwritable, written_beside
from sim.statistics import summarise, variance_share
from sim.tables import SCHEMAS, of_measures, of_record

if TYPE_CHECKING:
    import pandas as pd

    from sim.charts import Frame
    from sim.scenario import Scenario

Detail = Literal["measures", "visits", "full"]
TABLES: dict[Detail, tuple[str, ...]] = {
    "measures": ("measures",),
    "visits": ("visits", "judgements", "declines", "measures"),
    "full": ("visits", "assignments", "judgements", "declines", "workload", "measures"),
}
VARIANCE = "variance.csv"
"""Shares of the variance, where runs share draws of the parameters."""
BATCH = 4
"""Replications that a worker runs at a time; results do not depend on it."""
PACKAGES = ("simpy", "numpy", "scipy", "pandas", "pyarrow", "pydantic", "matplotlib", "joblib")


@dataclass(frozen=True)
class Failure:
    """A replication that raised."""

    replication: int
    seed: int
    traceback: str


@dataclass
class Batch:
    """Tables of some replications, and those that failed."""

    replications: list[int]
    tables: dict[str, list[Any]] = field(default_factory=dict)
    failures: list[Failure] = field(default_factory=list)


@dataclass(frozen=True)
class Results:
    """What a study leaves behind.

    Attributes
    ----------
    folder : pathlib.Path
        Where it is.
    summary : pandas.DataFrame
        Columns financial_year, measure, unit, mean, ci_low, ci_high, p10, p50, p90.
    manifest : dict
        How it was made.
    repeated : bool
        Whether the folder held this very study already, so that nothing was run.
    """

    folder: Path
    summary: pd.DataFrame
    manifest: dict[str, Any]
    repeated: bool = False

    @property
    def variance(self) -> pd.DataFrame | None:
        """Share of each measure's variance that comes from the parameters; None where no runs share a draw.

        Columns financial_year, measure, draws, share_from_parameters, ci_low, ci_high.
        """
        import pandas as pd

        path = self.folder / VARIANCE
        return pd.read_csv(path) if path.exists() else None

    def table(self, name: str) -> pd.DataFrame:
        """One of the folder's Parquet tables."""
        import pandas as pd

        return pd.read_parquet(self.folder / f"{name}.parquet")


def run(
    scenario: Scenario,
    out: str | Path | None = None,
    *,
    jobs: int = 1,
    detail: Detail = "full",
    overwrite: bool = False,
    progress: bool = False,
) -> Results:
    """Run a scenario's replications and keep their results.

    Parameters
    ----------
    scenario : Scenario
        With its seed and number of replications.
    out : path, optional
        Folder of the results; ``results/<name>`` otherwise.
    jobs : int, optional
        Processes; the results are the same for any number.
    detail : {"measures", "visits", "full"}, optional
        How many of the tables to keep.
    overwrite : bool, optional
        Whether a folder that holds something else may be replaced.
    progress : bool, optional
        Whether to show a progress bar on a terminal.

    Returns
    -------
    Results
        If the folder holds this very study (scenario, seed, replications, code, detail), it is read instead.

    Raises
    ------
    InputError
        If the folder holds something else, and ``overwrite`` is not given.
    """
    folder = Path(out) if out is not None else Path("results") / scenario.name
    identity = _identity(scenario, detail)
    try:
        if folder.exists():
            _refuse_another(folder, identity, overwrite)
            if (folder / "manifest.json").exists() and not overwrite:
                return _in_the_words_of(scenario, read(folder, repeated=True))
    except OSError as error:
        raise unwritable(folder, error) from None
    started = datetime.now(UTC)
    with written_beside(folder) as scratch:
        failures = _write(scenario, scratch, jobs, detail, progress)
        manifest = identity | {
            "name": scenario.name,
            "commit": commit(),
            "python": platform.python_version(),
            "packages": {name: importlib.metadata.version(name) for name in PACKAGES},
            "started": started.isoformat(timespec="seconds"),
            "finished": datetime.now(UTC).isoformat(timespec="seconds"),
            "failures": [vars(failure) for failure in failures],
            "files": {path.name: _hash_of(path) for path in sorted(scratch.iterdir())},
        }
        _write_manifest(scratch, manifest)
    return read(folder)


def read(folder: str | Path, *, repeated: bool = False) -> Results:
    """Results of a folder that :func:`run` has written.

    Raises
    ------
    InputError
        If it is no such folder, or its files are not those that were written.
    """
    import pandas as pd

    folder = Path(folder)
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        damage = [words for name, digest in manifest["files"].items() for words in _damage(folder / name, digest)]
        if damage:
            words = f"it is damaged: {'; '.join(damage)}; run it again with --overwrite"
            raise InputError([Fault(str(folder), "(the folder)", NOT_SHOWN, words)])
        return Results(folder, pd.read_csv(folder / "summary.csv"), manifest, repeated)
    except (AttributeError, KeyError, TypeError):
        why = "manifest.json does not say which files it has"
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        why = f"manifest.json cannot be read: {error}"
    words = f"it is no result folder: {why}"
    raise InputError([Fault(str(folder), "(the folder)", NOT_SHOWN, words)])


def _damage(path: Path, digest: str) -> Iterator[str]:
    if not path.is_file():
        yield f"{path.name} is missing"
    elif _hash_of(path) != digest:
        yield f"{path.name} is not as it was written"


def _hash_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _in_the_words_of(scenario: Scenario, held: Results) -> Results:
    """Results of this very study, whose name, question and notes may have been changed since: they are written anew."""
    text = _scenario_text(scenario)
    path = held.folder / "scenario.toml"
    if path.read_text(encoding="utf-8") == text:
        return held
    path.write_text(text, encoding="utf-8")
    renewed = {"name": scenario.name, "files": held.manifest["files"] | {path.name: _hash_of(path)}}
    _write_manifest(held.folder, held.manifest | renewed)
    return read(held.folder, repeated=True)


def _write_manifest(folder: Path, manifest: dict[str, Any]) -> None:
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")


def _identity(scenario: Scenario, detail: Detail) -> dict[str, Any]:
    """What two studies must share for their results to be the same."""
    return {
        "scenario": scenario.digest,
        "seed": scenario.seed,
        "replications": scenario.replications,
        "version": importlib.metadata.version("inspectorate-workload-simulation"),
        "code": code_digest(),
        "detail": detail,
    }


def _refuse_another(folder: Path, identity: dict[str, Any], overwrite: bool) -> None:
    """A folder may hold nothing, or this very study; another study only if it may be overwritten."""
    if not folder.is_dir():
        raise InputError([Fault("--out", str(folder), NOT_SHOWN, "it is a file; give a folder")])
    there = {path.name for path in folder.iterdir()}
    if not there:
        return
    if "manifest.json" not in there or there - _known_files():
        words = "it holds files that are no results of this program; choose another folder with --out"
        raise InputError([Fault("--out", str(folder), NOT_SHOWN, words)])
    if overwrite:
        return
    held = read(folder).manifest
    differs = [
        f"{key} is {held.get(key)!r} there and {value!r} here"
        for key, value in identity.items()
        if held.get(key) != value
    ]
    if held.get("failures"):
        differs.append("some of its replications failed")
    if differs:
        way_out = "choose another folder with --out, or replace it with --overwrite"
        words = f"it holds another study: {'; '.join(differs)}; {way_out}"
        raise InputError([Fault("--out", str(folder), NOT_SHOWN, words)])


def _known_files() -> set[str]:
    from sim.charts import CHARTS

    tables = {f"{name}.parquet" for name in SCHEMAS}
    pictures = {f"{name}{ending}" for name in CHARTS for ending in (".png", ".txt")}
    return {"scenario.toml", "manifest.json", "summary.csv", VARIANCE} | tables | pictures


def code_digest() -> str:
    """Hash of the package's own files, so that results of changed code are told apart."""
    digest = hashlib.sha256()
    root = Path(str(files("sim")))
    for path in sorted(path for pattern in ("**/*.py", "**/*.toml", "**/*.csv") for path in root.glob(pattern)):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


def commit() -> str | None:
    """Commit of the checkout that the package is imported from, if it is one."""
    root = Path(str(files("sim"))).parent
    if not (root / ".git").exists():
        return None
    try:
        answer = subprocess.run(
            ["git", "-C", str(root), "rev-parse", "HEAD"], capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return answer.stdout.strip()


def _write(scenario: Scenario, folder: Path, jobs: int, detail: Detail, progress: bool) -> list[Failure]:
    """Run everything and write the folder's files, the manifest apart."""
    import pandas as pd
    import pyarrow as pa
    import pyarrow.parquet as pq

    from sim import charts

    (folder / "scenario.toml").write_text(_scenario_text(scenario), encoding="utf-8")
    failures: list[Failure] = []
    kept: list[Any] = []
    writers = {
        name: pq.ParquetWriter(folder / f"{name}.parquet", SCHEMAS[name], compression="zstd") for name in TABLES[detail]
    }
    try:
        for batch in replicate(scenario, jobs, detail, progress):
            for name, writer in writers.items():
                if batch.tables.get(name):
                    writer.write_table(pa.concat_tables(batch.tables[name]))
            kept += batch.tables.get("measures", [])
            failures += batch.failures
    finally:
        for writer in writers.values():
            writer.close()
    measures = pa.concat_tables(kept).to_pandas() if kept else SCHEMAS["measures"].empty_table().to_pandas()
    summary = summary_of(measures, scenario.runs_per_draw)
    summary.to_csv(folder / "summary.csv", index=False, float_format="%.6g", lineterminator="\n")
    if scenario.draws is not None and scenario.runs_per_draw > 1:
        shares = variance_shares(measures, scenario.runs_per_draw)
        shares.to_csv(folder / VARIANCE, index=False, float_format="%.6g", lineterminator="\n")
    if kept:  # the charts show the figures of the file, so that all who read it find the same
        charts.save_all(folder, pd.read_csv(folder / "summary.csv"), _frame(scenario, len(failures)))
    return failures


def _scenario_text(scenario: Scenario) -> str:
    """The scenario resolved whole, under comments that say what it has of its own."""
    name, changed = differences(scenario)
    head = [f"# Unlike {name} as it ships:", *(f"#   {line}" for line in changed), ""] if changed else []
    return "\n".join([*head, scenario.to_toml()])


def replicate(scenario: Scenario, jobs: int, detail: Detail, progress: bool) -> Iterator[Batch]:
    """Batches of replications in order, run by as many processes as wanted."""
    from joblib import Parallel, delayed
    from tqdm import tqdm

    numbers = range(scenario.replications)
    batches = [list(numbers[first : first + BATCH]) for first in range(0, len(numbers), BATCH)]
    workers = Parallel(n_jobs=min(jobs, len(batches)), return_as="generator")
    bar = tqdm(total=len(numbers), unit="run", desc=scenario.name, disable=None if progress else True)
    with bar:
        for batch in workers(delayed(run_batch)(scenario, batch, detail) for batch in batches):
            bar.update(len(batch.replications))
            yield batch


def run_batch(scenario: Scenario, replications: list[int], detail: Detail) -> Batch:
    """Run some replications; one that raises becomes a failure, and the rest go on."""
    groundwork = Groundwork(scenario)
    years = Years.of(groundwork.calendar)
    batch = Batch(replications)
    for replication in replications:
        try:
            record = Model(scenario, replication, groundwork).run()
            tables = {"measures": of_measures(measure(record, scenario, years), years, replication)}
            if detail != "measures":
                tables |= of_record(record, groundwork.calendar)
            for name in TABLES[detail]:
                batch.tables.setdefault(name, []).append(tables[name])
        except Exception:
            batch.failures.append(Failure(replication, scenario.seed, traceback.format_exc()))
    return batch


def whole_years(scenario: Scenario) -> list[str]:
    """Financial years that a scenario simulates from their first day to their last."""
    years = Years.of(Groundwork(scenario).calendar)
    return [name for name, whole in zip(years.names, years.whole, strict=True) if whole]


def _frame(scenario: Scenario, failed: int) -> Frame:
    """What the charts of a scenario show."""
    from sim.charts import Frame

    names, whole = Years.of(Groundwork(scenario).calendar).names, whole_years(scenario)
    last_day = scenario.end - timedelta(days=1)
    return Frame(tuple(whole or names), frozenset(names) - set(whole), last_day, scenario.replications - failed)


def summary_of(measures: pd.DataFrame, runs_per_draw: int = 1) -> pd.DataFrame:
    """Summary over replications of each financial year and measure, in their own order.

    Replications that share a draw of the parameters are one group of the interval of the mean.
    """
    import pandas as pd

    rows = [
        {"financial_year": year, "measure": name, "unit": UNITS[str(name)]}
        | vars(summarise(group["value"], group["replication"] // runs_per_draw))
        for (year, name), group in measures.groupby(["financial_year", "measure"], sort=False)
    ]
    columns = ["financial_year", "measure", "unit", "mean", "ci_low", "ci_high", "p10", "p50", "p90"]
    return pd.DataFrame(rows, columns=columns)


def variance_shares(measures: pd.DataFrame, runs_per_draw: int) -> pd.DataFrame:
    """Share of the variance of each financial year and measure between draws of the parameters; the rest is chance."""
    import pandas as pd

    rows = [
        (year, name, found.groups, found.share, found.ci_low, found.ci_high)
        for (year, name), group in measures.groupby(["financial_year", "measure"], sort=False)
        for found in [variance_share(group["value"], group["replication"] // runs_per_draw)]
    ]
    columns = ["financial_year", "measure", "draws", "share_from_parameters", "ci_low", "ci_high"]
    return pd.DataFrame(rows, columns=columns)
