"""Measures how readable our words are: ``python -m tests.prose [FILE ...]``.

Prints words, Flesch reading ease and the longest sentence of each page, and of the messages and docstrings of each
package. Code does not count: fenced blocks are left out, and code inside a sentence counts as one word. Headings and
tables of a page count as words, but have no sentences.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import textstat
from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).parent.parent
CODE = "number"
"""What code inside a sentence, or a value put into a message, counts as: one word of two syllables."""
FEWEST_WORDS = 5
"""A string of fewer words is a label or a key, and no message."""
_ENDS = re.compile(r"(?<=[.!?])[\"')\]]*\s+(?=[\"'(\[]?[A-Z0-9])")
_WORD = re.compile(r"[A-Za-z0-9]")


@dataclass(frozen=True)
class Readability:
    """How readable a text is.

    Attributes
    ----------
    words
        Number of words.
    ease
        Flesch reading ease: 100 is easy, 50 is fairly difficult, 30 is for graduates.
    longest
        The longest sentence.
    """

    words: int
    ease: float
    longest: str


def readability(blocks: Iterable[str]) -> Readability:
    """Measure blocks of text, none of which runs on into the next one."""
    sentences = [sentence for block in blocks for sentence in sentences_of(block)]
    text = " ".join(sentence if sentence[-1:] in ".!?" else f"{sentence.rstrip(':;,')}." for sentence in sentences)
    return Readability(
        words=sum(map(length, sentences)),
        ease=textstat.flesch_reading_ease(text) if sentences else 100.0,
        longest=max(sentences, key=length, default=""),
    )


def sentences_of(block: str) -> list[str]:
    """Split a block into sentences, each of which ends with a full stop, a question mark or an exclamation mark."""
    return [sentence for sentence in _ENDS.split(" ".join(block.split())) if length(sentence)]


def length(sentence: str) -> int:
    """Count the words of a sentence."""
    return sum(bool(_WORD.search(word)) for word in sentence.split())


def blocks_of(page: str) -> list[str]:
    """List the paragraphs, items, headings and cells of a Markdown page, as a reader sees them."""
    tokens = MarkdownIt("commonmark").enable("table").parse(page)
    return [text for token in tokens if token.type == "inline" and (text := "".join(_seen(token)).strip())]


def paragraphs_of(page: str) -> list[str]:
    """List the paragraphs and items of a Markdown page, without headings and tables."""
    tokens = MarkdownIt("commonmark").enable("table").parse(page)
    within = [before.type for before in tokens]
    return [
        text
        for place, token in enumerate(tokens)
        if token.type == "inline" and within[place - 1] == "paragraph_open" and (text := "".join(_seen(token)).strip())
    ]


def _seen(token: Token) -> Iterator[str]:
    for child in token.children or ():
        if child.type == "code_inline":
            yield CODE
        elif child.type in ("softbreak", "hardbreak"):
            yield " "
        elif child.type == "text":
            yield child.content


def docstrings_of(module: str) -> list[str]:
    """List the paragraphs of a module's docstrings."""
    return [
        paragraph.replace("``", "")
        for node in ast.walk(ast.parse(module))
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        for paragraph in re.split(r"\n\s*\n|\n\s*-+\n", ast.get_docstring(node) or "")
        if ">>>" not in paragraph
    ]


def messages_of(module: str) -> list[str]:
    """List the strings of a module that read as sentences; a value that is put in counts as one word."""
    tree = ast.parse(module)
    passed: set[int] = set()
    found: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            passed.add(id(node.value))  # a docstring, of a module or of a constant
        if isinstance(node, ast.JoinedStr):
            passed |= {id(part) for part in ast.walk(node)}
            found.append("".join(str(part.value) if isinstance(part, ast.Constant) else CODE for part in node.values))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in passed:
            found.append(node.value)
    return [text for text in found if length(text) >= FEWEST_WORDS]


def _rows(files: list[Path]) -> Iterator[tuple[str, Readability]]:
    for path in files:
        text = path.read_text(encoding="utf-8")
        name = str(path.relative_to(ROOT) if path.is_relative_to(ROOT) else path)
        if path.suffix == ".md":
            yield name, replace(readability(paragraphs_of(text)), words=sum(map(length, blocks_of(text))))
        else:
            yield f"{name}: messages", readability(messages_of(text))
            yield f"{name}: docstrings", readability(docstrings_of(text))


def _packages() -> Iterator[tuple[str, Readability]]:
    for package in sorted(path for path in (ROOT / "sim").iterdir() if (path / "__init__.py").exists()):
        modules = [path.read_text(encoding="utf-8") for path in sorted(package.rglob("*.py"))]
        yield f"sim/{package.name}: messages", readability(text for each in modules for text in messages_of(each))
        yield f"sim/{package.name}: docstrings", readability(text for each in modules for text in docstrings_of(each))


def _pages() -> list[Path]:
    return [ROOT / "README.md", ROOT / ".github" / "CONTRIBUTING.md", *sorted((ROOT / "sim" / "docs").rglob("*.md"))]


def main(arguments: list[str]) -> None:
    """Print a line for each page and package, or for each file that is named."""
    files = [Path(argument).resolve() for argument in arguments]
    rows = _rows(files) if files else (*_rows(_pages()), *_packages())
    print(f"{'':<46}{'words':>8}{'Flesch':>8}{'longest':>9}")
    for name, of in rows:
        print(f"{name:<46}{of.words:>8,}{of.ease:>8.1f}{length(of.longest):>9}")
        if files:
            print(f"    {of.longest}")


if __name__ == "__main__":
    main(sys.argv[1:])
