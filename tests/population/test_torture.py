"""Sheets as offices hand them in: each reads right, or fails with the right message."""

from __future__ import annotations

import datetime

import openpyxl
import pytest
import xlwt
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import Table, TableCell, TableRow
from odf.text import P
from tables import TITLES, book, csv_file, firm, messages

from openfisca_jining.population.read import read_table


def amounts(reading, name="equipment_investment"):
    return dict(zip(reading.population.projects["project_id"], reading.population.projects[name], strict=True))


def the(reading, part):
    found = [problem for problem in reading.problems if part in problem.message]
    assert found, f"no message with 「{part}」 in:\n{messages(reading)}"
    return found[0]


def check(reading):
    assert reading.balances
    assert reading.rows_accepted + reading.rows_refused + reading.rows_other_years == reading.rows_read
    assert (0 if reading.population is None else len(reading.population)) == reading.rows_accepted
    return reading


def test_01_titles_unit_line_totals_and_footer(tmp_path):
    titles = [title.replace("（万元）", "") for title in TITLES]
    rows = [
        ["2021 年度技改奖补申报汇总表"],
        ["", "", "", "", "", "单位：万元"],
        titles,
        firm(1, 100.5),
        firm(2, "1,200.25"),
    ]
    rows += [["合计", "", "", "", "", 1300.75], ["填表人：张三", "", "", "审核：李四"]]
    reading = check(read_table(book(tmp_path / "a.xlsx", {"汇总": rows}, merges=[("汇总", "A1:F1", rows[0][0])])))
    assert amounts(reading) == {"P1": 1_005_000.0, "P2": 12_002_500.0}
    assert (reading.exit_status, reading.year, reading.rows_read, reading.rows_skipped) == (0, 2021, 2, 2)
    assert the(reading, "合计行").row == 6
    assert the(reading, "页脚").row == 7
    assert not [problem for problem in reading.problems if "不一致" in problem.message]


def test_02_total_that_does_not_add_up(tmp_path):
    rows = [
        TITLES,
        firm(1, 100),
        firm(2, 200),
        ["", "小计", "", "", "", 300],
        firm(3, 50),
        ["总 计", "", "", "", "", 351],
    ]
    reading = check(read_table(book(tmp_path / "a.xlsx", {"表": rows})))
    found = the(reading, "不一致")
    assert (found.cell, found.value, found.refusal) == ("F6", "351", False)
    assert "3,510,000.00" in found.message and "3,500,000.00" in found.message


def test_03_units_in_headings_and_cells(tmp_path):
    titles = [*TITLES, "机器人投资额(元)", "营业收入（亿元）", "信息化投资额/万元"]
    row = [*firm(1, "１２０．５"), "1,034,567.89", 3.25, "500000元"]
    reading = check(read_table(book(tmp_path / "a.xlsx", {"表": [titles, row]})))
    project, enterprise = reading.population.projects.iloc[0], reading.population.enterprises.iloc[0]
    assert project["equipment_investment"] == 1_205_000
    assert project["robot_investment"] == 1_034_567.89
    assert enterprise["revenue"] == 325_000_000
    assert project["informatisation_investment"] == 500_000
    assert "单元格自带单位「元」" in messages(reading)
    assert reading.rows_with_remarks == 1


def test_04_dates(tmp_path):
    dates = ["2021.3.5", "2021年3月5日", "2021-03-05", "20210305", datetime.date(2021, 3, 5), 44260, "２０２１／３／５"]
    bad = ["2021.3", "2021-02-30", "去年"]
    rows = [[*TITLES, "申报日期"], *([*firm(number), date] for number, date in enumerate(dates + bad))]
    reading = check(read_table(book(tmp_path / "a.xlsx", {"表": rows})))
    assert set(reading.population.projects["application_date"].astype(str)) == {"2021-03-05"}
    assert len(reading.population) == len(dates)
    assert the(reading, "不是完整的日期").cell == "G9"
    assert the(reading, "没有这一天").value == "2021-02-30"
    assert "日期序号" in messages(reading, False)


def test_05_dates_outside_the_claim_year(tmp_path):
    rows = [[*TITLES, "申报日期"], [*firm(1), "2020-12-31"], [*firm(2), "2021-12-31"]]
    reading = check(read_table(book(tmp_path / "a.xlsx", {"表": rows})))
    assert list(amounts(reading)) == ["P2"]
    assert the(reading, "不在申报年度 2021 年之内").value == "2020-12-31"


def test_06_vertical_merges_fill_down_but_not_money(tmp_path):
    rows = [
        [*TITLES, "机器人投资额（万元）"],
        [*firm(1, 100, "P1"), 10],
        ["", "", "", "", "P2", 200, ""],
        [*firm(3), ""],
    ]
    merges = [("表", "A2:A3", 2021), ("表", "B2:B3", "E1"), ("表", "C2:C3", "企业1"), ("表", "D2:D3", "兖州区")]
    path = book(tmp_path / "a.xlsx", {"表": rows}, merges=merges)
    reading = check(read_table(path))
    assert reading.population.projects["enterprise_id"].tolist() == ["E1", "E1", "E3"]
    assert len(reading.population.enterprises) == 2
    path = book(tmp_path / "b.xlsx", {"表": rows}, merges=[*merges, ("表", "G2:G3", 10)])
    reading = check(read_table(path))
    assert list(amounts(reading)) == ["P3"]
    assert the(reading, "跨行合并").cell == "G2"


def test_07_several_sheets_hidden_and_foreign(tmp_path):
    notes = [["本表由各县市区填报"], ["请于月底前报送"]]
    sheets = {
        "兖州": [TITLES, firm(1)],
        "曲阜": [TITLES[::-1], firm(2, county="曲阜市")[::-1]],
        "说明": notes,
        "旧": [TITLES, firm(9)],
    }
    reading = check(read_table(book(tmp_path / "a.xlsx", sheets, hidden=["旧"])))
    assert amounts(reading) == {"P1": 1e6, "P2": 1e6}
    assert the(reading, "隐藏").sheet == "旧"
    assert the(reading, "找不到表头").sheet == "说明"
    assert reading.exit_status == 0


def test_08_two_rows_of_headings(tmp_path):
    upper = ["申报年度", "企业编号", "企业名称", "注册地", "项目编号", "投资情况（万元）", ""]
    lower = ["", "", "", "", "", "设备投资额", "机器人投资额"]
    rows = [upper, lower, [*firm(1), 20]]
    reading = check(read_table(book(tmp_path / "a.xlsx", {"表": rows}, merges=[("表", "F1:G1", upper[5])])))
    assert amounts(reading, "robot_investment") == {"P1": 200_000.0}


def test_09_unknown_headings(tmp_path):
    titles = [*TITLES, "机器人投资颌（万元）", "联系人", "吉祥物", ""]
    reading = check(read_table(book(tmp_path / "a.xlsx", {"表": [titles, [*firm(1), 5, "张", "虎", "x"]]})))
    found = the(reading, "最接近的是「机器人投资额」")
    assert (found.cell, found.refusal) == ("G1", True)
    assert not the(reading, "与奖补计算无关").refusal
    assert the(reading, "没有标题").cell == "J1"
    assert reading.exit_status == 1


def test_10_unit_slips(tmp_path):
    rows = [TITLES, *(firm(number, 300 + number) for number in range(6)), firm(7, 5_000_000), firm(8, "1500000万元")]
    reading = check(read_table(book(tmp_path / "a.xlsx", {"表": rows})))
    found = the(reading, "疑似把「元」填进了「万元」列")
    assert (found.row, found.value) == (8, "5000000")
    assert amounts(reading)["P8"] == 15_000_000_000
    titles = [title.replace("万元", "元") for title in TITLES]
    rows = [titles, *(firm(number, 3_000_000 + number) for number in range(6)), firm(7, 500)]
    found = the(check(read_table(book(tmp_path / "b.xlsx", {"表": rows}))), "疑似把「万元」填进了「元」列")
    assert not found.refusal


def test_11_duplicates_and_disagreeing_enterprises(tmp_path):
    titles = [*TITLES, "营业收入（万元）"]
    rows = [titles, [*firm(1, project="P1"), 100], [*firm(2, project="P1"), 100], [*firm(3, project="P3"), 100]]
    rows += [[*firm(3, project="P4"), 200], [*firm(5), ""], [*firm(5, project="P6"), 700]]
    reading = check(read_table(book(tmp_path / "a.xlsx", {"表": rows})))
    assert the(reading, "重复，而且企业不同").row == 2
    found = the(reading, "企业「E3」各行的「营业收入」不一致")
    assert "第 4 行为「100」；第 5 行为「200」" in found.message
    assert list(amounts(reading)) == ["P5", "P6"]
    assert reading.population.enterprises["revenue"].tolist() == [7_000_000.0]
    assert reading.rows_refused == 4


def test_12_credit_codes(tmp_path):
    titles = ["申报年度", "统一社会信用代码", *TITLES[2:]]
    codes = [
        "91110000600037341L",
        "911100006000373410",
        "91110000600037341",
        911100006000373411.0,
        "91110000600037341l",
    ]
    rows = [titles, *(firm(number, id=code, name="同") for number, code in enumerate(codes))]
    reading = check(read_table(book(tmp_path / "a.xlsx", {"表": rows})))
    assert not the(reading, "校验码不符，第 18 位应为「L」").refusal
    assert not the(reading, "这里是 17 位").refusal
    assert the(reading, "末几位已经丢失").refusal
    assert reading.population.enterprises["enterprise_id"].tolist() == codes[:3]


def test_13_counties(tmp_path):
    words = ["370812", 370881, "山东省济宁市任城区", "邹城", "衮州区", "市中区", "济宁市滕州市", "北京市"]
    rows = [TITLES, *(firm(number, county=word) for number, word in enumerate(words))]
    reading = check(read_table(book(tmp_path / "a.xlsx", {"表": rows})))
    assert reading.population.enterprises["county"].tolist() == ["yanzhou", "qufu", "rencheng", "zoucheng"]
    assert the(reading, "最接近的是：兖州区").value == "衮州区"
    assert the(reading, "2013").value == "市中区"
    assert the(reading, "不属于济宁市").value == "济宁市滕州市"
    assert the(reading, "填「其他地区」")


def test_14_formulas_without_values_and_error_cells(tmp_path):
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    for row in [TITLES, firm(1, "=50+50"), firm(2, 200), firm(3, "#N/A")]:
        sheet.append(row)
    workbook.save(tmp_path / "a.xlsx")
    reading = check(read_table(tmp_path / "a.xlsx"))
    assert (the(reading, "公式没有保存计算结果").cell, the(reading, "公式错误值").cell) == ("F2", "F4")
    assert list(amounts(reading)) == ["P2"]
    formulas = [("表", "F2", "=1/0", "#DIV/0!"), ("表", "F3", "=2*100", 200)]
    reading = check(read_table(book(tmp_path / "b.xlsx", {"表": [TITLES, firm(1), firm(2)]}, formulas=formulas)))
    assert the(reading, "公式错误值").value == "#DIV/0!"
    assert amounts(reading) == {"P2": 2e6}


def test_15_money_is_exact_or_refused(tmp_path):
    good = [0.000001, "0.000001", 1234.567891, 0.1 + 0.2, 19999.999999, "99999.999999", 1.1, "3."]
    bad = ["1.2345678", 1.2345678, -5, "(5)", "待定", "约500", "1,23,4", True, "五百", "1e-9", "100 200"]
    rows = [TITLES, *(firm(number, value) for number, value in enumerate(good + bad))]
    reading = check(read_table(book(tmp_path / "a.xlsx", {"表": rows})))
    expected = [0.01, 0.01, 12_345_678.91, 3000.0, 199_999_999.99, 999_999_999.99, 11_000.0, 30_000.0]
    assert reading.population.projects["equipment_investment"].tolist() == expected
    assert reading.rows_refused == len(bad)
    assert messages(reading).count("精确到了分以下") == 2
    assert messages(reading).count("不能为负数") == 1
    assert reading.totals[0].unreadable == len(bad)


def test_16_words_for_facts(tmp_path):
    titles = [*TITLES, "投入使用", "产业目录", "用地方式", "亩产效益评价", "是否梯队企业", "从业人员（人）"]
    rows = [
        titles,
        [*firm(1), "√", "鼓励类", "零土地", "A类", "是", "120人"],
        [*firm(2), "否", "允许", "普通", "b", "", 30],
    ]
    rows += [[*firm(3), "部分", "好", "地", "E类", "也许", 1.5]]
    reading = check(read_table(book(tmp_path / "a.xlsx", {"表": rows})))
    projects, firms = reading.population.projects, reading.population.enterprises
    assert projects["in_use"].tolist() == [True, False]
    assert projects["catalogue_category"].tolist() == ["encouraged", "permitted"]
    assert projects["project_type"].tolist() == ["zero_land", "ordinary"]
    assert firms["yield_per_mu_class"].tolist() == ["A", "B"]
    assert firms["tier_listed"].tolist() == [True, False]
    assert firms["employees"].tolist() == [120, 30]
    assert [problem.cell for problem in reading.problems if problem.row == 4] == ["G4", "H4", "I4", "J4", "K4", "L4"]


def test_17_several_years(tmp_path):
    rows = [TITLES, firm(1, 100), firm(2, 200, year="2020年"), firm(3, 300, year=""), firm(4, "坏", year=2020)]
    path = book(tmp_path / "a.xlsx", {"表": rows})
    reading = check(read_table(path))
    assert reading.population is None
    assert "2020 年 2 行、2021 年 1 行" in messages(reading, True)
    assert reading.rows_refused == 4
    reading = check(read_table(path, 2021))
    assert amounts(reading) == {"P1": 1e6}
    assert (reading.rows_other_years, reading.rows_refused) == (2, 1)
    assert "其他年度的行没有计入：2020 年 2 行" in messages(reading, False)
    assert (reading.totals[0].before, reading.totals[0].other_years, reading.totals[0].after) == (
        600_000_000,
        200_000_000,
        100_000_000,
    )
    assert "没有 2019 年度的数据" in messages(read_table(path, 2019))


def test_18_no_year_column(tmp_path):
    path = book(tmp_path / "a.xlsx", {"表": [TITLES[1:], firm(1)[1:]]})
    assert "没有「申报年度」列" in messages(check(read_table(path)))
    assert check(read_table(path, 2021)).population.year == 2021


def test_19_without_ids(tmp_path):
    titles = ["申报年度", "企业名称", "注册地", "设备投资额（万元）"]
    rows = [titles, [2021, "甲", "兖州", 1], [2021, "甲", "兖州", 2], ["2021", "", "兖州", 3]]
    reading = check(read_table(book(tmp_path / "a.xlsx", {"表": rows})))
    assert reading.population.projects["project_id"].tolist() == ["甲-1", "甲-2"]
    assert not the(reading, "用企业名称区分企业").refusal
    assert the(reading, "不知道是哪家企业").refusal


def test_20_repeated_headings_and_doubled_columns(tmp_path):
    rows = [TITLES, firm(1), TITLES, firm(2)]
    reading = check(read_table(book(tmp_path / "a.xlsx", {"表": rows})))
    assert len(reading.population) == 2 and the(reading, "重复的表头").row == 3
    rows = [[*TITLES, "设备购置额（元）"], [*firm(1), 7]]
    assert the(check(read_table(book(tmp_path / "b.xlsx", {"表": rows}))), "是同一项").refusal


def test_21_no_unit_and_blank_money_are_said(tmp_path):
    rows = [[title.replace("（万元）", "") for title in TITLES], firm(1, ""), firm(2, "-"), firm(3, 5)]
    reading = check(read_table(book(tmp_path / "a.xlsx", {"表": rows})))
    assert amounts(reading) == {"P1": 0, "P2": 0, "P3": 5}
    assert "没有写明金额单位，按「元」读取" in messages(reading)
    assert "有 1 个空白单元格，按 0 元读取" in messages(reading)
    assert "「-」按 0 读取" in messages(reading)


def test_22_defaults_follow_the_law_model(tmp_path):
    titles = [
        *TITLES,
        "项目累计设备投资额（万元）",
        "投入使用",
        "已投入使用的设备额（万元）",
        "项目年度的梯队企业",
        "梯队企业",
        "累计已投入使用的设备额（万元）",
    ]
    rows = [titles, [*firm(1, 10), "", "是", "", "", "是", ""], [*firm(2, 10), 30, "否", 5, "否", "是", 7]]
    reading = check(read_table(book(tmp_path / "a.xlsx", {"表": rows})))
    assert reading.population.projects["cumulative_equipment_investment"].tolist() == [100_000, 300_000]
    assert reading.population.projects["equipment_in_use"].tolist() == [100_000, 50_000]
    assert reading.population.projects["cumulative_equipment_in_use"].tolist() == [100_000, 70_000]
    said = messages(reading, False)
    assert "这一列有 1 个空白单元格，取同一行的「设备投资额」。" in said
    assert "这一列有 1 个空白单元格，取同一行的「已投入使用的设备额」。" in said
    assert "这一列有 1 个空白单元格，「设备投入使用」为「是」的取全部设备，其余按 0 元读取。" in said
    assert reading.population.enterprises["tier_listed_project_year"].tolist() == [True, False]


def test_23_amounts_with_vat(tmp_path):
    titles = [*TITLES[:5], "设备投资额（含税，万元）", "设备发票税额（万元）"]
    rows = [titles, [*firm(1, 113), 13], [*firm(2, 113), ""]]
    reading = check(read_table(book(tmp_path / "a.xlsx", {"表": rows})))
    assert amounts(reading) == {"P1": 1_000_000}
    assert the(reading, "不知道其中的税额").row == 3
    plain = book(tmp_path / "b.xlsx", {"表": [TITLES, firm(1)]})
    assert check(read_table(plain)).exit_status == 0
    assert "金额含税" in messages(check(read_table(plain, gross=True)))
    said = book(tmp_path / "c.xlsx", {"表": [[*TITLES[:5], "设备投资额（万元，不含税）"], firm(1)]})
    assert check(read_table(said, gross=True)).exit_status == 0


def test_24_xls_and_ods(tmp_path):
    rows = [TITLES, firm(1, 100), ["", "", "", "", "P2", 200]]
    workbook = xlwt.Workbook()
    sheet = workbook.add_sheet("表")
    for number, row in enumerate(rows):
        for column, value in enumerate(row):
            if value != "" and not (number == 1 and column < 4):
                sheet.write(number, column, value)
    for column in range(4):
        sheet.write_merge(1, 2, column, column, rows[1][column])
    workbook.save(str(tmp_path / "a.xls"))
    assert amounts(check(read_table(tmp_path / "a.xls"))) == {"P1": 1e6, "P2": 2e6}
    document = OpenDocumentSpreadsheet()
    table = Table(name="表")
    for row in [TITLES, firm(1, 100)]:
        line = TableRow()
        for value in row:
            kind = {"valuetype": "string"} if isinstance(value, str) else {"valuetype": "float", "value": value}
            cell = TableCell(**kind)
            cell.addElement(P(text=str(value)))
            line.addElement(cell)
        table.addElement(line)
    document.spreadsheet.addElement(table)
    document.save(str(tmp_path / "a.ods"))
    assert amounts(check(read_table(tmp_path / "a.ods"))) == {"P1": 1e6}


ENCODINGS = [("utf-8", ","), ("utf-8-sig", ","), ("gb18030", ","), ("utf-16", "\t"), ("gb18030", "\t"), ("utf-8", ";")]


@pytest.mark.parametrize(("encoding", "separator"), ENCODINGS)
def test_25_csv_encodings_give_the_same_population(tmp_path, encoding, separator):
    rows = [TITLES, firm(1, "100.5", name="喆堃㙍"), firm(2, 200), [], firm(3, "坏")]
    reading = check(read_table(csv_file(tmp_path / "表.csv", rows, encoding, separator)))
    assert amounts(reading) == {"P1": 1_005_000, "P2": 2_000_000}
    assert reading.population.enterprises["enterprise_name"][0] == "喆堃㙍"
    assert (the(reading, "不是数字").row, the(reading, "不是数字").sheet) == (5, "表")
    same = check(read_table(book(tmp_path / "a.xlsx", {"表": rows}))).population
    assert same.content_hash() == reading.population.content_hash()


def test_26_csv_with_quotes(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(
        ",".join(TITLES) + '\n2021,"=""00123""","甲\n厂",兖州区,P1,"1,000.50"\n2021,\'00124,乙,兖州区,P2,x\n', "utf-8"
    )
    reading = check(read_table(path))
    assert reading.population.enterprises["enterprise_id"].tolist() == ["00123"]
    assert amounts(reading) == {"P1": 10_005_000.0}
    assert the(reading, "不是数字").row == 3


def test_27_all_problems_at_once_and_each_says_what_to_do(tmp_path):
    rows = [TITLES, firm(1, "x", county="火星", year="今年"), firm(2, -1), firm(2, 5)]
    reading = check(read_table(book(tmp_path / "a.xlsx", {"表": rows})))
    refusals = [problem for problem in reading.problems if problem.refusal]
    assert [problem.cell for problem in refusals] == ["A2", "D2", "F2", "E3", "F3", "E4"]
    for problem in refusals:
        assert problem.sheet == "表" and problem.column and problem.value and "请" in problem.message
    assert reading.population is None and reading.exit_status == 1
