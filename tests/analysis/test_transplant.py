"""One document on another place's enterprises: amounts by hand, what has no counterpart, and at its own place no change."""

from __future__ import annotations

import dataclasses
import json

import pandas
import pytest
from copied import assert_copied

from openfisca_jining.analysis.budget import budget
from openfisca_jining.analysis.transplant import stated, transplant
from openfisca_jining.cli import main
from openfisca_jining.commands.transplant import date_lines, report
from openfisca_jining.errors import BadFact, UnknownParameter
from openfisca_jining.population import Population
from openfisca_jining.population.example import example as bundled
from openfisca_jining.population.synthetic import synthesise
from openfisca_jining.reforming import reformed


def population(*enterprises, year=2021):
    """A population of (facts of the enterprise, facts of its one project)."""
    firms = [{"enterprise_id": f"e{number}"} | facts for number, (facts, _) in enumerate(enterprises, start=1)]
    projects = [
        {"project_id": f"p{number}", "enterprise_id": f"e{number}"} | facts
        for number, (_, facts) in enumerate(enterprises, start=1)
    ]
    return Population(year, pandas.DataFrame(projects), pandas.DataFrame(firms), "手算")


def jining(county="rencheng", equipment=50_000_000.0, category="encouraged", **facts):
    own = {name: facts.pop(name) for name in ("yield_per_mu_class", "employees", "revenue", "weight") if name in facts}
    project = {"equipment_investment": equipment, "catalogue_category": category, "in_use": True}
    return {"county": county} | own, project | facts


def amounts(result):
    rows = result.enterprises
    return {
        name: (home, after)
        for name, home, after in zip(rows["enterprise_id"], rows["home"], rows["after"], strict=True)
    }


# ----- amounts -----


def test_zaozhuangs_rules_on_a_jining_enterprise(system):
    # 本地：50,000,000 x 3 % = 1,500,000；枣庄：10 %，没有写明限额 = 5,000,000，另有利息 348,000 的一半
    result = transplant(population(jining(loan_interest_paid=348_000.0)), system, "zaozhuang_2020", "济宁市")
    assert amounts(result) == {"e1": (1_500_000, 5_174_000)}
    assert result.counts() == {"gain": 1, "lose": 0, "same": 0}
    by_kind = result.by_kind()["difference"].to_dict()
    assert by_kind == {"设备补助/设备奖补": 3_500_000, "贷款贴息": 174_000}
    assert result.relabelled == 1
    assert result.terms.query("side == '移入后' and term == '限额'")["amount"].isna().all()
    assert "技术改造设备奖补：单个企业最高" in set(result.unstated["label"])


def test_terms_that_are_supplied_bind(system):
    terms = ["equipment.minimum_investment=5000000", "equipment.cap_per_enterprise=2000000"]
    law = reformed(
        system,
        readings=["zaozhuang_2020.equipment_grant_terms=supplied_terms"],
        supply=[f"zaozhuang_2020.{term}" for term in terms],
    )
    claims = population(jining(), jining(equipment=4_999_999.99))
    result = transplant(claims, law, "zaozhuang_2020", "济宁市")
    # 5,000,000 封顶到 2,000,000；第二家本地够不到 20,000,000 的门槛，移入后差一分
    assert amounts(result) == {"e1": (1_500_000, 2_000_000), "e2": (0, 0)}
    cap = result.terms.query("side == '移入后' and term == '限额' and instrument == '枣庄 2020 设备奖补'")
    assert cap["amount"].tolist() == [2_000_000]


def test_a_district_document_on_another_district_leaves_the_citys_in_force(system):
    claims = population(
        jining("weishan", 8_000_000.0, "permitted", yield_per_mu_class="A"),  # 区级 8,000,000 x (3 + 1) % = 320,000
        jining("weishan", 30_000_000.0, yield_per_mu_class="B"),  # 市级 900,000，区级也是 900,000：不放弃市级
        jining("weishan", 30_000_000.0, yield_per_mu_class="A"),  # 区级 1,200,000，限额 1,000,000：放弃市级 900,000
        jining("rencheng", 30_000_000.0, yield_per_mu_class="A"),  # 不在微山县
    )
    result = transplant(claims, system, "yanzhou_2020", "微山县")
    assert amounts(result) == {"e1": (0, 320_000), "e2": (900_000, 900_000), "e3": (900_000, 1_000_000)}
    rows = result.instruments.set_index("instrument")
    assert rows.loc["济宁 2017 设备补助", ["home", "after"]].tolist() == [1_800_000, 900_000]
    assert rows.loc["兖州 2020 设备奖补", ["home", "after"]].tolist() == [0, 1_320_000]
    assert set(result.kinds.loc[result.kinds["note"] == "本地没有同类", "kind"]) == {"信息化提升奖补", "共同体奖补份额"}


def test_only_the_document_itself_is_moved(system):
    county, project = jining("tengzhou", 30_000_000.0)
    claims = population((county, project | {"special_fund_claim": 1_000_000.0}))
    # 枣庄 30,000,000 x 10 %；济宁 2017 3 %。专项资金的其他申请是济宁 2020 的，不随 2017 年意见移入
    assert amounts(transplant(claims, system, "jining_2017", "枣庄市")) == {"e1": (3_000_000, 900_000)}
    assert amounts(transplant(claims, system, "jining_2020", "枣庄市")) == {"e1": (3_000_000, 1_000_000)}


def test_pools_are_left_out_unless_asked_for(system):
    award = {"development_zone": 1, "major_project": True, "assessed_award": 30_000_000.0}
    county, project = jining("tengzhou", 1_000_000.0)
    claims = population((county, project | award))
    before = transplant(claims, system, "jining_2017", "枣庄市")
    after = transplant(claims, system, "jining_2017", "枣庄市", pools=True)
    assert before.enterprises["after"].tolist() == [30_000_000]
    assert after.enterprises["after"].tolist() == [20_000_000]  # 开发区每年 2000 万元
    pool = before.terms.query("side == '移入后' and instrument == '济宁 2017 开发区重大项目奖励'")
    assert pool["amount"].tolist() == [20_000_000] and "未计入" in pool["note"].iloc[0]


def test_a_sample_weight_stands_for_that_many_enterprises(system):
    result = transplant(population(jining(weight=2.5)), system, "zaozhuang_2020", "济宁市")
    assert amounts(result) == {"e1": (3_750_000, 12_500_000)}


@pytest.fixture(scope="module")
def example():
    return bundled()


OWN = [("jining_2017", "济宁市"), ("jining_2017", "微山县"), ("jining_2020", "济宁市"), ("yanzhou_2020", "兖州区")]


@pytest.mark.parametrize(("document", "place"), [*OWN, ("zaozhuang_2020", "枣庄市"), ("zaozhuang_2020", "滕州市")])
def test_at_its_own_place_a_document_changes_nothing(system, example, document, place):
    for claims in (example, synthesise(2021, seed=2)):
        for pools in (False, True):
            result = transplant(claims, system, document, place, pools=pools)
            assert result.relabelled == 0 and result.left_out.empty
            assert (result.enterprises["difference"] == 0).all()
            assert (result.instruments["difference"] == 0).all()
            assert set(result.kinds["note"]) == {"两边都有"}


def test_at_home_and_after_pools_the_total_is_the_budget(system, example):
    parts = [transplant(example, system, "zaozhuang_2020", city, pools=True) for city in ("济宁市", "枣庄市")]
    assert round(sum(part.total("home") for part in parts), 2) == round(budget(example, system).total, 2)
    by_size = parts[0].by("enterprise_size")
    assert round(by_size["after"].sum(), 2) == parts[0].total("after")
    assert by_size[["gain", "lose", "same"]].sum().sum() == len(parts[0].enterprises)


# ----- what has no counterpart -----


def test_a_fact_that_nobody_states_is_named_with_what_the_model_takes(system):
    result = transplant(population(jining(), jining("weishan")), system, "zaozhuang_2020", "济宁市")
    row = result.facts.set_index("fact").loc["serves_listed_purpose"]
    assert (row["unstated"], row["of"], row["taken"]) == (2, 2, "缺省：是。")
    assert "枣庄 2020 设备奖补" in row["instruments"] and "改造方向" in row["asked"]
    assert result.facts.set_index("fact").loc["loan_interest_paid", "taken"] == "缺省：0。"
    claims = population(jining(serves_listed_purpose=True), jining("weishan", serves_listed_purpose=None))
    result = transplant(claims, system, "zaozhuang_2020", "济宁市", assume={"serves_listed_purpose": "否"})
    assert_copied(result, result.enterprises)
    assert result.enterprises["after"].tolist() == [5_000_000, 0]  # 只替没有填的那一家假定
    assert result.assumed.to_numpy().tolist() == [["serves_listed_purpose", "属于列明的改造方向", "否", 1]]
    assert "serves_listed_purpose" not in set(result.facts["fact"])


def test_enterprises_without_a_fact_that_decides_money_are_left_out_and_the_others_computed(system):
    claims = population(
        ({"county": "tengzhou"}, {"equipment_investment": 30_000_000.0, "catalogue_category": "encouraged"}),
        ({"county": "xuecheng"}, {"loan_interest_paid": 100_000.0}),
        jining("tengzhou", 30_000_000.0),
    )
    result = transplant(claims, system, "jining_2017", "枣庄市")
    assert amounts(result) == {"e2": (50_000, 0), "e3": (3_000_000, 900_000)}
    assert result.left_out[["enterprise_id", "county", "home", "fact"]].to_numpy().tolist() == [
        ["e1", "滕州市", 3_000_000, "in_use"]
    ]
    assert "设备投入使用" in result.left_out["reason"].iloc[0]
    row = result.facts.set_index("fact").loc["in_use"]
    assert (row["unstated"], row["of"]) == (1, 3) and "没有计算" in row["taken"]
    supplied = transplant(claims, system, "jining_2017", "枣庄市", assume={"in_use": True})
    assert supplied.left_out.empty
    assert amounts(supplied)["e1"] == (3_000_000, 900_000)


def test_everybody_may_have_to_be_left_out(system):
    result = transplant(population(jining("weishan"), jining("qufu")), system, "yanzhou_2020", "济宁市")
    assert result.left_out["fact"].tolist() == ["yield_per_mu_class"] * 2
    assert (len(result.enterprises), result.total("home"), result.total("after")) == (0, 0, 0)
    assert json.loads(json.dumps(result.to_json(), ensure_ascii=False))["counts"] == {"gain": 0, "lose": 0, "same": 0}
    assert report(result).endswith(
        "没有计算的 2 家（e1、e2，本地 300.00 万元）：没有填「亩产效益评价」，它决定金额，没有可用的缺省值。可用 --assume 假定。"
    )


def test_facts_that_contradict_each_other_under_the_document_leave_out_only_who_states_them(system):
    bad = jining("tengzhou", 3_000_000.0, yield_per_mu_class="B", robot_investment=4_000_000.0)
    claims = population(bad, jining("tengzhou", 8_000_000.0, yield_per_mu_class="B", robot_investment=0.0))
    result = transplant(claims, system, "yanzhou_2020", "滕州市")
    assert amounts(result) == {"e2": (800_000, 240_000)}
    assert result.left_out["fact"].tolist() == ["robot_investment"]
    assert result.left_out["reason"].iloc[0].startswith("「机器人投资额」大于设备投资额")


def test_consortium_partners_are_left_out_together(system):
    facts = {"yield_per_mu_class": "B", "consortium_id": "k", "in_use": True, "catalogue_category": "permitted"}
    claims = population(
        jining("tengzhou", 4_000_000.0, employees=100, revenue=1e8, **facts),
        jining("tengzhou", 4_000_000.0, employees=None, revenue=1e8, **facts),
        jining("tengzhou", 8_000_000.0, employees=None, revenue=None, **(facts | {"consortium_id": ""})),
    )
    result = transplant(claims, system, "yanzhou_2020", "枣庄市")
    assert amounts(result) == {"e3": (800_000, 240_000)}
    assert result.left_out["enterprise_id"].tolist() == ["e1", "e2"]
    assert [reason[:4] for reason in result.left_out["reason"]] == ["同一共同", "没有填「"]


def test_instruments_are_matched_by_kind(system, example):
    kinds = transplant(example, system, "zaozhuang_2020", "济宁市").kinds.set_index("kind")
    assert kinds.loc["设备补助/设备奖补"].tolist() == [
        "济宁 2017 设备补助、兖州 2020 设备奖补",
        "枣庄 2020 设备奖补",
        "两边都有",
    ]
    assert kinds.loc["贷款贴息", "note"] == "本地没有同类"
    alone = set(kinds.index[kinds["note"] == "移入后没有同类"])
    assert alone >= {
        "机器人奖励/机器人奖补",
        "特种机器人奖励",
        "信息化提升奖补",
        "共同体奖补份额",
        "开发区重大项目奖励",
    }


# ----- dates -----


def test_claims_outside_the_validity_are_counted_and_can_be_moved_into_it(system):
    claims = population(jining(application_date=pandas.Timestamp("2019-05-01")), year=2019)
    result = transplant(claims, system, "zaozhuang_2020", "济宁市")
    assert amounts(result) == {"e1": (1_500_000, 0)}
    assert result.dates == {"windows": [], "projects": 1, "enterprises": 1, "moved_to": None}
    moved = transplant(claims, system, "zaozhuang_2020", "济宁市", date="2020-03-12")
    assert (moved.year, amounts(moved)) == (2020, {"e1": (1_500_000, 5_000_000)})
    assert moved.dates["projects"] == 0
    assert date_lines(result) == [
        "枣庄 2020 在 2019 年的执行期：无。",
        "1 个项目（1 家企业）的申报日期不在执行期内，按该文件没有补助；可用 --date 移到执行期内。",
    ]
    assert date_lines(moved) == [
        "申报日期都移到 2020-03-12。",
        "本地按 2019 年的政策，移入后按 2020 年的政策。",
        "枣庄 2020 在 2020 年的执行期：2020-03-12 至 2020-12-31。",
    ]
    for day, words in (
        ("2020-03-11", "不在枣庄 2020 的执行期内（2020 年的执行期：2020-03-12 至 2020-12-31）"),
        ("三月", "不是日期"),
    ):
        with pytest.raises(BadFact, match=words):
            transplant(claims, system, "zaozhuang_2020", "济宁市", date=day)


# ----- refusals, command, charts -----


def test_what_does_not_exist_is_refused_by_name(system, example):
    with pytest.raises(UnknownParameter, match="没有按项目计算资金的文件 shandong_2018"):
        transplant(example, system, "shandong_2018", "济宁市")
    with pytest.raises(BadFact, match="不认识「泰安市」"):
        transplant(example, system, "zaozhuang_2020", "泰安市")
    with pytest.raises(BadFact, match="没有注册在台儿庄区的企业"):
        transplant(example, system, "zaozhuang_2020", "台儿庄区")
    for fact in ("nonsense", "county", "has_claim"):
        with pytest.raises(UnknownParameter, match=f"不能假定「{fact}」"):
            transplant(example, system, "zaozhuang_2020", "济宁市", assume={fact: "1"})
    with pytest.raises(BadFact, match="假定的「设备投入使用」读不出来"):
        transplant(example, system, "zaozhuang_2020", "济宁市", assume={"in_use": "大概"})
    with pytest.raises(BadFact, match=r"假定的「.*贷款.*」读不出来"):
        transplant(example, system, "zaozhuang_2020", "济宁市", assume={"loan_interest_paid": "很多"})
    nowhere = dataclasses.replace(example, enterprises=example.enterprises.drop(columns="county"))
    with pytest.raises(BadFact, match="没有注册地"):
        transplant(nowhere, system, "zaozhuang_2020", "济宁市")


def test_an_amount_of_money_can_be_assumed_in_ten_thousands(system):
    claims = population(jining())
    given = [
        transplant(claims, system, "zaozhuang_2020", "济宁市", assume={"loan_interest_paid": value})
        for value in (2_000_000.0, "200万")
    ]
    assert amounts(given[0]) == amounts(given[1])
    assert given[1].assumed[["value", "number"]].to_numpy().tolist() == [["200万", 1]]


def test_a_day_of_1970_and_a_blank_one_state_nothing():
    days = pandas.Series(pandas.to_datetime(["1970-01-01", "2021-05-01", None]))
    assert stated(days).tolist() == [False, True, False]


def test_a_new_date_takes_the_citys_own_date_away(system):
    """With the city's day in 2022 left as it is, Jining's document would have run out for it."""
    claims = population(jining("weishan", city_application_date=pandas.Timestamp("2022-06-01")))
    moved = transplant(claims, system, "jining_2017", "微山县", date="2020-06-01")
    # 50,000,000 x 3 % = 1,500,000
    assert amounts(moved)["e1"][1] == 1_500_000


def test_the_command_prints_and_writes_the_same_figures(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    wanted = ["transplant", "--document", "zaozhuang_2020", "--to", "微山县"]
    assert main([*wanted, "--out", "out"]) == 0
    printed = capsys.readouterr().out
    # 示例八号：30,000,000 允许类，本地没有，枣庄 10 %
    for words in (
        "0.00 万元变为 300.00 万元，增加 300.00 万元：1 家增加",
        "属于列明的改造方向  1/1",
        "枣庄市级财政付款",
    ):
        assert words in printed
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {"政策移植.xlsx", "移植前后.png", "谁增谁减.png", "政策移植.json"}
    assert main([*wanted, "--json", "--assume", "serves_listed_purpose=否"]) == 0
    saved = json.loads(capsys.readouterr().out)
    assert (saved["home"], saved["after"], saved["assumed"][0]["value"]) == (0, 0, "否")
    assert main([*wanted, "--assume", "否"]) == 2
    assert main(["transplant", "--document", "zaozhuang_2020", "--to", "泰安市"]) == 1
    assert "不认识「泰安市」" in capsys.readouterr().err


def test_charts_say_their_message_and_draw_every_character(system, example, recwarn):
    from openfisca_jining.report.charts.transplant import kinds_chart, sides_chart

    result = transplant(example, system, "zaozhuang_2020", "微山县")
    drawn = [kinds_chart(result), sides_chart(result)]
    assert [one.get_suptitle() for one in drawn] == [
        "枣庄 2020 的办法用于微山县企业，支出增加 300.00 万元",
        "枣庄 2020 的办法用于微山县企业：1 家增加，0 家减少，0 家不变",
    ]
    for one in drawn:
        one.canvas.draw()
    assert [str(each.message) for each in recwarn if "Glyph" in str(each.message)] == []
