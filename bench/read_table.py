"""How long reading, checking and computing an untidy xlsx takes, as a ratio to python-calamine merely reading it. Goal: 3.

    python bench/read_table.py [rows]

All are timed in one run on the same file, alternately, and the best of three is taken.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import numpy
import python_calamine
import xlsxwriter

from openfisca_jining import CountryTaxBenefitSystem
from openfisca_jining.population.columns import wrong_credit_codes
from openfisca_jining.population.read import read_table

GOAL = 3.0
COUNTIES = ("兖州区", "济宁市任城区", "370883", "曲阜", "邹城市", " 微山县 ", "济宁高新区", "滕州市")
TITLES = (
    "序号",
    "申报年度",
    "统一社会信用代码",
    "企业名称",
    "县（市、区）",
    "项目编号",
    "项目名称",
    "用地方式",
    "产业目录",
    "申报日期",
    "设备投资额",
    "机器人投资额（万元）",
    "信息化投资额(元)",
    "投入使用",
    "亩产效益评价",
    "梯队企业",
    "从业人员（人）",
    "营业收入（亿元）",
    "已获其他财政资金",
    "联系人",
)


def write_untidy(path: Path, rows: int, seed: int = 1) -> None:
    """Write an untidy table of claims: title, unit line, texts for numbers, mixed dates and words, faults."""
    draw = numpy.random.default_rng(seed)
    firms = max(rows * 2 // 5, 1)
    codes = _credit_codes(firms)
    book = xlsxwriter.Workbook(str(path), {"constant_memory": True, "strings_to_numbers": False})
    sheet = book.add_worksheet("申报汇总")
    day = book.add_format({"num_format": "yyyy/m/d"})
    sheet.write_string(0, 0, "2021 年度技术改造奖补申报汇总表")
    sheet.write_string(1, len(TITLES) - 1, "单位：万元")
    for column, title in enumerate(TITLES):
        sheet.write_string(2, column, title)
    money = numpy.round(draw.lognormal(6, 1, (rows, 2)), 4)
    firm_of = numpy.sort(draw.integers(0, firms, rows))
    pick = draw.integers(0, 1_000_000, (rows, 4))
    for number in range(rows):
        row, firm, odd = number + 3, int(firm_of[number]), int(pick[number, 0])
        amount = float(money[number, 0])
        cells = [
            number + 1,
            2021 if odd % 3 else "2021年",
            codes[firm],
            f"济宁第{firm}机械有限公司",
            COUNTIES[firm % len(COUNTIES)],
            f"XM{number:06d}",
            f"第{number}号生产线改造",
            ("普通", "零土地")[odd % 2],
            ("鼓励类", "允许类", "鼓励")[odd % 3],
            None,
            amount
            if odd % 4
            else f"{amount:,.4f}"
            if odd % 8
            else f"{amount:.2f}".translate(str.maketrans("0123456789.", "０１２３４５６７８９．")),
            "" if odd % 5 else round(amount / 10, 2),
            round(float(money[number, 1]) * 100, 2),
            ("是", "√", "否", "是 ")[odd % 4],
            ("A", "B类", "C", "Ｄ类")[firm % 4],
            ("是", "否")[firm % 2],
            20 + firm % 900,
            round(0.3 + firm % 997 / 10, 2),
            0,
            f"联系人{firm}",
        ]
        if odd % 2003 == 0:
            cells[10] = "待定"
        if odd % 4001 == 0:
            cells[4] = "衮州区"
        for column, cell in enumerate(cells):
            if cell is None:
                date = numpy.datetime64("2021-01-01") + int(pick[number, 1]) % 360
                if odd % 3:
                    sheet.write_datetime(row, column, date.astype(object), day)
                else:
                    sheet.write_string(row, column, str(date).replace("-", "."))
            elif isinstance(cell, str):
                sheet.write_string(row, column, cell)
            else:
                sheet.write_number(row, column, cell)
    sheet.write_string(rows + 3, 0, "合计")
    book.close()


def _credit_codes(count: int) -> list[str]:
    bodies = [f"91370812{number:09d}" for number in range(count)]
    digits = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    weights = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
    codes = [
        body + digits[-sum(int(digit) * weight for digit, weight in zip(body, weights, strict=True)) % 31]
        for body in bodies
    ]
    assert not wrong_credit_codes(codes)
    return codes


def main() -> None:
    """Make the file, time both, print the ratio."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "untidy.xlsx"
        write_untidy(path, rows)
        system = CountryTaxBenefitSystem()
        merely, reads, computes = [], [], []
        for _ in range(3):
            start = time.perf_counter()
            python_calamine.load_workbook(path).get_sheet_by_index(0).to_python(skip_empty_area=False)
            merely.append(time.perf_counter() - start)
            start = time.perf_counter()
            reading = read_table(path)
            reads.append(time.perf_counter() - start)
            start = time.perf_counter()
            reading.population.simulation(system).calculate("total_paid", str(reading.year))
            computes.append(time.perf_counter() - start)
        print(reading.summary().splitlines()[0])
        calamine, read, compute = min(merely), min(reads), min(computes)
        print(f"calamine {calamine:.2f} s, read_table {read:.2f} s, total_paid {compute:.2f} s, {rows:,} rows")
        print(f"read_table alone: {read / calamine:.2f}")
        print(f"ratio {(read + compute) / calamine:.2f} (goal: at most {GOAL:g})")


if __name__ == "__main__":
    main()
