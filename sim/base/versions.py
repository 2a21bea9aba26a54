"""Identifies the versions that results depend on: this program's files and the packages it uses."""

from __future__ import annotations

import ast
import gc
import hashlib
import importlib.metadata
import platform
import subprocess
from functools import cache
from importlib.resources import files
from pathlib import Path

PROGRAM = "inspectorate-workload-simulation"
PACKAGES = ("simpy", "numpy", "scipy", "pandas", "pyarrow", "pydantic", "matplotlib", "joblib")
"""Packages that can change a result or how it is written."""


COMPUTING = ("statistics", "base", "inputs", "world", "record", "runs", "analysis", "studies")
"""Packages whose code can change a number. Charts, pages and the command line only show these numbers."""
WORDS = "answer.py"
"""Ending of the modules of studies that put numbers into words. A result folder keeps the words it was made with."""
DATA = (".csv", ".toml", ".xlsx")
"""Endings of data files: scenarios, frameworks, tables and samples."""


@cache
def code_digest() -> str:
    """Return a hash of the package's code and data, which tells results of changed code apart; computed once a
    process.
    """
    return digest_of(Path(str(files("sim"))))


def digest_of(root: Path) -> str:
    """Return a hash of everything in a package's folder that can change a number: what its code does, and its data.

    Comments, docstrings and formatting do not count, so improving them leaves saved results valid.
    """
    digest = hashlib.sha256()
    code = [path for package in COMPUTING for path in (root / package).rglob("*.py") if not path.name.endswith(WORDS)]
    for path in sorted([*code, *(path for path in root.rglob("*") if path.suffix in DATA)]):
        content = path.read_bytes()
        said = _in_words(content).encode() if path.suffix == ".py" else content
        digest.update(path.relative_to(root).as_posix().encode() + b"\0" + said + b"\0")
    return digest.hexdigest()[:16]


def _in_words(content: bytes) -> str:
    """Return what a module does, as text.

    Garbage collection is off meanwhile, since reference counting frees the parsed code.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        return _said(ast.parse(content))
    finally:
        if collecting:
            gc.enable()


def _said(node: object) -> str:
    """Write what parsed code does, without line numbers and without statements that are only text.

    Empty fields are left out, because newer Python versions have more of them. The format is that of nested tuples and
    lists. Building real tuples would keep the garbage collector busy in a process that holds many objects.
    """
    if isinstance(node, ast.AST):
        fields = [(name, getattr(node, name, None)) for name in node._fields]
        parts = [f"({name!r}, {_said(value)})" for name, value in fields if value not in (None, [])]
        return f"({', '.join([repr(type(node).__name__), *parts])}{'' if parts else ','})"
    if isinstance(node, list):
        return f"[{', '.join(_said(each) for each in node if not _is_text(each))}]"
    return repr(node)


def _is_text(node: object) -> bool:
    """Return whether a node is a statement that is only text, such as a docstring."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def versions() -> dict[str, str | dict[str, str]]:
    """Return the version of Python and of each package."""
    return {"python": platform.python_version(), "packages": dict(_packages())}


@cache
def _packages() -> dict[str, str]:
    """Return the version of each package, looked up once a process because the look-up is slow."""
    return {name: importlib.metadata.version(name) for name in PACKAGES}


def program_version() -> str:
    """Return the version of this program."""
    return importlib.metadata.version(PROGRAM)


def commit() -> str | None:
    """Return the commit of the checkout from which the package is imported, or None if it is not in one."""
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
