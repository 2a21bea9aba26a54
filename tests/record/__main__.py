"""Write the record again: ``python -m tests.record``."""

from __future__ import annotations

from tests.record.page import PAGE, rendered
from tests.record.values import values

if __name__ == "__main__":
    PAGE.write_text(rendered(values()), encoding="utf-8")
    print(f"wrote {PAGE}")
