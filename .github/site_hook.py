"""Prepares the pages of ``sim/docs`` for the site: MkDocs calls these functions.

Pages link to files beside them in the repository, such as SECURITY.md or a notebook. The site has a copy of each, in
``project/``, so that a strict build checks these links too. Anchors are those that readers of the repository see.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parent.parent
DOCS = PurePosixPath("sim/docs")
COPIES = PurePosixPath("project")
"""Folder of the site that holds copies of files from outside the folder of pages."""
STYLE = "wrapped.css"
WRAPPED = "pre, pre code { white-space: pre-wrap !important; }\n"
"""Style sheet of the site: what a command prints is wider than a page, and would be cut off."""
_CODE_OR_LINK = re.compile(
    r"(?P<code>^ *(?P<fence>`{3,}).*?^ *(?P=fence)[ \t]*$|(?P<ticks>`+)(?!`).*?(?<!`)(?P=ticks)(?!`))"
    r"|\]\((?P<target>[^)\s#]+)(?P<anchor>#[^)\s]*)?\)",
    re.MULTILINE | re.DOTALL,
)
_FENCE_WORDS = re.compile(r"^(?P<fence> *`{3,}\w+) [^\n`]*$", re.MULTILINE)
"""First line of a fenced block with words for the test that runs it."""


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Give headings the anchors that readers of the repository see, and the site its style sheet."""
    config.mdx_configs.setdefault("toc", {})["slugify"] = slug
    config.extra_css.append(STYLE)
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the style sheet, and a copy of every file outside the folder of pages to which a page leads, directly or
    through such a copy.
    """
    files.append(File.generated(config, STYLE, content=WRAPPED))
    waiting = [file for file in files if file.is_documentation_page()]
    while waiting:
        page = waiting.pop()
        for target in links_to_files(page.content_string, origin_of(page.src_uri)):
            uri = str(site_place(target))
            if files.get_file_from_path(uri) is None:
                copy = File.generated(config, uri, abs_src_path=str(ROOT / target))
                files.append(copy)
                waiting += [copy] if copy.is_documentation_page() else []
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Point links at the copies, and leave out the words for tests."""
    return without_fence_words(with_site_links(markdown, page.file.src_uri))


def slug(heading: str, separator: str) -> str:
    """Return the anchor of a heading as GitHub makes it: small letters, no signs, a hyphen for each space."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", separator)


def origin_of(uri: str) -> PurePosixPath:
    """Return where in the repository a page of the site comes from."""
    path = PurePosixPath(uri)
    if not path.is_relative_to(COPIES):
        return DOCS / path
    own = path.relative_to(COPIES)
    return own if (ROOT / own).exists() else PurePosixPath(f".{own}")


def site_place(path: PurePosixPath) -> PurePosixPath:
    """Return where the site has a file of the repository; a folder whose name begins with a full stop loses it."""
    if path.is_relative_to(DOCS):
        return path.relative_to(DOCS)
    return COPIES.joinpath(*(part.removeprefix(".") for part in path.parts))


def links_to_files(markdown: str, origin: PurePosixPath) -> Iterator[PurePosixPath]:
    """Yield the files of the repository to which a page leads; links in code and to other sites are none."""
    for found in _CODE_OR_LINK.finditer(markdown):
        target = None if found["target"] is None else file_at(found["target"], origin)
        if target is not None:
            yield target


def file_at(link: str, origin: PurePosixPath) -> PurePosixPath | None:
    """Return the file of the repository to which a link of a page leads; None if there is no such file."""
    if ":" in link or link.startswith("/"):
        return None
    path = PurePosixPath(os.path.normpath(origin.parent / unquote(link)))
    return path if (ROOT / path).is_file() and ".." not in path.parts else None


def with_site_links(markdown: str, uri: str) -> str:
    """Return a page with its links to files of the repository pointed at where the site has them."""

    def linked(found: re.Match[str]) -> str:
        target = None if found["target"] is None else file_at(found["target"], origin_of(uri))
        if target is None:
            return found[0]
        place = os.path.relpath(site_place(target), PurePosixPath(uri).parent)
        return f"]({place}{found['anchor'] or ''})"

    return _CODE_OR_LINK.sub(linked, markdown)


def without_fence_words(markdown: str) -> str:
    """Return a page whose fenced blocks say their language alone."""
    return _FENCE_WORDS.sub(r"\g<fence>", markdown)
