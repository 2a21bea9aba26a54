"""A headless Chromium, spoken to through two pipes (the DevTools protocol), so that no driver or package is needed."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
REQUIRED = "BROWSER_TESTS_REQUIRED"
"""Variable of the environment that says that browser, axe-core and LibreOffice must be there: else tests fail."""
AXE = "AXE_CORE"
"""Variable of the environment that says where axe.min.js is."""
FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--hide-scrollbars", "--remote-debugging-pipe",
)  # fmt: skip
"""Without the sandbox, since a machine that runs tests as root has none; the pages are the tests' own."""
THROUGH_PIPES = """
import os, sys
spare = [os.dup(int(end)) for end in sys.argv[1:3]]
for end, place in zip(spare, (3, 4)):
    os.dup2(end, place)
    os.set_inheritable(place, True)
os.execv(sys.argv[3], sys.argv[3:])
"""
"""Starts the browser with what it reads as file 3 and what it writes as file 4, as the protocol wants them."""


def missing(words: str) -> None:
    """Skip a test for want of something, or fail it where the environment says that it must be there."""
    if os.environ.get(REQUIRED):
        pytest.fail(f"{words} ({REQUIRED} is set)")
    pytest.skip(words)


def chromium() -> str:
    """Path of the browser."""
    found = next((path for path in map(shutil.which, NAMES) if path), None)
    if found is None:
        missing("no Chromium here: apt-get install chromium, or any Chrome or Chromium on the PATH")
    return str(found)


def axe_core() -> str:
    """Text of axe-core."""
    path = Path(os.environ.get(AXE) or "/")
    if not path.is_file():
        missing(
            f"no axe-core here: pip install --no-deps --target DIR axe-playwright-python==0.1.8, and set {AXE} to "
            "DIR/axe_playwright_python/axe.min.js"
        )
    return path.read_text(encoding="utf-8")


def axe_finds(opened: Tab) -> tuple[int, list[list[Any]]]:
    """Rules that the open page passes, and those that it does not, each with the elements.

    Every rule that is on unless it is turned off, of WCAG 2.2 A and AA and beyond, and the one of 2.2 that is not.
    """
    opened.evaluate(f"{axe_core()}; 0")
    passes, violations = json.loads(
        opened.evaluate(
            "axe.run(document, {rules: {'target-size': {enabled: true}}}).then(found => JSON.stringify(["
            "found.passes.length, found.violations.map(each => [each.id, each.nodes.map(node => node.html)])]))"
        )
    )
    return passes, violations


class Tab:
    """A page of the browser, with all that it has complained of."""

    def __init__(self, reads: int, writes: int) -> None:
        self._reads, self._writes = reads, writes
        self._left, self._number, self._session = b"", 0, ""
        self.complaints: list[str] = []
        self.requests: list[str] = []
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.ask(f"{domain}.enable")

    def ask(self, method: str, **parameters: object) -> dict[str, Any]:
        """Answer to a command; what happens meanwhile is noted."""
        self._number += 1
        message: dict[str, object] = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._writes, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == self._number:
                assert "error" not in answer, (method, answer)
                return dict(answer["result"])

    def open(self, url: str, width: int, height: int = 900) -> None:
        """Open a page at a width, and wait until all of it is there."""
        self.ask("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        self.ask("Page.navigate", url=url)
        while self.evaluate("document.readyState + document.URL") != f"complete{url}":
            pass

    def evaluate(self, script: str) -> Any:
        """Value of a script in the page."""
        told = self.ask("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in told, told
        return told["result"].get("value")

    def screenshot(self, path: Path) -> None:
        """Picture of the whole page."""
        told = self.ask("Page.captureScreenshot", captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(told["data"]))

    def pdf(self, path: Path) -> None:
        """The page as it is printed."""
        told = self.ask("Page.printToPDF", preferCSSPageSize=True)
        path.write_bytes(base64.b64decode(told["data"]))

    def _next(self) -> Mapping[str, Any]:
        while b"\0" not in self._left:
            more = os.read(self._reads, 1 << 20)
            assert more, "the browser has ended"
            self._left += more
        message, _, self._left = self._left.partition(b"\0")
        told: dict[str, Any] = json.loads(message)
        parameters = told.get("params", {})
        match told.get("method"):
            case "Runtime.consoleAPICalled" | "Runtime.exceptionThrown" | "Log.entryAdded":
                self.complaints.append(json.dumps(parameters))
            case "Network.requestWillBeSent":
                self.requests.append(parameters["request"]["url"])
        return told


@contextmanager
def tab() -> Iterator[Tab]:
    """A page of a browser that is started for it and ended after it."""
    path = chromium()
    theirs_in, ours_out = os.pipe()
    ours_in, theirs_out = os.pipe()
    with tempfile.TemporaryDirectory(prefix="browser-", ignore_cleanup_errors=True) as profile:
        start = [sys.executable, "-c", THROUGH_PIPES, str(theirs_in), str(theirs_out), path, *FLAGS]
        process = subprocess.Popen(
            [*start, f"--user-data-dir={profile}"],
            pass_fds=(theirs_in, theirs_out), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        os.close(theirs_in)
        os.close(theirs_out)
        try:
            yield Tab(ours_in, ours_out)
        finally:
            os.close(ours_out)  # the browser ends when nobody speaks to it any more
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            os.close(ours_in)
