"""Reads the results of a study from its folder, and refuses files that have changed since they were written."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.base.faults import NOT_SHOWN, Fault, InputError
from sim.inputs.scenario import Scenario, load
from sim.runs.event_log import event_log
from sim.runs.frame import Frame
from sim.runs.manifest import SCENARIO, manifest_of, no_results
from sim.runs.outcomes import Outcomes

if TYPE_CHECKING:
    import pandas as pd

SUMMARY = "summary.csv"
QUANTILES = "quantiles.csv"
"""Quantiles of a single replication, with their intervals."""
VARIANCE = "variance.csv"
"""Shares of the variance, where runs share draws of the parameters."""


@dataclass(frozen=True)
class Results:
    """Hold the results of a study.

    Attributes
    ----------
    folder : pathlib.Path
        Folder of the study.
    summary : pandas.DataFrame
        Columns financial_year, measure, unit, mean, ci_low, ci_high, p10, p50, p90.
    manifest : dict
        How the results were made.
    repeated : bool
        Whether the folder already held this exact study, so that nothing was run.
    """

    folder: Path
    summary: pd.DataFrame
    manifest: dict[str, Any]
    repeated: bool = False

    @property
    def replications(self) -> int:
        """Return the number of replications run, including those that failed."""
        return int(self.manifest["replications"])

    @property
    def failures(self) -> list[dict[str, Any]]:
        """Return the replications that raised an error: replication, seed, traceback."""
        return list(self.manifest["failures"])

    @property
    def runs(self) -> int:
        """Return the number of replications behind the figures."""
        return self.replications - len(self.failures)

    @property
    def scenario(self) -> Scenario:
        """Load the scenario that was run."""
        return load(self.folder / SCENARIO)

    @property
    def frame(self) -> Frame:
        """Describe what charts of the summary show: its whole years and the number of runs."""
        return Frame.of(self.scenario, len(self.failures))

    @property
    def quantiles(self) -> pd.DataFrame:
        """Read the quantiles of a single replication, with intervals between order statistics.

        Columns financial_year, measure, probability, quantile, ci_low, ci_high.
        """
        import pandas as pd

        return pd.read_csv(self.folder / QUANTILES)

    @property
    def variance(self) -> pd.DataFrame | None:
        """Read the share of each measure's variance that comes from the parameters; None where no runs share a draw.

        Columns financial_year, measure, draws, share_from_parameters, ci_low, ci_high, parameters_p10, parameters_p90.
        """
        import pandas as pd

        path = self.folder / VARIANCE
        return pd.read_csv(path) if path.exists() else None

    @property
    def outcomes(self) -> Outcomes:
        """Return every measure of every replication as one array.

        A measure that an older version did not compute is not a number (NaN).
        """
        import pyarrow.parquet as pq

        table = pq.read_table(self.folder / "measures.parquet", columns=["replication", "measure", "value"])
        years, sharing = self.manifest["financial_years"], int(self.manifest["runs_sharing_a_draw"])
        if not len(table):
            return Outcomes.of([], years, sharing)
        replications = table["replication"].to_numpy()
        names = dict.fromkeys(table["measure"].slice(0, (replications == replications[0]).sum()).to_pylist())
        return Outcomes.of([table], years, sharing, list(names))

    def table(self, name: str) -> pd.DataFrame:
        """Read one of the folder's Parquet tables.

        Raises
        ------
        InputError
            If the study's level of detail did not keep it, or no table has this name.
        """
        import pandas as pd

        kept = sorted(path.stem for path in self.folder.glob("*.parquet"))
        if name not in kept:
            words = f"not kept at the detail {self.manifest['detail']!r}; the folder has {', '.join(kept)}"
            raise InputError([Fault(str(self.folder), name, NOT_SHOWN, words)])
        return pd.read_parquet(self.folder / f"{name}.parquet")

    def event_log(self, replication: int = 0) -> pd.DataFrame:
        """Return the visits of one run as a log of events, in the columns that the package vidigi animates.

        A visit arrives (``arrival``) when its window opens, or at the start if that is later. It waits for a team
        (``in_window``). From the day after its latest date it is ``late``. Once its team is named it waits for
        fieldwork (``team_named``). It is then ``on_site``, is ``off_site`` from the day after its last day on site, and
        waits for its ``report``. It leaves with the publication (``depart``). Cancelled visits are left out, because no
        table records the day of cancellation.

        Parameters
        ----------
        replication : int, optional
            Run to show; vidigi animates one at a time.

        Returns
        -------
        pandas.DataFrame
            A row for each event, in order. Columns run_number (the replication), entity_id (the visit), pathway (its
            kind), event_type, event, time (whole days since the start), resource_id, authority, region, lead. The
            resource_id numbers the leads in alphabetical order from 1; it is missing except where the visit comes on
            site or leaves.

        Raises
        ------
        InputError
            If the study's level of detail did not keep visits, or there is no such run.
        """
        visits = self.table("visits")
        failed = {int(failure["replication"]) for failure in self.failures}
        if replication not in range(self.replications) or replication in failed:
            words = f"give a number from 0 to {self.replications - 1}" + (
                " of a run that did not fail" if failed else ""
            )
            raise InputError([Fault(str(self.folder), "replication", replication, words)])
        return event_log(visits[visits["replication"] == replication], self.scenario.start, self.frame.last_day)


def read(folder: str | Path, *, repeated: bool = False) -> Results:
    """Read the results from a folder that :func:`sim.studies.ensemble_study.run` has written.

    Raises
    ------
    InputError
        If it is not such a folder, or its files have changed since they were written.
    """
    folder = Path(folder)
    return read_with(folder, manifest_of(folder), repeated=repeated)


def read_with(folder: Path, manifest: dict[str, Any], *, repeated: bool = False) -> Results:
    """Read the results from a folder whose files have been checked against its manifest, see :func:`manifest_of`."""
    import pandas as pd

    try:
        return Results(folder, pd.read_csv(folder / SUMMARY), manifest, repeated)
    except OSError as error:
        raise no_results(folder, f"{SUMMARY} cannot be read: {error}") from None
