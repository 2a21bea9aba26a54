"""The folder of a study as it was read: all that a report is made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.inputs.scenario import Scenario
from sim.runs.results import Results
from sim.studies.answer import Answer


@dataclass(frozen=True)
class File:
    """A file that a report was made from.

    Attributes
    ----------
    name : str
        Its path inside the folder.
    size : int
        In bytes.
    digest : str
        SHA-256.
    """

    name: str
    size: int
    digest: str


@dataclass(frozen=True)
class Source:
    """The folder of a study, read and found whole.

    Attributes
    ----------
    folder : pathlib.Path
        Where it is.
    kind : str
        Which command or script left it, a key of :data:`sim.report.kinds.KINDS`.
    manifest : mapping
        How it was made.
    scenarios : tuple of Scenario
        What was run, the base first.
    results : tuple of Results
        Of each scenario, where the folder holds them.
    answer : Answer
        What it found.
    printed : bool
        Whether an older version of the program made it, of which there is only what it printed.
    pictures : mapping of str to bytes
        The PNG of each chart of the answer, by name.
    files : tuple of File
        Every file that was looked at.
    """

    folder: Path
    kind: str
    manifest: Mapping[str, Any]
    scenarios: tuple[Scenario, ...]
    results: tuple[Results, ...]
    answer: Answer
    printed: bool
    pictures: Mapping[str, bytes]
    files: tuple[File, ...]

    @property
    def base(self) -> Scenario:
        """The scenario whose assumptions are told."""
        return self.scenarios[0]

    @property
    def name(self) -> str:
        """Name of the folder, wherever one stands when one gives it."""
        return self.folder.resolve().name

    @property
    def asked(self) -> Mapping[str, Any]:
        """What was asked, beside the scenario."""
        return dict(self.manifest["asked"])
