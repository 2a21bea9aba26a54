"""LibreOffice without a screen, which opens a workbook as a reader's program does."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from tests.browser import missing


def pdf_of(book: Path, folder: Path) -> bytes:
    """A workbook as LibreOffice prints it; the test is skipped, or fails, where there is no LibreOffice."""
    program = shutil.which("soffice") or shutil.which("libreoffice")
    if program is None:
        missing("no LibreOffice here: apt-get install --no-install-recommends libreoffice-calc-nogui")
    command = [str(program), "--headless", f"-env:UserInstallation={(folder / 'profile').as_uri()}"]
    subprocess.run(
        [*command, "--convert-to", "pdf", "--outdir", str(folder), str(book)],
        check=True,
        capture_output=True,
        timeout=180,
    )
    return (folder / f"{book.stem}.pdf").read_bytes()
