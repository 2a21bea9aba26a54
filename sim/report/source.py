"""Represent the folder of a study as read: everything that a report needs."""

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
    """Describe a file that a report was made from.

    Attributes
    ----------
    name : str
        Path inside the folder.
    size : int
        Size in bytes.
    digest : str
        SHA-256 hash.
    """

    name: str
    size: int
    digest: str


@dataclass(frozen=True)
class Source:
    """Hold the folder of a study, read and checked to be complete.

    Attributes
    ----------
    folder : pathlib.Path
        Path of the folder.
    kind : str
        Kind of study, a key of :data:`sim.report.kinds.KINDS`.
    manifest : mapping
        Manifest, which says how the study was made.
    scenarios : tuple of Scenario
        Scenarios that were run, the base first.
    results : tuple of Results
        Results of each scenario, if the folder holds them.
    answer : Answer
        Answer of the study.
    printed : bool
        Whether an older version of the program made the study, so that only its printed answer exists.
    pictures : mapping of str to bytes
        PNG of each chart of the answer, by name.
    files : tuple of File
        Every file that was read.
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
        """The scenario whose assumptions the report shows."""
        return self.scenarios[0]

    @property
    def name(self) -> str:
        """Name of the folder, whatever the current directory."""
        return self.folder.resolve().name

    @property
    def asked(self) -> Mapping[str, Any]:
        """Question of the study, in addition to the scenario."""
        return dict(self.manifest["asked"])
