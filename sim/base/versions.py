"""Versions of what results depend on: this program's own files, and the packages that it uses."""

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
"""Packages that may change a result or how it is written."""


COMPUTING = ("statistics", "base", "inputs", "world", "record", "runs", "analysis", "studies")
"""Packages whose code can change a number. Charts, pages and the command line show numbers that these have made."""
WORDS = "answer.py"
"""Ending of the modules of studies that put numbers into words. A folder keeps the words with which it was made."""
DATA = (".csv", ".toml", ".xlsx")
"""Endings of the files of data: scenarios, frameworks, tables and samples."""


@cache
def code_digest() -> str:
    """Hash of the package's code and data, so that results of changed code are told apart; of one process the same."""
    return digest_of(Path(str(files("sim"))))


def digest_of(root: Path) -> str:
    """Hash of what can change a number in the folder of a package: what its code does, and its data.

    Comments, docstrings and the format of the code are not in it: to mend one makes no saved result another one's.
    """
    digest = hashlib.sha256()
    code = [path for package in COMPUTING for path in (root / package).rglob("*.py") if not path.name.endswith(WORDS)]
    for path in sorted([*code, *(path for path in root.rglob("*") if path.suffix in DATA)]):
        content = path.read_bytes()
        said = _in_words(content).encode() if path.suffix == ".py" else content
        digest.update(path.relative_to(root).as_posix().encode() + b"\0" + said + b"\0")
    return digest.hexdigest()[:16]


def _in_words(content: bytes) -> str:
    """What a module says. The parsed code goes as it came, so the garbage collector need not look for it meanwhile."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        return _said(ast.parse(content))
    finally:
        if collecting:
            gc.enable()


def _said(node: object) -> str:
    """Write what a piece of parsed code says, without where it stands; a statement that is only a text says nothing.

    Fields that are empty are left out, since newer versions of Python have more of them. It is written as tuples and
    lists would be. To make these first would keep the garbage collector busy in a process that holds much else.
    """
    if isinstance(node, ast.AST):
        fields = [(name, getattr(node, name, None)) for name in node._fields]
        parts = [f"({name!r}, {_said(value)})" for name, value in fields if value not in (None, [])]
        return f"({', '.join([repr(type(node).__name__), *parts])}{'' if parts else ','})"
    if isinstance(node, list):
        return f"[{', '.join(_said(each) for each in node if not _is_text(each))}]"
    return repr(node)


def _is_text(node: object) -> bool:
    """Whether a node is a statement that is only a text, as docstrings are."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def versions() -> dict[str, str | dict[str, str]]:
    """Version of Python and of the packages."""
    return {"python": platform.python_version(), "packages": dict(_packages())}


@cache
def _packages() -> dict[str, str]:
    """Version of each package: a process keeps those that it began with, and to look them up takes a while."""
    return {name: importlib.metadata.version(name) for name in PACKAGES}


def program_version() -> str:
    """Version of this program."""
    return importlib.metadata.version(PROGRAM)


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
