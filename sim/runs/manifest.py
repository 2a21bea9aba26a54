"""Reads the manifest of a study, and accepts only what its seal, its types and the study's files confirm."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from sim.base.faults import NOT_SHOWN, Fault, InputError
from sim.base.versions import code_digest
from sim.inputs.toml_tree import loads

MANIFEST = "manifest.json"
SCENARIO = "scenario.toml"
SEAL = "seal"
"""Key of the manifest for a hash of all its other content except the times, the only part that differs between two runs
of a study.
"""
TIMES = ("started", "finished")
OTHER_WORDS = "in_other_words"
"""Key of the manifest for the hashes of files as they were before, while others replace them."""
ALWAYS_LISTED = frozenset({SCENARIO, "answer.json", "answer.txt", "summary.csv"})
"""Files that every manifest must list if they exist. The same holds for all Parquet tables."""
LARGEST = 2**30
"""Most bytes that a manifest may have: enough for a million failed runs, each with a traceback of a kilobyte."""
DIGEST = re.compile(r"[0-9a-f]{64}")


def _text(value: object) -> bool:
    return isinstance(value, str)


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _hashes(value: object) -> bool:
    return isinstance(value, dict) and all(isinstance(each, str) and DIGEST.fullmatch(each) for each in value.values())


def _texts(value: object) -> bool:
    return isinstance(value, list) and all(map(_text, value))


def _failures(value: object) -> bool:
    return isinstance(value, list) and all(
        isinstance(each, dict) and _whole(each.get("replication")) and _text(each.get("traceback")) for each in value
    )


def _packages(value: object) -> bool:
    return isinstance(value, dict) and all(map(_text, value.values()))


KINDS: Mapping[str, tuple[Callable[[object], bool], str]] = {
    "files": (_hashes, "a table of SHA-256 hashes by name"),
    OTHER_WORDS: (_hashes, "a table of SHA-256 hashes by name"),
    "seed": (_whole, "a whole number, 0 or more"),
    "replications": (_whole, "a whole number, 0 or more"),
    "runs": (_whole, "a whole number, 0 or more"),
    "runs_sharing_a_draw": (_whole, "a whole number, 0 or more"),
    "asked": (lambda value: isinstance(value, dict), "a table"),
    "packages": (_packages, "a table of versions by name"),
    "failures": (_failures, "a list of tables, each with replication and traceback"),
    "financial_years": (_texts, "a list of years"),
    "scenarios": (_texts, "a list of names"),
    "commit": (lambda value: value is None or _text(value), "text or null"),
    **dict.fromkeys(
        ("scenario", "version", "code", "name", "python", "started", "finished", "detail"), (_text, "text")
    ),
}
"""What the values of a manifest's keys may be."""
NEEDED = ("files", "seed", "asked", "version", "code")


def hash_of(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sealed(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Add the seal to a manifest."""
    return {**manifest, SEAL: _seal(manifest)}


def _seal(manifest: Mapping[str, Any]) -> str:
    rest = {key: value for key, value in manifest.items() if key not in (SEAL, *TIMES)}
    return hashlib.sha256(json.dumps(rest, sort_keys=True).encode()).hexdigest()


def manifest_of(folder: Path, cure: str = "run the study again and replace it") -> dict[str, Any]:
    """Return the manifest of a study, after checking that its files are as they were written.

    A fault ends with ``cure``, which tells the user what to do.

    Raises
    ------
    InputError
        If the folder is not a study's, or its manifest or files have changed since they were written.
    """
    manifest = _read(folder)
    wrong = [
        f"{MANIFEST} has no {key}"
        if key not in manifest
        else f"{MANIFEST} has {key} {json.dumps(manifest[key])[:40]}, not {words}"
        for key, (sound, words) in KINDS.items()
        if (key in manifest or key in NEEDED) and not sound(manifest.get(key))
    ]
    if wrong:
        raise no_results(folder, "; ".join(wrong))
    damage = [*_claims(folder, manifest), *_damage(folder, manifest["files"], manifest.get(OTHER_WORDS, {}))]
    if damage:
        words = f"it is damaged: {'; '.join(damage)}; {cure}"
        raise InputError([Fault(str(folder), "(the folder)", NOT_SHOWN, words)])
    return manifest


def listed(folder: Path) -> dict[str, str]:
    """Return the hashes of the files that a folder's manifest lists, by name; none if it is not a study's manifest."""
    try:
        manifest = _read(folder)
    except InputError:
        return {}
    sound = all(KINDS[key][0](manifest.get(key)) for key in NEEDED)
    return dict(manifest["files"]) if sound else {}


def no_results(folder: Path, why: str) -> InputError:
    """Describe what is wrong with a folder that does not hold results."""
    return InputError([Fault(str(folder), "(the folder)", NOT_SHOWN, f"it is not a result folder: {why}")])


def _read(folder: Path) -> dict[str, Any]:
    """Read the manifest of a folder."""
    path = folder / MANIFEST
    try:
        if path.exists() and not path.is_file():
            raise no_results(folder, f"{MANIFEST} is not a file")
        if path.stat().st_size > LARGEST:
            raise no_results(folder, f"{MANIFEST} has more than {LARGEST:,} bytes")
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise no_results(folder, f"{MANIFEST} cannot be read: {error}") from None
    if not isinstance(manifest, dict):
        raise no_results(folder, f"{MANIFEST} is not a table of keys")
    return manifest


def _claims(folder: Path, manifest: Mapping[str, Any]) -> Iterator[str]:
    """List the statements of a manifest that are false."""
    sealed_by_now = SEAL in manifest or manifest["code"] == code_digest()  # older versions wrote no seal
    if sealed_by_now and manifest.get(SEAL) != _seal(manifest):
        yield f"{MANIFEST} has changed since it was written"
    tables = {path.name for path in folder.iterdir() if path.suffix == ".parquet"}
    there = sorted(name for name in ALWAYS_LISTED | tables if (folder / name).is_file())
    yield from (f"{MANIFEST} does not list {name}" for name in there if name not in manifest["files"])
    if SCENARIO in there:
        yield from _unlike_the_scenario(folder / SCENARIO, manifest)


def _unlike_the_scenario(path: Path, manifest: Mapping[str, Any]) -> Iterator[str]:
    """List where a manifest's account of the runs contradicts the scenario."""
    try:
        scenario = loads(path.read_text(encoding="utf-8"), SCENARIO)
    except (OSError, ValueError):
        return  # the check of its hash reports this
    for key in ("seed", "replications") if "detail" in manifest else ("seed",):
        own = scenario.get(key)
        own = own.get("value") if isinstance(own, dict) else own
        if own is not None and manifest.get(key) != own:
            yield f"{MANIFEST} has {key} {manifest.get(key)}, but {SCENARIO} has {own}"


def _damage(folder: Path, files: Mapping[str, str], other_words: Mapping[str, str]) -> Iterator[str]:
    """List the files of a folder that have changed or are missing, given the hash of each."""
    for name, digest in files.items():
        path = folder / name
        if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
            yield f"{name} is outside the folder"
        elif not path.is_file():
            yield f"{path.name} is missing"
        elif hash_of(path) not in (digest, other_words.get(name)):
            yield f"{path.name} has changed since it was written"
