"""Check that README and the pages are short, readable and easy to find."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.prose import blocks_of, length, paragraphs_of, readability, sentences_of

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
DOCS = ROOT / "sim" / "docs"
PAGES = sorted(DOCS.glob("*.md"))
FOR_SIGNING_OFF = "record.md"
"""Page that answers a checklist item by item, so it may be as long as the checklist asks."""
MOST_WORDS_OF_README, MOST_WORDS_OF_A_PAGE = 900, 1500
MOST_WORDS_OF_A_SENTENCE = 30
LEAST_EASE = 50.0
"""Flesch reading ease: below this a text is difficult."""
ABBREVIATIONS = {
    "HMI": "His Majesty's Inspectors",
    "ILACS": "inspecting local authority children's services",
    "SIF": "single inspection framework",
}
LINK = re.compile(r"\]\(([\w./-]+\.md)(?:#[^)]*)?\)")


def words_of(page: Path) -> int:
    """Count the words that a reader of a page sees, without code."""
    return sum(map(length, blocks_of(page.read_text(encoding="utf-8"))))


def too_long(page: Path) -> list[str]:
    """List the sentences of a page that have too many words."""
    paragraphs = paragraphs_of(page.read_text(encoding="utf-8"))
    sentences = [sentence for paragraph in paragraphs for sentence in sentences_of(paragraph)]
    return [sentence for sentence in sentences if length(sentence) > MOST_WORDS_OF_A_SENTENCE]


def ease_of(page: Path) -> float:
    """Return the Flesch reading ease of a page."""
    return readability(paragraphs_of(page.read_text(encoding="utf-8"))).ease


def unexplained(text: str, abbreviations: Mapping[str, str]) -> list[str]:
    """List the abbreviations that a text first uses without their meaning: ``the meaning (ABBREVIATION)``."""
    flat = " ".join(text.split())
    found = {short: re.search(rf"\b{short}\b", flat) for short in abbreviations}
    return [
        short
        for short, meaning in abbreviations.items()
        if (first := found[short]) and not flat[: first.start()].endswith(f"{meaning} (")
    ]


def reachable(links: Mapping[str, set[str]], start: str) -> set[str]:
    """Return the pages to which links lead from a page, in one step or more, with the page itself."""
    found, ahead = {start}, [start]
    while ahead:
        new = links[ahead.pop()] - found
        found |= new
        ahead += new
    return found


def test_readme_is_short_enough_to_read_at_once() -> None:
    assert words_of(README) <= MOST_WORDS_OF_README


def test_no_sentence_of_readme_is_long() -> None:
    assert too_long(README) == []


def test_readme_is_easy_to_read() -> None:
    assert ease_of(README) >= LEAST_EASE


def test_readme_gives_the_meaning_of_each_abbreviation_where_it_first_uses_it() -> None:
    text = README.read_text(encoding="utf-8")
    assert all(short in text for short in ABBREVIATIONS)
    assert unexplained(text, ABBREVIATIONS) == []


@pytest.mark.parametrize(
    "text", ["HMI lead.", "HMI, His Majesty's Inspectors (HMI), lead.", "Inspectors (HMI) lead."], ids=len
)
def test_an_abbreviation_without_its_meaning_is_found(text: str) -> None:
    assert unexplained(text, ABBREVIATIONS) == ["HMI"]


@pytest.mark.parametrize("page", [page for page in PAGES if page.name != FOR_SIGNING_OFF], ids=lambda page: page.stem)
class TestAPage:
    """Check each page but the record."""

    def test_it_is_short_enough_to_read_at_a_sitting(self, page: Path) -> None:
        assert words_of(page) <= MOST_WORDS_OF_A_PAGE

    def test_none_of_its_sentences_is_long(self, page: Path) -> None:
        assert too_long(page) == []

    def test_it_is_easy_to_read(self, page: Path) -> None:
        assert ease_of(page) >= LEAST_EASE


def test_every_page_can_be_reached_from_the_contents_and_the_contents_from_readme() -> None:
    links = {
        page.name: {Path(link).name for link in LINK.findall(page.read_text(encoding="utf-8")) if "/" not in link}
        & {each.name for each in PAGES}
        for page in PAGES
    }
    assert reachable(links, "index.md") == set(links)
    assert "sim/docs/index.md" in LINK.findall(README.read_text(encoding="utf-8"))


def test_a_page_to_which_no_link_leads_is_found() -> None:
    assert reachable({"index.md": {"a.md"}, "a.md": {"index.md"}, "lost.md": {"a.md"}}, "index.md") == {
        "index.md",
        "a.md",
    }
