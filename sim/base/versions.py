"""Versions of what results depend on: this program's own files, and the packages that it uses."""

from __future__ import annotations

import hashlib
import importlib.metadata
import platform
import subprocess
from importlib.resources import files
from pathlib import Path

PROGRAM = "inspectorate-workload-simulation"
PACKAGES = ("simpy", "numpy", "scipy", "pandas", "pyarrow", "pydantic", "matplotlib", "joblib")
"""Packages that may change a result or how it is written."""


def code_digest() -> str:
    """Hash of the package's own files, so that results of changed code are told apart."""
    digest = hashlib.sha256()
    root = Path(str(files("sim")))
    for path in sorted(path for pattern in ("**/*.py", "**/*.toml", "**/*.csv") for path in root.glob(pattern)):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


def versions() -> dict[str, str | dict[str, str]]:
    """Version of Python and of the packages."""
    packages = {name: importlib.metadata.version(name) for name in PACKAGES}
    return {"python": platform.python_version(), "packages": packages}


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
