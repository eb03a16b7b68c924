"""One bad cell between two good rows: what is wrong, and words the refusal must contain. The good rows must be kept."""

from __future__ import annotations

import datetime

TITLES = ["申报年度", "企业编号", "企业名称", "注册地", "项目编号", "设备投资额（万元）"]
NOT_A_NUMBER, TOO_FINE, NEGATIVE = "不是数字", "精确到了分以下", "不能为负数"
NOT_A_DATE, NO_SUCH_DAY, OUTSIDE = "不是完整的日期", "没有这一天", "不在申报年度 2021 年之内"
NOT_A_YEAR, ERROR_CELL, NOT_YES = "不是年份", "公式错误值", "看不出是「是」还是「否」"
LOST, NOT_WHOLE = "末几位已经丢失", "应为整数"

#: Heading -> values that are refused, each with a word of the reason. Values that are no text need a workbook.
CELLS: dict[str, list[tuple[object, str]]] = {
    "设备投资额（万元）": [
        *(
            (value, NOT_A_NUMBER)
            for value in ("待定", "约500", "五百万", "〇", "1,23,4", "1,000,00", ",5", "12..3", "--5", "+-5")
        ),
        *(
            (value, NOT_A_NUMBER)
            for value in ("(5)", "（5）", "nan", "NaN", "inf", "-inf", "∞", "0x10", "1_000", "500美元", "USD 5", "50%")
        ),
        *(
            (value, NOT_A_NUMBER)
            for value in ("5千万", "1亿2千万", "3百万", "5万5", "5-", "5人", "5-10", "1e-9", "1e5e5", "1e999", "=1+1")
        ),
        *(
            (value, NOT_A_NUMBER)
            for value in (
                "='[旧表.xlsx]S'!A1",
                "@SUM(A1)",
                "null",
                "TRUE",
                "是",
                "½",
                "5²",
                "⑤",
                "Ⅳ",
                "١٢",
                "५",
                "5\u200b6",
            )
        ),
        *((value, "可能是两个数") for value in ("100 200", "1\n2", "1 000")),
        *((value, TOO_FINE) for value in ("1.2345678", 1.2345678, "0.0000001")),
        *((value, NEGATIVE) for value in ("-5", -5, "－５", "-0.01")),
        *((value, ERROR_CELL) for value in ("#N/A", "#REF!", "#DIV/0!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!")),
        *((value, "超出可能的范围") for value in ("99999999999", 1e15, "9" * 40)),
        ("9" * 5000, ""),
        ("5000000", "疑似把「元」填进了「万元」列"),
        (True, NOT_A_NUMBER),
        (datetime.date(2021, 3, 5), NOT_A_NUMBER),
    ],
    "申报日期": [
        *(
            (value, NO_SUCH_DAY)
            for value in ("2021-02-30", "2021-02-29", "2021-13-01", "2021-00-10", "20210230", "2021年13月1日")
        ),
        *(
            (value, NOT_A_DATE)
            for value in (
                "2021",
                "2021-2",
                "2021.3",
                "去年",
                "31/12/2021",
                "2021-03-05上午",
                "-1",
                "99999",
                "二〇二一年三月五日",
            )
        ),
        *((value, NOT_A_DATE) for value in (True, "2021-1-1-1", "今天", "2021W10", "٢٠٢١-٠٣-٠٥")),
        *((value, "年份不在") for value in ("0001-01-01", "1899-12-31", "9999-12-31", "2101-01-01")),
        *((value, OUTSIDE) for value in ("2020-12-31", "2022-01-01", datetime.date(2012, 3, 5))),
        ("#N/A", ERROR_CELL),
    ],
    "申报年度": [
        *(
            (value, NOT_A_YEAR)
            for value in (
                "二〇二一",
                "21",
                "20211",
                "2021.5",
                "-2021",
                "0",
                "99999",
                "1e3",
                "今年",
                "２０２１x",
                True,
                "２٠٢１",
            )
        ),
        ("#REF!", ERROR_CELL),
        ("", "申报年度是空的"),
    ],
    "注册地": [
        ("火星", "不认识"),
        ("衮州区", "最接近的是：兖州区"),
        ("市中区", "2013"),
        ("370802", "任城区"),
        ("999999", ""),
        ("高新区", "济宁、枣庄都有高新区"),
        ("开发区", "请写全称"),
        ("济宁市滕州市", "不属于济宁市"),
        ("兖州区邹城市", ""),
        ("#N/A", ERROR_CELL),
        ("../../etc", ""),
    ],
    "企业编号": [
        *((value, LOST) for value in (911100006000373411.0, "9.111E+17", 1e15)),
        (1.5, "不应是小数"),
        (datetime.date(2021, 3, 5), "存成了日期"),
        ("#REF!", ERROR_CELL),
    ],
    "项目编号": [("#VALUE!", ERROR_CELL), (2.5, "不应是小数"), ("1.2E+20", LOST), ("P1", "重复，而且企业不同")],
    "从业人员（人）": [
        *((value, NOT_WHOLE) for value in ("1.5", 1.5, "1e20")),
        *((value, NOT_A_NUMBER) for value in ("约100", "一百", "100-200", "１００余")),
        ("-1", NEGATIVE),
        ("100元", "不应带金额单位"),
        ("#N/A", ERROR_CELL),
    ],
    "投入使用": [
        *((value, NOT_YES) for value in ("也许", "部分", "是否", "2", "Y/N", "是的吧", "1.5", "？", "真")),
        ("#N/A", ERROR_CELL),
    ],
    "亩产效益评价": [("E类", ""), ("AB", ""), ("优", ""), ("Ａ＋", ""), (1, ""), ("#REF!", ERROR_CELL)],
    "产业目录": [("好", ""), ("鼓励允许", ""), ("0", "")],
    "贷款计息天数": [("-30", NEGATIVE), ("三十", NOT_A_NUMBER), ("30.5", NOT_WHOLE)],
    "贷款利息（元）": [("待定", NOT_A_NUMBER), ("-1", NEGATIVE), ("0.001", TOO_FINE)],
    "营业收入（亿元）": [("约3亿", NOT_A_NUMBER), ("-3", NEGATIVE), ("0.00000000001", TOO_FINE)],
}
#: Heading -> values that are accepted, though not in silence: words of the remark.
REMARKS: dict[str, list[tuple[object, str]]] = {
    "设备投资额（万元）": [
        *((value, "按 0 读取") for value in ("-", "—", "/", "无", "N/A", "暂无")),
        ("5元", "按「元」读取"),
        ("2亿", "按「亿元」读取"),
        ("", "按 0 元读取"),
        ("   ", "按 0 元读取"),
    ],
    "申报日期": [("44260", "是 Excel 的日期序号，按 2021-03-05 读取"), ("无", "按未填写处理")],
    "企业编号": [
        ("91110000600037341X", "校验码不符，第 18 位应为「L」"),
        ("9111000060003734IO", "含有信用代码不使用的字符「I、O」"),
        ("", "企业编号是空的"),
    ],
    "项目编号": [("", "已编为")],
}


def table(heading: str, value) -> list[list]:
    """A good row, one with the bad cell, another good row."""
    titles = TITLES if heading in TITLES else [*TITLES, heading]
    rows = [[2021, f"E{number}", f"企业{number}", "邹城市", f"P{number}", 100 * number] for number in (1, 2, 3)]
    good = {"申报日期": "2021-03-05", "投入使用": "是", "从业人员（人）": 10, "亩产效益评价": "B", "产业目录": "鼓励类"}
    rows = [[*row, *([good.get(heading, 3)] if heading not in TITLES else [])] for row in rows]
    rows[1][titles.index(heading)] = value
    return [titles, *rows]
