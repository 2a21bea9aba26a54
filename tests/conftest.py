"""What tests of several rooms share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest


@pytest.fixture(scope="module")
def no_charts() -> Iterator[None]:
    """The charts of a study take seconds, and have tests of their own."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("sim.charts.folder.save_all", lambda *_: None)
        yield
