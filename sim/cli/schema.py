"""Write the JSON Schema of a kind of file: ``python -m sim schema``."""

from __future__ import annotations

import argparse
from pathlib import Path

from sim.base.faults import Fault, InputError, nearest, unless_wrong
from sim.cli.ending import DONE
from sim.cli.flags import add_examples
from sim.inputs.file_schema import KINDS, text_of
from sim.report.place import no_place, refuse, write


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add the flags of the command."""
    parser.description = (
        "Prints or writes the JSON Schema of a kind of file. With it, an editor completes the keys of a scenario or "
        "framework, shows their meanings and units, and marks mistakes. Begin your file with #:schema scenario.json to "
        "name the schema."
    )
    parser.add_argument("kind", metavar="KIND", help=", ".join(KINDS))
    parser.add_argument("--out", metavar="FILE", type=Path, help="write the schema to this file instead")
    parser.add_argument("--overwrite", action="store_true", help="replace a file that is there")
    add_examples(parser, "schema scenario --out scenario.json", "schema plan")


def action(given: argparse.Namespace) -> int:
    """Print the schema, or write it and say where it is."""
    faults: list[Fault] = []
    if given.kind not in KINDS:
        faults.append(Fault("the command", "KIND", given.kind, nearest(given.kind, KINDS)))
    if given.out is not None:
        unless_wrong(faults, lambda: _refuse_place(given.out, given.overwrite))
    if faults:
        raise InputError(faults)
    text = text_of(given.kind)
    if given.out is None:
        print(text, end="")
        return DONE
    content = text.encode()
    write(content, given.out)
    print(f"Written: {given.out} ({len(content):,} bytes)")
    return DONE


def _refuse_place(out: Path, overwrite: bool) -> None:
    """Refuse a place that cannot take the file, or a file that may not be replaced."""
    words = no_place(out, "scenario.json", [".json"])
    if not words and out.exists() and not overwrite:
        words = "there is a file already; replace it with `overwrite=True`, or give another place"
    refuse(out, words)
