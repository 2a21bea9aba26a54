"""Workbooks of every kind that is read, written byte by byte: no kept library writes the older ones."""

from __future__ import annotations

import datetime
import io
import struct
import zipfile
from collections.abc import Collection, Iterable, Sequence
from itertools import chain
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from openpyxl import Workbook

Rows = Sequence[Sequence[Any]]
SHEET = "LAs"
SHOWN_AS_DATE = 14
"""Number format of XLS for a date."""
EPOCH = datetime.date(1899, 12, 30)


def xlsx(rows: Rows, hidden: Collection[int] = (), others: Iterable[tuple[str, Rows]] = ()) -> bytes:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = SHEET
    for row in rows:
        sheet.append(list(row))
    for number in hidden:
        sheet.row_dimensions[number].hidden = True
    for name, more in others:
        other = book.create_sheet(name)
        for row in more:
            other.append(list(row))
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


STRICT = {
    b"http://schemas.openxmlformats.org/spreadsheetml/2006/main": b"http://purl.oclc.org/ooxml/spreadsheetml/main",
    b"http://schemas.openxmlformats.org/officeDocument/2006/relationships":
        b"http://purl.oclc.org/ooxml/officeDocument/relationships",
}  # fmt: skip


def strict(rows: Rows, hidden: Collection[int] = ()) -> bytes:
    """A Strict Open XML workbook: the namespaces are others."""
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(xlsx(rows, hidden))) as old, zipfile.ZipFile(written, "w") as new:
        for entry in old.infolist():
            data = old.read(entry.filename)
            for plain, other in STRICT.items():
                data = data.replace(plain, other)
            new.writestr(entry.filename, data)
    return written.getvalue()


def archive(parts: dict[str, str | bytes]) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as made:
        for name, content in parts.items():
            made.writestr(name, content)
    return written.getvalue()


# ---- ODS -----------------------------------------------------------------------------------------------------------


ODS = "application/vnd.oasis.opendocument.spreadsheet"
NAMES = "".join(
    f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
)


HIDDEN = ' table:visibility="filter"'


def ods(rows: Rows, hidden: Collection[int] = (), others: Iterable[tuple[str, Rows]] = ()) -> bytes:
    tables = "".join(_table(name, each, hidden if name == SHEET else ()) for name, each in [(SHEET, rows), *others])
    content = f"<office:document-content{NAMES}><office:body><office:spreadsheet>{tables}"
    content += "</office:spreadsheet></office:body></office:document-content>"
    manifest = '<m:manifest xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
    return archive({"mimetype": ODS, "content.xml": content, "META-INF/manifest.xml": manifest})


def _table(name: str, rows: Rows, hidden: Collection[int]) -> str:
    written = "".join(
        f"<table:table-row{HIDDEN if number in hidden else ''}>"
        f"{''.join(map(_ods_cell, row))}<table:table-cell table:number-columns-repeated='1000'/></table:table-row>"
        for number, row in enumerate(rows, start=1)
    )
    below = "<table:table-row table:number-rows-repeated='1000000'><table:table-cell/></table:table-row>"
    return f"<table:table table:name={quoteattr(name)}>{written}{below}</table:table>"


def _ods_cell(value: Any) -> str:
    if value is None or value == "":
        return "<table:table-cell/>"
    if isinstance(value, datetime.date):
        return f'<table:table-cell office:value-type="date" office:date-value="{value.isoformat()}"/>'
    if isinstance(value, int | float):
        return f'<table:table-cell office:value-type="float" office:value="{value}"/>'
    return f'<table:table-cell office:value-type="string"><text:p>{escape(str(value))}</text:p></table:table-cell>'


# ---- XLS: records of BIFF8 in a compound file ----------------------------------------------------------------------


SECTOR, SMALLEST = 512, 4096
FREE, END, OF_FAT, NONE = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD, 0xFFFFFFFF


def _record(kind: int, data: bytes) -> bytes:
    return struct.pack("<HH", kind, len(data)) + data


def xls(rows: Rows) -> bytes:
    begins = [_record(0x0809, struct.pack("<HHHHII", 0x0600, kind, 0, 0, 0, 0)) for kind in (5, 0x10)]
    styles = [_record(0xE0, struct.pack("<HH16x", 0, form)) for form in (0, SHOWN_AS_DATE)]
    name = struct.pack("<BB", len(SHEET), 0) + SHEET.encode("latin-1")
    ends = _record(0x0A, b"")
    before = begins[0] + b"".join(styles)
    at = len(before) + len(_record(0x85, struct.pack("<IBB", 0, 0, 0) + name)) + len(ends)
    cells = b"".join(
        _xls_cell(row, column, value) for row, values in enumerate(rows) for column, value in enumerate(values)
    )
    book = before + _record(0x85, struct.pack("<IBB", at, 0, 0) + name) + ends + begins[1] + cells + ends
    return _compound(book.ljust(SMALLEST, b"\0"))


def _xls_cell(row: int, column: int, value: Any) -> bytes:
    if value is None or value == "":
        return b""
    if isinstance(value, datetime.date):
        return _record(0x0203, struct.pack("<HHHd", row, column, 1, (value - EPOCH).days))
    if isinstance(value, int | float):
        return _record(0x0203, struct.pack("<HHHd", row, column, 0, value))
    text = str(value).encode("utf-16-le")
    return _record(0x0204, struct.pack("<HHHHB", row, column, 0, len(text) // 2, 1) + text)


def _compound(stream: bytes) -> bytes:
    sectors = -(-len(stream) // SECTOR)
    chain_of = [*range(3, sectors + 2), END]
    fat = struct.pack(f"<{SECTOR // 4}I", *[OF_FAT, END, *chain_of, *[FREE] * (SECTOR // 4 - 2 - sectors)])
    entries = _entry("Root Entry", 5, END, 0, 1) + _entry("Workbook", 2, 2, len(stream), NONE)
    head = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16)
    head += struct.pack("<HHHHH6xIIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, SMALLEST, END, 0, END, 0, 0)
    head += struct.pack("<108I", *[FREE] * 108)
    return head + fat + entries.ljust(SECTOR, b"\0") + stream.ljust(sectors * SECTOR, b"\0")


def _entry(name: str, kind: int, first: int, size: int, child: int) -> bytes:
    text = f"{name}\0".encode("utf-16-le")
    return struct.pack("<64sHBBIII36xIQ", text, len(text), kind, 1, NONE, NONE, child, first, size)


# ---- XLSB ----------------------------------------------------------------------------------------------------------


RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def _binary(kind: int, data: bytes = b"") -> bytes:
    return b"".join(_in_sevens(number) for number in (kind, len(data))) + data


def _in_sevens(number: int) -> bytes:
    """A number in seven bits a byte, the last ones first; one of a record kind is given as it is written."""
    if number < 0x80:
        return bytes([number])
    return bytes([number & 0x7F | 0x80]) + _in_sevens(number >> 7)


def _wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def xlsb(rows: Rows) -> bytes:
    """A workbook of texts and numbers."""
    cells = chain.from_iterable(_xlsb_row(number, row) for number, row in enumerate(rows))
    width = max(map(len, rows))
    size = struct.pack("<IIII", 0, len(rows) - 1, 0, width - 1)
    sheet = _binary(129) + _binary(148, size) + _binary(145) + b"".join(cells) + _binary(146) + _binary(130)
    listed = _binary(156, struct.pack("<II", 0, 1) + _wide("rId1") + _wide(SHEET))
    book = _binary(131) + _binary(143) + listed + _binary(144) + _binary(132)
    target = f'<Relationship Id="rId1" Type="{RELATIONS}/worksheet" Target="worksheets/sheet1.bin"/>'
    names = "http://schemas.openxmlformats.org/package/2006/relationships"
    return archive({
        "[Content_Types].xml": "<Types/>",
        "xl/workbook.bin": book,
        "xl/_rels/workbook.bin.rels": f'<Relationships xmlns="{names}">{target}</Relationships>',
        "xl/worksheets/sheet1.bin": sheet,
    })  # fmt: skip


def _xlsb_row(number: int, row: Sequence[Any]) -> Iterable[bytes]:
    yield _binary(0, struct.pack("<IIHHBI", number, 0, 300, 0, 0, 0))
    for column, value in enumerate(row):
        place = struct.pack("<II", column, 0)
        if isinstance(value, int | float):
            yield _binary(5, place + struct.pack("<d", value))
        elif value not in (None, ""):
            yield _binary(6, place + _wide(str(value)))
