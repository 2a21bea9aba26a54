"""The site keeps the links and anchors of the repository; `mkdocs build --strict` in `.ci/run` follows every one."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path, PurePosixPath
from types import ModuleType

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def hook() -> ModuleType:
    """The functions that MkDocs calls."""
    spec = importlib.util.spec_from_file_location("site_hook", ROOT / ".github" / "site_hook.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_page_has_its_place_in_the_menu_once() -> None:
    named = re.findall(r": ([a-z_]+\.md)$", (ROOT / "mkdocs.yml").read_text(encoding="utf-8"), re.MULTILINE)
    assert len(named) == len(set(named))
    assert sorted({path.name for path in (ROOT / "sim" / "docs").glob("*.md")} - set(named)) == []


@pytest.mark.parametrize(
    ("heading", "anchor"),
    [
        ("People in post", "people-in-post"),
        ("20 ... animate the queue?", "20--animate-the-queue"),
        ("A plan of one's own", "a-plan-of-ones-own"),
    ],
)
def test_a_heading_has_the_anchor_that_the_repository_shows(hook: ModuleType, heading: str, anchor: str) -> None:
    assert hook.slug(heading, "-") == anchor


@pytest.mark.parametrize(
    ("page", "link", "on_the_site"),
    [
        ("glossary.md", "[a](scenarios.md#shocks)", "[a](scenarios.md#shocks)"),
        ("glossary.md", "[a](../../.github/SECURITY.md)", "[a](project/github/SECURITY.md)"),
        ("glossary.md", "[a](../data/SOURCES.md#x)", "[a](project/sim/data/SOURCES.md#x)"),
        ("project/github/CONTRIBUTING.md", "[a](../sim/docs/glossary.md)", "[a](../../glossary.md)"),
        ("project/README.md", "[a](.github/SECURITY.md)", "[a](github/SECURITY.md)"),
        ("glossary.md", "[a](../../nothing.md)", "[a](../../nothing.md)"),
        ("glossary.md", "[a](https://www.gov.uk/)", "[a](https://www.gov.uk/)"),
        ("glossary.md", "`[a](../data/SOURCES.md)`", "`[a](../data/SOURCES.md)`"),
        ("glossary.md", "```md\n[a](../data/SOURCES.md)\n```", "```md\n[a](../data/SOURCES.md)\n```"),
    ],
)
def test_a_link_leads_to_where_the_site_has_the_file(hook: ModuleType, page: str, link: str, on_the_site: str) -> None:
    assert hook.with_site_links(link, page) == on_the_site


def test_a_link_out_of_the_repository_is_none(hook: ModuleType) -> None:
    assert hook.file_at("../../../../etc/passwd", PurePosixPath("sim/docs/glossary.md")) is None


def test_words_for_tests_are_not_on_the_site(hook: ModuleType) -> None:
    page = "```sh replications=2 years=2\nrun\n```\n\n```toml\nx = 1\n```\n"
    assert hook.without_fence_words(page) == "```sh\nrun\n```\n\n```toml\nx = 1\n```\n"
