"""Whole files that are wrong: how each is made, the exit status of ``check``, and words of what is said."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable

import openpyxl
import xlsxwriter
from bad_cells import TITLES

GOOD = [TITLES, *([2021, f"E{number}", f"企业{number}", "邹城市", f"P{number}", 100] for number in (1, 2, 3))]
DAMAGED = "已损坏"


def text(rows=GOOD, encoding: str = "utf-8", separator: str = ",") -> bytes:
    """A CSV table."""
    return "\r\n".join(separator.join(map(str, row)) for row in rows).encode(encoding)


def book(sheets: dict[str, list] | None = None, finish: Callable = lambda book: None) -> bytes:
    """An xlsx. :param finish: called with the workbook before it is written."""
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True, "strings_to_urls": False}) as workbook:
        for name, rows in (sheets or {"申报": GOOD}).items():
            sheet = workbook.add_worksheet(name)
            for place, row in enumerate(rows):
                for column, value in enumerate(row):
                    if hasattr(value, "year"):
                        sheet.write_datetime(place, column, value, workbook.add_format({"num_format": "yyyy-mm-dd"}))
                    else:
                        sheet.write(place, column, value)
        finish(workbook)
    return made.getvalue()


def openpyxl_book(finish: Callable) -> bytes:
    """An xlsx as openpyxl writes it (formulas without results). :param finish: called with workbook and sheet."""
    workbook = openpyxl.Workbook()
    for row in GOOD:
        workbook.active.append(row)
    finish(workbook, workbook.active)
    made = io.BytesIO()
    workbook.save(made)
    return made.getvalue()


def parts(data: bytes, changes: dict[str, Callable[[bytes], bytes] | bytes | None]) -> bytes:
    """An archive with parts changed, added or (None) left out."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for name in dict.fromkeys([*old.namelist(), *changes]):
            change = changes.get(name, lambda content: content)
            if change is not None:
                new.writestr(name, change(old.read(name)) if callable(change) else change)
    return made.getvalue()


def sheet(change: Callable[[bytes], bytes]) -> bytes:
    """An xlsx with the XML of its sheet changed."""
    return parts(book(), {"xl/worksheets/sheet1.xml": change})


def cell(place: str, xml: str) -> Callable[[bytes], bytes]:
    """Replace a cell's XML."""
    return lambda data: re.sub(rb'<c r="%s"[^>]*>.*?</c>' % place.encode(), xml.encode(), data)


def patched(data: bytes, place: int, new: bytes) -> bytes:
    """Bytes overwritten at a place (from the end, if negative)."""
    place = place if place >= 0 else len(data) + place
    return data[:place] + new + data[place + len(new) :]


def ods(content: str, manifest: str = "") -> bytes:
    """An ods around some table XML."""
    made = io.BytesIO()
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
    )
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        body = f"<office:body><office:spreadsheet>{content}</office:spreadsheet></office:body>"
        archive.writestr("content.xml", f"<office:document-content {spaces}>{body}</office:document-content>")
        archive.writestr("META-INF/manifest.xml", manifest)
    return made.getvalue()


def encrypted_zip(data: bytes) -> bytes:
    """All parts marked as encrypted."""
    changed = bytearray(data)
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = changed.find(mark)
        while place >= 0:
            changed[place + offset] |= 1
            place = changed.find(mark, place + 4)
    return bytes(changed)


OLE = bytes.fromhex("D0CF11E0A1B11AE1")
LAUGHS = (
    '<!DOCTYPE x [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
    + "]>"
)
OUTSIDE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
LONG = "长" * 40_000

#: Name of the file -> how it is made, exit status of check, words. (Files in :mod:`test_files` are not repeated.)
FILES: dict[str, tuple[Callable[[], bytes], int, str]] = {
    # text
    "utf8-latin1-mixed.csv": (lambda: text() + b"\r\n2021,E9,caf" + b"\xe9,x\r\n", 1, ""),
    "half-character.csv": (lambda: text(encoding="gb18030")[:-1] + b"\x81", 1, "识别的文本"),
    "utf16-without-mark.csv": (lambda: text(encoding="utf-16-le"), 1, "识别的文本"),
    "utf16-odd-length.csv": (lambda: text(encoding="utf-16")[:-1], 1, "识别的文本"),
    "utf32.csv": (lambda: text(encoding="utf-32"), 1, ""),
    "utf7.csv": (lambda: text(encoding="utf-7"), 1, "没有找到申报数据"),
    "big5.csv": (lambda: text([["申報年度", "企業編號"], ["2021", "E1"]], "big5"), 1, ""),
    "shift-jis.csv": (lambda: text([["申請年度", "企業番号"], ["2021", "E1"]], "shift-jis"), 1, ""),
    "nul.csv": (lambda: text().replace(b"E1", b"E\x001"), 1, "识别的文本"),
    "only-commas.csv": (lambda: b",,,\r\n,,,\r\n", 1, "没有找到申报数据"),
    "one-cell.csv": (lambda: b"2021", 1, "没有找到申报数据"),
    "no-heading.csv": (lambda: text(GOOD[1:]), 1, "没有找到申报数据"),
    "english.csv": (lambda: text([["year", "company", "amount"], [2021, "E1", 5]]), 1, "没有找到申报数据"),
    "heading-far-down.csv": (lambda: b"x\r\n" * 60 + text(), 1, "没有找到申报数据"),
    "pipes.csv": (lambda: text(separator="|"), 1, "没有找到申报数据"),
    "ragged.csv": (lambda: text([*GOOD[:3], [2021, "E9"], [*GOOD[3], "x", "y"]]), 0, "没有标题"),
    "quote-in-the-middle.csv": (lambda: text([*GOOD, [2021, 'E"9', "甲", "邹城市", "P9", 5]]), 0, ""),
    "quote-never-closed.csv": (lambda: text() + b'\r\n2021,"E9,\xe7\x94\xb2', 1, "引号"),
    "field-too-long.csv": (
        lambda: text([*GOOD, [2021, "E" * 200_000, "甲", "邹城市", "P9", 5]]),
        1,
        "引号不成对或内容过长",
    ),
    "json.csv": (lambda: b'{"a": [1, 2]}', 1, "没有找到申报数据"),
    "script.csv": (lambda: b"#!/bin/sh\nrm -rf /\n", 1, "没有找到申报数据"),
    "gzip.csv": (lambda: b"\x1f\x8b\x08\x00" + b"\x00\xff" * 40, 1, "识别的文本"),
    "rar.xlsx": (lambda: b"Rar!\x1a\x07\x00" + b"\x00\xff" * 40, 1, DAMAGED),
    "word.xlsx": (
        lambda: parts(book(), {"xl/workbook.xml": None, "word/document.xml": b"<x/>"}),
        1,
        "不是 xlsx 或 ods",
    ),
    "text.xls": (lambda: text(), 1, "内容却是纯文本"),
    "web.xlsx": (lambda: b"<html><body><table></table></body></html>", 1, "网页"),
    "xml-2003.xls": (lambda: b'<?xml version="1.0"?><Workbook/>', 1, "网页或 XML"),
    "picture.csv": (lambda: b"\x89PNG\r\n\x1a\n" + b"\0" * 40, 1, "PDF、图片"),
    "no-suffix": (lambda: b"", 1, "文件是空的"),
    "a.json": (lambda: text(), 1, "扩展名是 .json"),
    # workbooks whose archive is wrong
    "half.xlsx": (lambda: book()[: len(book()) // 2], 1, DAMAGED),
    "no-directory.xlsx": (lambda: book()[:-30], 1, DAMAGED),
    "newer-zip.xlsx": (lambda: patched(book(), book().find(b"PK\x01\x02") + 6, b"\xff"), 1, DAMAGED),
    "unknown-method.xlsx": (lambda: book().replace(b"\x08\x00", b"\x63\x00"), 1, DAMAGED),
    "wrong-checksum.xlsx": (lambda: patched(book(), book().find(b"PK\x01\x02") + 16, b"\0\0\0\0"), 1, DAMAGED),
    "encrypted-parts.xlsx": (lambda: encrypted_zip(book()), 1, "密码"),
    "encrypted.xlsx": (lambda: OLE + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"), 1, "密码"),
    "encrypted.ods": (lambda: encrypted_zip(ods("")), 1, "密码"),
    "xlsx-as-xls.xls": (lambda: book(), 1, "扩展名是 .xls"),
    "xlsx-as-ods.ods": (lambda: book(), 1, "扩展名是 .ods"),
    "path-trick.xlsx": (lambda: parts(book(), {"../../../tmp/evil.txt": b"x", "C:\\evil": b"x"}), 0, "没有问题"),
    # workbooks whose XML is wrong
    "no-workbook-relations.xlsx": (lambda: parts(book(), {"xl/_rels/workbook.xml.rels": None}), 1, DAMAGED),
    "sheet-missing.xlsx": (lambda: parts(book(), {"xl/worksheets/sheet1.xml": None}), 1, DAMAGED),
    "strings-missing.xlsx": (lambda: parts(book(), {"xl/sharedStrings.xml": None}), 1, ""),
    "not-xml.xlsx": (lambda: sheet(lambda data: b"\x00\x01\x02"), 1, ""),
    "cut-xml.xlsx": (lambda: sheet(lambda data: data[: len(data) // 2]), 1, ""),
    "laughs.xlsx": (lambda: sheet(lambda data: data.replace(b"<worksheet", LAUGHS.encode() + b"<worksheet", 1)), 0, ""),
    "outside-entity.xlsx": (
        lambda: sheet(
            lambda data: cell("F2", '<c r="F2" t="str"><v>&a;</v></c>')(data).replace(
                b"<worksheet", OUTSIDE.encode() + b"<worksheet", 1
            )
        ),
        1,
        "",
    ),
    "no-such-string.xlsx": (lambda: sheet(cell("F2", '<c r="F2" t="s"><v>99999</v></c>')), 1, ""),
    "cell-outside.xlsx": (lambda: sheet(cell("F2", '<c r="ZZZZ9"><v>1</v></c>')), 1, ""),
    "row-zero.xlsx": (lambda: sheet(cell("F2", '<c r="F0"><v>1</v></c>')), 1, ""),
    "far-cell.xlsx": (
        lambda: sheet(
            lambda data: data.replace(
                b"</sheetData>", b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
            )
        ),
        1,
        "1,048,576 行",
    ),
    "row-beyond-excel.xlsx": (
        lambda: sheet(
            lambda data: data.replace(
                b"</sheetData>", b'<row r="4294967295"><c r="A4294967295"><v>1</v></c></row></sheetData>'
            )
        ),
        1,
        "",
    ),
    "nan.xlsx": (lambda: sheet(cell("F2", '<c r="F2"><v>NaN</v></c>')), 1, ""),
    "huge-number.xlsx": (lambda: sheet(cell("F2", '<c r="F2"><v>1e400</v></c>')), 1, ""),
    "denormal.xlsx": (lambda: sheet(cell("F2", '<c r="F2"><v>5e-324</v></c>')), 1, "精确到了分以下"),
    "no-sheets.xlsx": (
        lambda: parts(book(), {"xl/workbook.xml": lambda data: re.sub(rb"<sheets>.*</sheets>", b"<sheets/>", data)}),
        1,
        "没有找到申报数据",
    ),
    "chart-only.xlsx": (lambda: book({"空": []}), 1, "没有找到申报数据"),
    # workbooks that are fine for Excel
    "formula-without-result.xlsx": (
        lambda: openpyxl_book(lambda _, sheet: sheet.__setitem__("F2", "=1+1")),
        1,
        "公式没有保存计算结果",
    ),
    "external-link.xlsx": (
        lambda: openpyxl_book(lambda _, sheet: sheet.__setitem__("F3", "='[旧表.xlsx]S'!A1")),
        1,
        "公式没有保存计算结果",
    ),
    "error-values.xlsx": (lambda: sheet(cell("F2", '<c r="F2" t="e"><f>1/0</f><v>#DIV/0!</v></c>')), 1, "公式错误值"),
    "error-in-id.xlsx": (lambda: sheet(cell("B2", '<c r="B2" t="e"><v>#REF!</v></c>')), 1, "公式错误值"),
    "array-formula.xlsx": (
        lambda: sheet(cell("F2", '<c r="F2"><f t="array" ref="F2:F3">A1:A2*2</f></c>')),
        1,
        "公式没有保存计算结果",
    ),
    "merged-money.xlsx": (
        lambda: openpyxl_book(lambda _, sheet: sheet.merge_cells("F2:F3")),
        1,
        "金额单元格跨行合并",
    ),
    "merged-heading.xlsx": (lambda: openpyxl_book(lambda _, sheet: sheet.merge_cells("A1:F1")), 1, "没有找到申报数据"),
    "hidden-sheet.xlsx": (
        lambda: openpyxl_book(
            lambda workbook, sheet: (workbook.create_sheet("x"), setattr(sheet, "sheet_state", "hidden"))
        ),
        1,
        "是隐藏的工作表",
    ),
    "very-hidden-sheet.xlsx": (
        lambda: openpyxl_book(
            lambda workbook, sheet: (workbook.create_sheet("x"), setattr(sheet, "sheet_state", "veryHidden"))
        ),
        1,
        "是隐藏的工作表",
    ),
    "hidden-rows.xlsx": (
        lambda: openpyxl_book(lambda _, sheet: setattr(sheet.row_dimensions[3], "hidden", True)),
        0,
        "隐藏",
    ),
    "hidden-columns.xlsx": (
        lambda: openpyxl_book(lambda _, sheet: setattr(sheet.column_dimensions["F"], "hidden", True)),
        0,
        "隐藏",
    ),
    "filtered-rows.xlsx": (
        lambda: openpyxl_book(
            lambda _, sheet: (
                setattr(sheet.auto_filter, "ref", "A1:F4"),
                setattr(sheet.row_dimensions[2], "hidden", True),
            )
        ),
        0,
        "隐藏",
    ),
    "macros.xlsm": (lambda: parts(book(), {"xl/vbaProject.bin": b"\xd0\xcf macro"}), 0, "没有问题"),
    "long-names.xlsx": (lambda: book({"申报": [*GOOD, [2021, "E9", LONG[:32_000], "邹城市", "P9", 5]]}), 0, ""),
    "long-name.csv": (lambda: text([*GOOD, [2021, "E9", LONG, "邹城市", "P9", 5]]), 0, "没有问题"),
    "tricky-names.csv": (
        lambda: text(
            [*GOOD, [2021, "../../x", "CON", "邹城市", "NUL", 5], [2021, "C:\\x", "<script>", "邹城市", "a\u202eb", 5]]
        ),
        0,
        "没有问题",
    ),
    "formula-names.csv": (lambda: text([*GOOD, [2021, "=cmd|' /C calc'!A0", "@x", "邹城市", "+1", 5]]), 0, ""),
    "same-sheet-twice.xlsx": (lambda: book({"一": GOOD, "二": GOOD}), 1, "重复"),
    "two-invoice-sheets.xlsx": (
        lambda: book(
            {
                "申报": GOOD,
                "发票": [["发票号码", "企业编号", "金额"], ["1", "E1", 1]],
                "发票2": [["发票号码", "企业编号", "金额"], ["1", "E1", 1]],
            }
        ),
        1,
        "有两张发票明细表",
    ),
    "hundreds-of-sheets.xlsx": (lambda: book({f"s{number}": [["x"]] for number in range(201)}), 1, "超过 200 张"),
    # ods and xls
    "table-without-end.ods": (
        lambda: ods('<table:table table:name="x"><table:table-row></table:table-row></table:t      able>'),
        1,
        "文件已损坏",
    ),
    "repeated-cell.ods": (
        lambda: ods(
            '<table:table table:name="x"><table:table-row><table:table-cell office:value-type="float" office:value="1" table:number-columns-repeated="16384"/></table:table-row></table:table>'
        ),
        1,
        "重复了上千次",
    ),
    "repeated-row.ods": (
        lambda: ods(
            '<table:table table:name="x"><table:table-row table:number-rows-repeated="1048576"><table:table-cell office:value-type="float" office:value="1"/></table:table-row></table:table>'
        ),
        1,
        "重复了上千次",
    ),
    "repeat-of-another-prefix.ods": (
        lambda: ods(
            '<t:table xmlns:t="urn:oasis:names:tc:opendocument:xmlns:table:1.0" t:name="x"><t:table-row t:number-rows-repeated="999999">'
            '<t:table-cell office:value-type="float" office:value="1" t:number-columns-repeated="999"/></t:table-row></t:table>'
        ),
        1,
        "",
    ),
    "nothing.ods": (lambda: ods(""), 1, ""),
    "not-xml.ods": (lambda: parts(ods(""), {"content.xml": b"<a"}), 1, DAMAGED),
    "laughs.ods": (lambda: parts(ods(""), {"content.xml": LAUGHS.encode() + b"<x>&j;</x>"}), 1, ""),
    "bad.xls": (lambda: OLE + b"\0" * 600, 1, DAMAGED),
    "bad-sectors.xls": (lambda: OLE + b"\xff" * 4096, 1, DAMAGED),
    "word.xls": (lambda: OLE + b"\0" * 24 + b"\x3e\x00\x03\x00\xfe\xff\x09\x00" + b"\0" * 2000, 1, DAMAGED),
}
