"""The invoice sheet: sums to the fen, credit notes, invoices claimed twice, amounts that invoices don't support."""

from __future__ import annotations

import pytest
from tables import TITLES, book, firm, messages

from openfisca_jining.population.columns import COLUMNS
from openfisca_jining.population.read import read_table

BILLS = ["企业编号", "项目编号", "发票号码", "开票日期", "金额", "税额", "价税合计", "类别", "投入使用日期"]


def bill(
    number, net, tax=None, project="P1", firm_id="E1", date="2021-03-05", kind="设备", used="2021-06-01", **others
):
    tax = round(net * 0.13, 2) if tax is None else tax
    return [firm_id, project, number, date, net, tax, others.get("gross", round(net + tax, 2)), kind, used]


def read(tmp_path, rows, bills, titles=TITLES, bill_titles=BILLS, year=None, **options):
    path = book(tmp_path / "a.xlsx", {"申报表": [titles, *rows], "发票明细": [bill_titles, *bills]})
    reading = read_table(path, year, **options)
    assert reading.balances and reading.invoices is not None and reading.invoices.balances
    return reading


def test_amounts_add_up_by_kind_and_year(tmp_path):
    bills = [
        bill("1", 0.1),
        bill("2", 0.2, kind="机器人"),
        bill("3", 1000.37, kind="特种机器人"),
        bill("4", 5, kind="非生产性"),
    ]
    bills += [bill("5", 70, kind="软件"), bill("6", 900, date="2019-05-01", used=""), bill("7", 3, date="2022-01-01")]
    reading = read(tmp_path, [firm(1, "")], bills)
    project = reading.population.projects.iloc[0]
    assert project["equipment_investment"] == 1005.67
    assert project["robot_investment"] == 0.2
    assert project["special_robot_investment"] == 1000.37
    assert project["nonproductive_equipment"] == 5
    assert project["informatisation_investment"] == 70
    assert project["cumulative_equipment_investment"] == 1905.67
    assert project["equipment_vat"] == 0.01 + 0.03 + 130.05 + 0.65
    assert project["equipment_in_use"] == project["cumulative_equipment_in_use"] == 1000.67
    assert not project["in_use"]
    assert str(project["invoice_date"])[:10] == "2021-03-05"
    assert "按发票明细填入 1,005.67 元" in messages(reading, False)
    assert "没有计入" in messages(reading, False)
    count = reading.invoices
    assert (count.rows_read, count.rows_used, count.rows_outside) == (7, 6, 1)
    total = next(total for total in reading.totals if total.name == "equipment_investment")
    assert (total.before, total.adjusted, total.after) == (0, 100_567, 100_567)


def test_equipment_of_earlier_years_that_is_not_productive_is_no_productive_equipment(tmp_path, system):
    """Zero land counts the invoices of all years (五（十八）第2段第1句「生产性设备」)."""
    bills = [bill("1", 3_000_000, date="2020-05-05", kind="非生产性", used="2020-06-01"), bill("2", 8_000_000)]
    titles = [*TITLES, *(COLUMNS[name].label for name in ("project_type", "catalogue_category"))]
    reading = read(tmp_path, [[*firm(1, "", county="任城区"), "零土地", "鼓励类"]], bills, titles)
    project = reading.population.projects.iloc[0]
    assert project["cumulative_equipment_investment"] == 11_000_000
    assert project["cumulative_nonproductive_equipment"] == 3_000_000
    assert project["nonproductive_equipment"] == 0
    said = f"没有填写「{COLUMNS['cumulative_nonproductive_equipment'].label}」，按发票明细填入 3,000,000.00 元"
    assert said in messages(reading, False)
    simulation = reading.population.simulation(system)
    assert simulation.calculate("jining_2017_equipment__productive", 2021).tolist() == [8_000_000]
    assert simulation.calculate("jining_2017_equipment__uncapped", 2021).tolist() == [0]


def test_equipment_of_earlier_years_in_use_does_not_stand_in_for_the_years(tmp_path, system):
    """「当年内设备投资额」: an ordinary project is paid for the year's invoices, so those are what must be in use."""
    titles = [*TITLES, *(COLUMNS[name].label for name in ("project_type", "catalogue_category"))]
    rows = [
        [*firm(number, "", county="任城区"), kind, "鼓励类"]
        for number, kind in enumerate(("普通", "零土地", "普通"), 1)
    ]
    bills = []
    for row in (1, 2, 3):
        mine = {"project": f"P{row}", "firm_id": f"E{row}"}
        bills += [bill(f"a{row}", 20_000_000, date="2020-05-05", used="2020-06-01", **mine)]
        bills += [
            bill(f"b{row}", 15_000_000, used="" if row < 3 else "2021-06-01", **mine),
            bill(f"c{row}", 5_000_000, **mine),
        ]
    reading = read(tmp_path, rows, bills, titles)
    projects = reading.population.projects
    assert projects["equipment_in_use"].tolist() == [5_000_000, 5_000_000, 20_000_000]
    assert projects["cumulative_equipment_in_use"].tolist() == [25_000_000, 25_000_000, 40_000_000]
    simulation = reading.population.simulation(system)
    assert simulation.calculate("jining_2017_equipment__uncapped", 2021).tolist() == [0, 0, 600_000]


def test_equipment_that_is_not_productive_need_not_be_in_use(tmp_path, system):
    """「购置的生产性设备投入使用后」."""
    titles = [*TITLES, *(COLUMNS[name].label for name in ("project_type", "catalogue_category"))]
    rows = [[*firm(number, "", county="任城区"), "普通", "鼓励类"] for number in (1, 2)]
    bills = [bill("1", 22_000_000), bill("2", 3_000_000, kind="非生产性", used="")]
    other = {"project": "P2", "firm_id": "E2"}
    bills += [bill("3", 22_000_000, **other), bill("4", 3_000_000, used="", **other)]
    reading = read(tmp_path, rows, bills, titles)
    assert reading.population.projects["in_use"].tolist() == [True, False]
    assert reading.population.projects["equipment_in_use"].tolist() == [22_000_000, 22_000_000]
    simulation = reading.population.simulation(system)
    assert simulation.calculate("jining_2017_equipment__uncapped", 2021).tolist() == [660_000, 0]


def test_what_is_in_use_is_checked_where_invoices_do_not_say(tmp_path):
    names = ("in_use", "equipment_in_use")
    titles = [*TITLES, *(COLUMNS[name].label + "（元）" * (COLUMNS[name].kind == "money") for name in names)]
    reading = read(tmp_path, [[*firm(1, ""), "是", 4]], [bill("1", 5)[:-1]], titles, BILLS[:-1])
    assert "4.00 元，小于「设备投资额」5.00 元，而「设备投入使用」填「是」" in messages(reading, True)


def test_stated_amounts_must_be_supported(tmp_path):
    rows = [firm(1, 0.1), firm(2, 0.2), firm(3, 5)]
    bills = [bill("1", 1000), bill("2", 1999.99, project="P2", firm_id="E2")]
    reading = read(tmp_path, rows, bills)
    assert reading.population.projects["project_id"].tolist() == ["P1"]
    assert "填报 2,000.00 元，发票不含税金额合计 1,999.99 元" in messages(reading, True)
    assert "填报 50,000.00 元，发票不含税金额合计 0.00 元" in messages(reading, True)


def test_gross_compares_with_tax_and_the_population_stays_net(tmp_path):
    reading = read(
        tmp_path,
        [firm(1, 0.113), firm(2, 0.1)],
        [bill("1", 1000), bill("2", 1000, project="P2", firm_id="E2")],
        gross=True,
    )
    assert reading.population.projects["equipment_investment"].tolist() == [1000]
    assert reading.population.projects["equipment_vat"].tolist() == [130]
    assert "发票价税合计 1,130.00 元" in messages(reading, True)
    total = next(total for total in reading.totals if total.name == "equipment_investment")
    assert (total.before, total.refused, total.adjusted, total.after) == (213_000, 100_000, -13_000, 100_000)


def test_credit_notes_net_against_their_originals(tmp_path):
    bills = [
        bill("1", 1000),
        bill("2", 500),
        bill("3", 200, kind="机器人"),
        bill("9", -400, date="2022-02-01"),
        bill("1", -100),
    ]
    titles = [*BILLS, "原发票号码"]
    bills = [[*row, "2" if row[2] == "9" else ""] for row in bills]
    bills.append([*bill("8", -200), ""])
    reading = read(tmp_path, [firm(1, "")], bills, bill_titles=titles)
    project = reading.population.projects.iloc[0]
    assert project["equipment_investment"] == 1000
    assert project["robot_investment"] == 0
    assert "按金额冲销同一项目第 4 行的发票「3」" in messages(reading, False)


def test_credit_notes_without_original_or_too_large(tmp_path):
    reading = read(tmp_path, [firm(1, "")], [bill("1", 1000), bill("9", -300)])
    assert reading.population is None and "找不到它冲销的蓝字发票" in messages(reading, True)
    reading = read(tmp_path, [firm(1, "")], [bill("1", 1000), bill("1", -1000.01, -130)])
    assert reading.population is None and "冲销的金额超过" in messages(reading, True)


def test_tax_below_nought_is_reported_where_it_stands(tmp_path):
    bills = [bill("1", 500, project="P2", firm_id="E2"), bill("2", 0, -1)]
    reading = read(tmp_path, [firm(1, ""), firm(2, "")], bills)
    (problem,) = [one for one in reading.problems if "合计为负数" in one.message]
    assert (problem.row, problem.cell, problem.refusal) == (3, "F3", True)
    assert problem.message == "「设备发票税额」的发票冲红以后合计为负数（-1.00 元）。请核对红字发票。"
    assert reading.population.projects["project_id"].tolist() == ["P2"]
    titles = [title for title in BILLS if title != "税额"]
    reading = read(tmp_path, [firm(1, "")], [[*bills[1][:5], *bills[1][6:]]], bill_titles=titles)
    assert reading.population is None and "合计为负数（-1.00 元）" in messages(reading, True)


def test_an_invoice_claimed_twice_is_reported_first(tmp_path):
    rows = [firm(1, "坏"), firm(2, ""), firm(3, ""), firm(4, "")]
    bills = [
        bill("77", 10, project="P2", firm_id="E2"),
        bill("77", 10, project="P3", firm_id="E3"),
        bill("5", 1, project="P4", firm_id="E4"),
    ]
    reading = read(tmp_path, rows, bills)
    assert [problem.message[:6] for problem in reading.problems[:2]] == ["发票重复申报"] * 2
    assert "整个项目没有计入" in "".join(problem.message for problem in reading.problems if problem.row == 3)
    assert "由 2 家企业（E2、E3）申报" in reading.problems[0].message
    assert reading.population.projects["project_id"].tolist() == ["P4"]
    reading = read(tmp_path, [firm(1, "")], [bill("77", 10), bill("77", 10, kind="软件")])
    assert "项目「P1」申报了 2 次" in reading.problems[0].message and reading.population is None


def test_wrong_invoice_rows_take_their_project_with_them(tmp_path):
    rows = [firm(number, "") for number in range(1, 8)]
    bills = [
        bill("1", 10, gross=12),
        bill("2", 10, project="P2", firm_id="E2", kind="飞机"),
        bill("3", 10, project="P3", firm_id="E3", date=""),
        bill("", 10, project="P4", firm_id="E4"),
        bill("5", 10, project="P5", firm_id="E6"),
        bill("6", 10, project="没有", firm_id="E6"),
        bill("7", 10, project="", firm_id="E7"),
        bill(12345678901234567890.0, 10, project="P6", firm_id="E6"),
    ]
    reading = read(tmp_path, rows, bills)
    text = messages(reading, True)
    for part in (
        "金额与税额之和不等于价税合计",
        "没有这个类别",
        "开票日期是空的",
        "发票号码是空的",
        "在申报表里属于企业「E5」",
    ):
        assert part in text
    assert "发票无处可记" in text and "末几位已经丢失" in text
    assert "该企业只有一个项目，记到「P7」" in messages(reading, False)
    assert reading.population.projects["project_id"].tolist() == ["P7"]


def test_any_two_of_the_three_amounts_do(tmp_path):
    bills = [bill("1", 10), bill("2", 20), bill("3", 30), bill("4", 40)]
    bills[0][6], bills[1][5], bills[2][4] = "", "", ""
    reading = read(tmp_path, [firm(1, "")], bills)
    assert reading.population.projects["equipment_investment"].tolist() == [100]
    assert reading.population.projects["equipment_vat"].tolist() == [13]
    bills[3][4] = bills[3][5] = ""
    assert "至少要填两项" in messages(read(tmp_path, [firm(1, "")], bills), True)


def test_invoices_of_other_years_and_use(tmp_path):
    titles = [*TITLES, "投入使用"]
    rows = [[*firm(1, ""), "是"], [*firm(2, "", year=2020), "是"]]
    bills = [bill("1", 10, used="2022-01-01"), bill("2", 10, project="P2", firm_id="E2")]
    reading = read(tmp_path, rows, bills, titles=titles, year=2021)
    assert "属于其他申报年度" in messages(reading, False)
    assert "显示并非全部投入使用" in messages(reading, False)
    assert reading.population.projects["equipment_in_use"].tolist() == [0]


def test_empty_invoice_sheet_counts_as_none(tmp_path):
    path = book(tmp_path / "a.xlsx", {"申报表": [TITLES, firm(1)], "发票明细": [BILLS]})
    reading = read_table(path)
    assert reading.invoices is None and reading.exit_status == 0


def test_software_of_another_year_does_not_count(tmp_path):
    reading = read(tmp_path, [firm(1, "")], [bill("1", 70), bill("2", 30, kind="软件", date="2020-05-01")])
    assert "原值「2020-05-01」：软件发票不是 2021 年开具的，没有计入本年度的信息化投资。" in messages(reading, False)
    assert reading.population.projects["informatisation_investment"].tolist() == [0]


@pytest.mark.parametrize(
    ("faulty", "words"),
    [
        (bill("2", 30, date="2021-02-30"), "（D3）：原值「2021-02-30」：没有这一天。请核对年、月、日。"),
        (bill("2", 30, kind="#N/A"), "（H3）：原值「#N/A」：单元格是公式错误值"),
        (bill("2", 30, kind="食堂"), "（H3）：原值「食堂」：没有这个类别。请从这些里选：设备"),
        (bill("2", 30, -3.9), "（F3）：原值「-3.9」：金额和税额一正一负。红字发票两项都应为负数，请核对。"),
    ],
)
def test_a_faulty_cell_of_an_invoice_is_said_once_and_takes_its_project_along(tmp_path, faulty, words):
    others = [bill("9", 50, project="P2", firm_id="E2")]
    reading = read(tmp_path, [firm(1, ""), firm(2, "")], [bill("1", 70), faulty, *others])
    project, invoice = messages(reading, True).split("\n")
    assert words in invoice and "第 3 行" in invoice
    assert "（见「发票明细」第 3 行），整个项目没有计入" in project
    assert reading.population.projects["project_id"].tolist() == ["P2"]


def test_one_enterprise_may_not_claim_an_invoice_for_two_projects(tmp_path):
    rows = [firm(1, ""), firm(1, "", project="P9")]
    reading = read(tmp_path, rows, [bill("7", 70), bill("7", 70, project="P9")])
    assert "发票号码「7」由企业「E1」的几个项目（P1、P9）申报（第 2 行、第 3 行）" in messages(reading, True)
    assert reading.population is None


def test_a_credit_note_falls_with_its_original(tmp_path):
    bills = [bill("1", 70, gross=80), bill("2", -70)]
    reading = read(tmp_path, [firm(1, "")], [*bills])
    assert (reading.invoices.rows_refused, reading.invoices.rows_used) == (2, 0)
    assert "金额与税额之和不等于价税合计" in messages(reading, True)


def test_use_and_dates_that_the_table_states_itself_stand_without_a_remark(tmp_path):
    titles = [*TITLES, "设备投入使用", COLUMNS["invoice_date"].label]
    reading = read(tmp_path, [[*firm(1, ""), "是", "2021-04-01"]], [bill("1", 70)], titles)
    assert reading.population.projects["in_use"].tolist() == [True]
    assert str(reading.population.projects["invoice_date"][0])[:10] == "2021-04-01"
    assert "投入使用日期" not in messages(reading)


def test_the_cumulative_amount_is_remarked_only_where_it_is_more_than_the_years(tmp_path):
    older = bill("2", 30, date="2019-05-01")
    said = f"没有填写「{COLUMNS['cumulative_equipment_investment'].label}」，按发票明细填入"
    assert said not in messages(read(tmp_path, [firm(1, "")], [bill("1", 70)]))
    assert f"{said} 100.00 元" in messages(read(tmp_path, [firm(1, "")], [bill("1", 70), older]))


def test_an_amount_in_use_with_vat_needs_the_dates_of_use(tmp_path):
    titles = [*TITLES, COLUMNS["equipment_in_use"].label + "（元）"]
    bills = [bill("1", 70)[:-1]]
    reading = read(tmp_path, [[*firm(1, ""), 79.1]], bills, titles, BILLS[:-1], gross=True)
    assert "金额含税，但不知道其中的税额，无法换算为不含税金额。请改填不含税金额" in messages(reading, True)
