"""Runs a small study and compares its tables with known hashes: ``python -m tests.rebuild [--write]``.

In an environment made from ``pylock.toml`` the same code gives the same bytes. The weekly workflow checks that this is
still so. Only tables are compared: files that hold sentences or pictures may change without a number changing.
``--write`` keeps the hashes of this environment in place of the known ones.
"""

from __future__ import annotations

import argparse
import io
import json
import re
import tempfile
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import redirect_stdout
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from sim.cli.main import main as sim
from sim.runs.manifest import manifest_of
from sim.studies.columns import DICTIONARY

ROOT = Path(__file__).parent.parent
LOCK = ROOT / "pylock.toml"
KNOWN = ROOT / "tests" / "data" / "rebuilt.json"
STUDY = ("run", "ilacs_launch", "--replications", "4", "--set", "years=3")
"""The study: a minute of one processor at most, with every kind of table."""
TABLES = (".parquet", ".csv")
"""Endings of files that hold numbers, dates and names only."""


def main(arguments: Sequence[str] | None = None, study: Sequence[str] = STUDY, known: Path = KNOWN) -> int:
    """Compare or write the hashes; return 0 if they agree or are written, 1 if they differ or the study fails."""
    parser = argparse.ArgumentParser(prog="python -m tests.rebuild", description=__doc__, allow_abbrev=False)
    parser.add_argument("--write", action="store_true", help="keep the hashes of this environment as the known ones")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "study"
        with redirect_stdout(io.StringIO()):
            status = sim([*study, "--quiet", "--out", str(out)])
        if status:
            print("The study could not be run.")
            return 1
        found = tables_of(manifest_of(out)["files"])
    if given.write:
        content = {"study": f"python -m sim {' '.join(study)}", "files": found}
        known.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
        print(f"Written: {known} ({len(found)} hashes)")
        return 0
    differences = list(differing(json.loads(known.read_text(encoding="utf-8"))["files"], found))
    if not differences:
        print(f"All {len(found)} tables are the same, byte for byte.")
        return 0
    print(*differences, sep="\n")
    others = list(other_versions(LOCK.read_text(encoding="utf-8")))
    print(
        *(["Packages that are not those of the lock:", *others] if others else ["All packages are those of the lock."]),
        sep="\n",
    )
    return 1


def tables_of(files: Mapping[str, str]) -> dict[str, str]:
    """Return the hashes of tables among the files of a manifest, by name."""
    return {name: files[name] for name in sorted(files) if name.endswith(TABLES) and name != DICTIONARY}


def differing(known: Mapping[str, str], found: Mapping[str, str]) -> Iterator[str]:
    """Say which tables differ, are missing or are new."""
    for name in sorted({*known, *found}):
        if name not in found:
            yield f"{name}: the study has no such table any more"
        elif name not in known:
            yield f"{name}: a new table, of which no hash is known"
        elif known[name] != found[name]:
            yield f"{name}: differs; known {known[name][:16]}, found {found[name][:16]}"


def other_versions(lock: str) -> Iterator[str]:
    """Say which installed packages have another version than a lock names."""
    for package in tomllib.loads(lock)["packages"]:
        try:
            installed = version(package["name"])
        except PackageNotFoundError:
            continue
        if re.split(r"\+", installed)[0] != package["version"]:
            yield f"  {package['name']} {installed}, locked {package['version']}"


if __name__ == "__main__":
    raise SystemExit(main())
