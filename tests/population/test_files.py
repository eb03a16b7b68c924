"""Files that are no tables: one clear message each."""

from __future__ import annotations

import zipfile

import pytest
from tables import TITLES, book, csv_file, firm, messages

from openfisca_jining.errors import BadFact
from openfisca_jining.population import read
from openfisca_jining.population.problems import TableError
from openfisca_jining.population.read import read_table


def xlsx_bytes(tmp_path):
    return book(tmp_path / "good.xlsx", {"表": [TITLES, *(firm(number) for number in range(50))]}).read_bytes()


BROKEN = {
    "空.xlsx": (b"", "文件是空的"),
    "空.csv": (b"\xef\xbb\xbf\r\n", "文件是空的"),
    "坏.xlsx": (b"PK\x03\x04 not really", "已损坏"),
    "坏.xls": (bytes.fromhex("D0CF11E0A1B11AE1") + b"\0" * 600, "已损坏"),
    "密.xlsx": (bytes.fromhex("D0CF11E0A1B11AE1") + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"), "密码"),
    "网页.xls": (b"<html><table><tr><td>1</td></tr></table></html>", "网页"),
    "文本.xlsx": ("企业编号,企业名称\n".encode(), "内容却是纯文本"),
    "图.csv": (b"%PDF-1.7 ...", "PDF"),
    "乱.csv": (b"\x81\x30\xff\xff\xfe,\x00", "识别的文本"),
    "引号.csv": ('企业编号,企业名称\n"E1,甲\n'.encode(), "引号"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_files(tmp_path, name):
    data, message = BROKEN[name]
    (tmp_path / name).write_bytes(data)
    with pytest.raises(TableError, match=message) as caught:
        read_table(tmp_path / name)
    assert isinstance(caught.value, BadFact) and name in str(caught.value)


def test_truncated_renamed_and_foreign_archives(tmp_path):
    data = xlsx_bytes(tmp_path)
    (tmp_path / "断.xlsx").write_bytes(data[: len(data) // 2])
    with pytest.raises(TableError, match="已损坏"):
        read_table(tmp_path / "断.xlsx")
    (tmp_path / "改名.csv").write_bytes(data)
    with pytest.raises(TableError, match=r"内容却是xlsx 工作簿"):
        read_table(tmp_path / "改名.csv")
    with zipfile.ZipFile(tmp_path / "别.xlsx", "w") as archive:
        archive.writestr("readme.txt", "x")
    with pytest.raises(TableError, match="不是 xlsx"):
        read_table(tmp_path / "别.xlsx")
    with pytest.raises(TableError, match="没有这个文件"):
        read_table(tmp_path / "无.xlsx")
    with pytest.raises(TableError, match="打不开"):
        read_table(tmp_path)


def test_every_damaged_byte_range_gives_a_message(tmp_path):
    data = xlsx_bytes(tmp_path)
    for start in range(0, len(data), max(len(data) // 60, 1)):
        spoilt = bytearray(data)
        spoilt[start : start + 16] = b"\xff" * len(spoilt[start : start + 16])
        (tmp_path / "坏.xlsx").write_bytes(bytes(spoilt))
        try:
            assert read_table(tmp_path / "坏.xlsx").balances
        except TableError as error:
            assert "损坏" in str(error) or "密码" in str(error) or "不是" in str(error)


def rewrite(source, target, replace):
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            new.writestr(entry.filename, replace(entry.filename, old.read(entry)))
    return target


def test_zip_bomb(tmp_path, monkeypatch):
    monkeypatch.setattr(read, "MOST_UNPACKED_BYTES", 2**20)
    good = book(tmp_path / "good.xlsx", {"表": [TITLES, firm(1)]})
    bomb = rewrite(good, tmp_path / "弹.xlsx", lambda name, data: data + b" " * 2**21 if "sheet1" in name else data)
    assert bomb.stat().st_size < 2**17
    with pytest.raises(TableError, match="解压后"):
        read_table(bomb)


def test_far_away_cell(tmp_path):
    far = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    good = book(tmp_path / "good.xlsx", {"表": [TITLES, firm(1)]})
    path = rewrite(good, tmp_path / "远.xlsx", lambda name, data: data.replace(b"</sheetData>", far))
    with pytest.raises(TableError, match="1,048,576 行 × 16,384 列"):
        read_table(path)


def test_ods_that_repeats_a_filled_cell(tmp_path):
    cell = (
        '<table:table-row><table:table-cell office:value-type="float" office:value="1"'
        ' table:number-columns-repeated="16384"/></table:table-row>'
    )
    with zipfile.ZipFile(tmp_path / "重.ods", "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", f"<office:document-content>{cell}</office:document-content>")
    with pytest.raises(TableError, match="重复了上千次"):
        read_table(tmp_path / "重.ods")


def test_too_many_rows_in_csv(tmp_path, monkeypatch):
    monkeypatch.setattr(read, "MOST_ROWS", 10)
    with pytest.raises(TableError, match="超过 10 行"):
        read_table(csv_file(tmp_path / "长.csv", [TITLES, *(firm(number) for number in range(20))]))


def test_table_without_headings_or_rows(tmp_path):
    reading = read_table(csv_file(tmp_path / "a.csv", [["甲", "乙"], ["1", "2"]]))
    assert reading.population is None and reading.exit_status == 1 and "没有找到申报数据" in messages(reading)
    reading = read_table(csv_file(tmp_path / "b.csv", [TITLES]))
    assert reading.population is None and "只有表头" in messages(reading)
    assert reading.balances
