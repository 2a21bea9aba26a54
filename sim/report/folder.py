"""What a report is made from: the folder of a study, whole and as it was written, whichever command left it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from sim.base.faults import NOT_SHOWN, Fault, InputError
from sim.runs.results import MANIFEST, SCENARIO, Results, hash_of, read
from sim.runs.store import UNFINISHED
from sim.studies.keeper import manifest_of

if TYPE_CHECKING:
    from sim.inputs.scenario import Scenario

Kind = Literal["run", "comparison", "script", "capacity", "plan", "backtest", "calibration", "sensitivity"]
OF_SEVERAL = ("comparison", "script")
"""Kinds of folder that hold a result folder for each scenario."""
ANSWER = "answer.txt"
PNG = b"\x89PNG\r\n\x1a\n"
"""First bytes of a picture."""
FIRST = ("workload", "plan", "capacity_curve", "differences", "picture")
"""Beginnings of the names of the pictures that a reader sees first."""


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
class Picture:
    """A chart of a folder.

    Attributes
    ----------
    name : str
        Of its file.
    content : bytes
        The PNG.
    alternative : str
        What it says in words: the first line its message, the others its figures.
    """

    name: str
    content: bytes
    alternative: str


@dataclass(frozen=True)
class Source:
    """The folder of a study, read and found whole.

    Attributes
    ----------
    folder : pathlib.Path
        Where it is.
    kind : str
        Which command or script left it.
    manifest : mapping
        How it was made.
    scenarios : tuple of Scenario
        What was run, the base first.
    results : tuple of Results
        Of each scenario, where the folder holds them.
    answer : str
        Text of the answer; empty where the results themselves are the answer.
    pictures : tuple of Picture
        Its charts.
    files : tuple of File
        Every file that was looked at.
    """

    folder: Path
    kind: Kind
    manifest: Mapping[str, Any]
    scenarios: tuple[Scenario, ...]
    results: tuple[Results, ...]
    answer: str
    pictures: tuple[Picture, ...]
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


def source_of(folder: Path) -> Source:
    """Read the folder of a study.

    Parameters
    ----------
    folder : pathlib.Path
        What ``run``, ``compare``, ``capacity``, ``plan``, ``backtest``, ``calibrate`` or ``sensitivity`` has left, or a
        script of ``scenarios/``.

    Raises
    ------
    InputError
        If it is no such folder, not finished, or not as it was written.
    """
    _refuse(folder)
    try:
        manifest = manifest_of(folder)
        kind = _kind(manifest)
        names = [str(name) for name in manifest["scenarios"]] if kind in OF_SEVERAL else []
        listed = _listed(manifest["files"], names)
        places = [folder / name for name in names] or [folder]
        results = tuple(map(read, places)) if kind in (*OF_SEVERAL, "run") else ()
        files = [*listed, MANIFEST]
        for name, held in zip(names, results, strict=False):
            files += [f"{name}/{file}" for file in _listed(held.manifest["files"], [])]
        return Source(
            folder,
            kind,
            manifest,
            tuple(_scenario(place) for place in places),
            results,
            (folder / ANSWER).read_text(encoding="utf-8") if ANSWER in listed else "",
            _pictures(folder, listed),
            tuple(_file(folder, name) for name in sorted(files)),
        )
    except (AttributeError, KeyError, TypeError, UnicodeDecodeError):
        raise of_another_version(folder) from None


def of_another_version(folder: Path) -> InputError:
    """What is wrong with a folder whose manifest lacks what a page is made from."""
    return _no_report(folder, "its files are not those of a study of this version; make it again")


def _refuse(folder: Path) -> None:
    """Refuse what is no folder of a finished study."""
    if not folder.exists():
        raise _no_report(folder, "there is no such folder; give one that a command has written, such as results/x")
    if not folder.is_dir():
        raise _no_report(folder, "it is a file; give the folder of a study")
    if (folder / MANIFEST).is_file():
        return
    if (folder / UNFINISHED).is_dir():
        raise _no_report(folder, "the study in it is not finished; the command that began it goes on from there")
    inner = sorted(path.parent.name for path in folder.glob(f"*/{MANIFEST}"))
    if inner:
        words = (
            f"it has no {MANIFEST} of its own, only folders that have one ({', '.join(inner[:3])}): give one of these, "
            "or make the comparison again, which runs nothing that it holds"
        )
        raise _no_report(folder, words)
    raise _no_report(folder, f"it is no folder of a study: it has no {MANIFEST}")


def _no_report(folder: Path, words: str) -> InputError:
    return InputError([Fault(str(folder), "(the folder)", NOT_SHOWN, words)])


def _kind(manifest: Mapping[str, Any]) -> Kind:
    """Which command left a folder with this manifest."""
    asked = manifest["asked"].get("question", "run" if "detail" in manifest else "")
    kinds: dict[str, Kind] = {kind: kind for kind in get_args(Kind)}
    return kinds[asked]


def _listed(files: Mapping[str, str], names: list[str]) -> list[str]:
    """Names of the files of a manifest, none of them outside its folder."""
    manifests = {f"{name}/{MANIFEST}" for name in names}
    if any(Path(name).name != name and name not in manifests for name in files):
        raise KeyError
    return sorted(files)


def _scenario(folder: Path) -> Scenario:
    from sim.inputs.scenario import load

    return load(folder / SCENARIO)


def _pictures(folder: Path, listed: list[str]) -> tuple[Picture, ...]:
    """Charts that have a text alternative, those that answer the question first."""
    found = []
    for name in listed:
        words = f"{name.removesuffix('.png')}.txt"
        if name.endswith(".png") and words in listed:
            content = (folder / name).read_bytes()
            if content.startswith(PNG):
                found.append(Picture(name, content, (folder / words).read_text(encoding="utf-8")))
    places = {begins: place for place, begins in enumerate(FIRST)}
    return tuple(
        sorted(found, key=lambda each: min((places[word] for word in FIRST if each.name.startswith(word)), default=9))
    )


def _file(folder: Path, name: str) -> File:
    path = folder / name
    return File(name, path.stat().st_size, hash_of(path))
