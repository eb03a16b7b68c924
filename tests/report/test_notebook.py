"""Tables as notebooks show them: money in 万元, names escaped, what is left out is said."""

from __future__ import annotations

import pandas
import pytest

from openfisca_jining.analysis.budget import LEDGER, budget
from openfisca_jining.population.example import example, example_reading
from openfisca_jining.report.notebook import funds_sheet, ledger_sheet, pick, sheet_html
from openfisca_jining.report.workbook import Sheet


def test_money_shares_and_counts_are_shown_as_the_workbook_shows_them():
    table = pandas.DataFrame({"企业": ["甲<乙"], "实付": [1_234_567.89], "占比": [0.125], "家数": [12_345]})
    html = Sheet("表", "标题", table, "说明", {"占比": "share"})._repr_html_()
    for shown in ("甲&lt;乙", ">123.46<", ">12.50%<", ">12,345<", "标题", "说明"):
        assert shown in html


def test_long_tables_say_how_many_rows_there_are_and_missing_numbers_stay_blank():
    html = sheet_html(Sheet("表", "标题", pandas.DataFrame({"数": [1.0, float("nan"), 3.0]})), rows=2)
    assert html.count("<tr>") == 3 and "nan" not in html
    assert "共 3 行，这里是前 2 行。" in html


def test_the_ledger_sheet_adds_up_and_the_pools_are_named(system):
    result = budget(example(), system)
    rows = ledger_sheet(result, "payer").table
    assert list(rows.columns) == ["付款财政", *LEDGER.values()]
    assert rows.iloc[-1]["付款财政"] == "合计" and rows.iloc[-1]["实付"] == result.total
    assert "济宁 2020 工业发展专项资金" in funds_sheet(result)._repr_html_()


def test_sheets_are_picked_by_name_in_the_order_asked_for():
    sheets = [Sheet(name, name, pandas.DataFrame()) for name in "甲乙丙"]
    assert [sheet.name for sheet in pick(sheets, "丙", "甲")] == ["丙", "甲"]
    with pytest.raises(KeyError):
        pick(sheets, "丁")


def test_the_bundled_table_is_marked_as_made_up_and_has_2021_only():
    assert example().synthetic and "虚构" in example().source
    assert example_reading(2019).population is None
