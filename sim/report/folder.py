"""Read the folder of a study, from whichever command, for a report."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sim.analysis.comparison import Comparison, differences_of
from sim.base.faults import NOT_SHOWN, Fault, InputError
from sim.inputs.scenario import Scenario, load
from sim.report.kinds import KINDS
from sim.report.source import File, Source
from sim.runs.manifest import MANIFEST, SCENARIO, hash_of, manifest_of
from sim.runs.measures import whole_years
from sim.runs.results import Results, read
from sim.runs.unfinished import study_of
from sim.studies import answer as answers
from sim.studies import comparison_answer, ensemble_answer
from sim.studies.answer import ANSWER, ANSWER_TEXT, Answer, Figure, Preformatted

PNG = b"\x89PNG\r\n\x1a\n"
"""First bytes of a PNG file."""


def source_of(folder: Path) -> Source:
    """Read the folder of a study.

    Parameters
    ----------
    folder : pathlib.Path
        Folder that ``run``, ``compare``, ``capacity``, ``plan``, ``programme``, ``backtest``, ``calibrate``,
        ``sensitivity`` or a script of ``scenarios/`` has written.

    Raises
    ------
    InputError
        If it is not such a folder, is not finished, or has changed since it was written.
    """
    _refuse(folder)
    try:
        manifest = manifest_of(folder)
        kind = _kind(manifest)
        names = [str(name) for name in manifest["scenarios"]] if KINDS[kind].of_several else []
        listed = _listed(manifest["files"], names)
        places = [folder / name for name in names] or [folder]
        results = tuple(map(read, places)) if names or kind == "run" else ()
        files = [*listed, MANIFEST]
        for name, held in zip(names, results, strict=False):
            files += [f"{name}/{file}" for file in _listed(held.manifest["files"], [])]
        scenarios = tuple(load(place / SCENARIO) for place in places)
        answer, printed = _answer(folder, kind, manifest, scenarios, results)
        return Source(
            folder, kind, manifest, scenarios, results, answer, printed, _pictures(folder, answer, listed),
            tuple(_file(folder, name) for name in sorted(files)),
        )  # fmt: skip
    except InputError:
        raise
    except (AttributeError, IndexError, KeyError, RecursionError, TypeError, ValueError):
        raise of_another_version(folder) from None
    except OSError as error:
        raise unreadable(folder, error) from None


def unreadable(folder: Path, error: OSError) -> InputError:
    """Return the error for a folder with a file that cannot be read."""
    return _no_report(folder, f"it cannot be read: {error.strerror or ' '.join(str(error).split())}")


def of_another_version(folder: Path) -> InputError:
    """Return the error for a folder whose manifest lacks what a page needs."""
    return _no_report(folder, "its files do not come from this version of the program; make the study again")


def _refuse(folder: Path) -> None:
    """Refuse anything but the folder of a finished study."""
    if not folder.exists():
        raise _no_report(folder, "there is no such folder; give a folder that a command has written, such as results/x")
    if not folder.is_dir():
        raise _no_report(folder, "it is a file; give the folder of a study")
    if (folder / MANIFEST).is_file():
        return
    if study_of(folder) is not None:
        raise _no_report(
            folder, "the study in it is not finished; run the command that began it again, and it continues from there"
        )
    inner = sorted(path.parent.name for path in folder.glob(f"*/{MANIFEST}"))
    if inner:
        words = (
            f"it has no {MANIFEST}, only folders that have one ({', '.join(inner[:3])}); give one of these, or make "
            "the comparison again, which does not repeat the runs that it holds"
        )
        raise _no_report(folder, words)
    raise _no_report(folder, f"it is not the folder of a study, because it has no {MANIFEST}")


def _no_report(folder: Path, words: str) -> InputError:
    return InputError([Fault(str(folder), "(the folder)", NOT_SHOWN, words)])


def _kind(manifest: Mapping[str, Any]) -> str:
    """Return which command wrote a folder with this manifest."""
    return str(manifest["asked"].get("question", "run" if "detail" in manifest else ""))


def _listed(files: Mapping[str, str], names: list[str]) -> list[str]:
    """Return the names of the files of a manifest, none of them outside its folder."""
    manifests = {f"{name}/{MANIFEST}" for name in names}
    if any(Path(name).name != name and name not in manifests for name in files):
        raise KeyError
    return sorted(files)


def _answer(
    folder: Path,
    kind: str,
    manifest: Mapping[str, Any],
    scenarios: tuple[Scenario, ...],
    results: tuple[Results, ...],
) -> tuple[Answer, bool]:
    """Return the answer in the folder, or what an older version left, and whether that is printed text."""
    if ANSWER in manifest["files"]:
        return answers.read(folder), False
    printed = kind not in ("run", "comparison")
    base, *others = scenarios
    if printed:
        found = Answer(kind, (Preformatted((folder / ANSWER_TEXT).read_text(encoding="utf-8")),))
    elif kind == "run":
        (own,) = results
        found = ensemble_answer.answer_of(
            base, own.summary, own.variance, own.outcomes, own.manifest, whole_years(base)
        )
    else:
        held = {each.name: one for each, one in zip(scenarios, results, strict=True)}
        outcomes = {name: each.outcomes for name, each in held.items()}
        table = differences_of(base, others, outcomes, manifest["asked"]["measures"])  # the file has fewer digits
        found = comparison_answer.answer_of(Comparison(folder, base, tuple(others), held, table))
    return found.with_charts(folder), printed


def _pictures(folder: Path, answer: Answer, listed: list[str]) -> dict[str, bytes]:
    """Return the charts of the answer whose file is a picture."""
    names = [block.name for block in answer.blocks if isinstance(block, Figure) and f"{block.name}.png" in listed]
    contents = {name: (folder / f"{name}.png").read_bytes() for name in names}
    return {name: content for name, content in contents.items() if content.startswith(PNG)}


def _file(folder: Path, name: str) -> File:
    path = folder / name
    return File(name, path.stat().st_size, hash_of(path))
