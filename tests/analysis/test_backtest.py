"""Back-tests: scores against independent computations, held-out years, published totals, the command."""

from __future__ import annotations

import json
import math

import numpy
import pandas
import pytest
from copied import assert_copied

from openfisca_jining.analysis.budget import budget
from openfisca_jining.analysis.forecast import published
from openfisca_jining.analysis.forecast.backtest import (
    CALM,
    HELD_OUT,
    LARGE,
    SELF,
    TOTAL,
    Backtest,
    Process,
    backtest,
    band,
    crps,
    crps_normal,
    held_out,
    in_parallel,
    pit,
    ratio,
    scored,
    states,
    verdict,
)
from openfisca_jining.analysis.forecast.forecast import forecast
from openfisca_jining.cli import main
from openfisca_jining.errors import BadFact
from openfisca_jining.population.synthetic import AMOUNTS, project_numbers, synthesise
from openfisca_jining.population.synthetic import published as figures

RANDOM = numpy.random.Generator(numpy.random.PCG64(20))


# ----- scores -----


def test_crps_is_the_double_sum_over_pairs_of_different_draws():
    draws, truths = RANDOM.lognormal(3, 1, (17, 4)), RANDOM.lognormal(3, 1, 4)
    for column, truth in enumerate(truths):
        x = draws[:, column].tolist()
        near = sum(abs(one - truth) for one in x) / 17
        between = sum(abs(one - other) for one in x for other in x) / (17 * 16)
        assert crps(draws, truths)[column] == pytest.approx(near - between / 2, rel=1e-12)


def test_crps_of_three_draws_by_hand():
    # |1-2|, |2-2|, |6-2| 的平均 5/3；两两之差 1、5、4，平均 10/3，一半 5/3
    assert crps(numpy.array([6.0, 1.0, 2.0]), 2.0) == pytest.approx(0.0, abs=1e-15)
    assert crps(numpy.array([6.0, 1.0, 2.0]), 8.0) == pytest.approx((2 + 7 + 6) / 3 - 5 / 3)


def test_crps_of_a_normal_ensemble_is_the_closed_form():
    # CRPS(N(0,1), 0) = (√2 - 1)/√π
    assert crps_normal(0, 1, 0) == pytest.approx((math.sqrt(2) - 1) / math.sqrt(math.pi))
    assert crps_normal(5, 0, 7) == 2
    draws = RANDOM.normal(3, 2, 40_000)
    for truth in (-2.0, 3.0, 9.0):
        # 标准误约 2/√40000 = 0.01
        assert crps(draws, truth) == pytest.approx(crps_normal(3, 2, truth), abs=0.04)


def test_crps_of_few_draws_is_fair():
    # 真值与抽样同为标准正态：期望 E|X-Y| - E|X-X'|/2 = (2/√π)/2 = 0.5642，只抽 2 次也如此；不公平的算法给出 0.846
    scores = crps(RANDOM.normal(size=(2, 40_000)), RANDOM.normal(size=40_000))
    assert scores.mean() == pytest.approx(1 / math.sqrt(math.pi), abs=4 * scores.std() / 200)


def test_the_band_holds_truths_of_the_same_kind_and_a_narrow_one_scores_worse():
    draws, truths = RANDOM.lognormal(0, 0.5, (40, 4_000)), RANDOM.lognormal(0, 0.5, 4_000)

    def coverage(ensemble):
        low, high = numpy.array([band(one) for one in ensemble.T]).T
        return ((low <= truths) & (truths <= high)).mean()

    narrow = draws.mean(axis=0) + 0.4 * (draws - draws.mean(axis=0))
    assert coverage(draws) == pytest.approx(0.8, abs=3 * math.sqrt(0.16 / 4_000))
    assert coverage(narrow) < 0.5
    difference = crps(narrow, truths) - crps(draws, truths)
    assert difference.mean() > 4 * difference.std() / math.sqrt(4_000)


def test_the_place_of_the_truth_is_even_and_breaks_ties_at_random():
    assert pit(numpy.array([1.0, 2.0, 3.0]), 2.5, 0.5) == (2 + 0.5) / 4
    assert pit(numpy.zeros(9), 0.0, 0.3) == pytest.approx(0.3)
    places = [pit(RANDOM.normal(size=7), RANDOM.normal(), RANDOM.random()) for _ in range(4_000)]
    counts = numpy.histogram(places, bins=8, range=(0, 1))[0]
    assert ((counts - 500) ** 2 / 500).sum() < 24.3  # 卡方，7 个自由度，千分之一


def cases(**columns):
    usual = {"seed": [1, 2, 3, 4], "truth": [10.0, 20.0, 30.0, 40.0], "mean": [9.0, 18.0, 27.0, 36.0], "sd": [1.0] * 4}
    usual |= {"covered": [True, False, True, True], "pit": [0.5, 0.9, 0.6, 0.8], "crps": [1.0, 2.0, 3.0, 4.0]}
    usual["last"] = [8.0, 16.0, 24.0, 32.0]
    return pandas.DataFrame(usual | {"crps_last": [2.0, 4.0, 6.0, 8.0], "crps_plain": [1.0, 1.0, 1.0, 5.0]} | columns)


def test_scores_by_hand():
    found = scored(cases())
    assert (found["bias"], found["bias_se"]) == pytest.approx((-0.1, 0))  # 每次都低一成
    assert (found["bias_last"], found["bias_last_se"]) == pytest.approx((-0.2, 0))
    assert (found["skill_last"], found["skill_last_se"]) == pytest.approx((0.5, 0))  # 每次都小一半
    # 10/8 - 1 = 25% 更差；残差 1、2、3、4 减 1.25 倍的 1、1、1、5：-0.25、0.75、1.75、-2.25；平方和 8.75
    assert found["skill_plain"] == pytest.approx(-0.25)
    assert found["skill_plain_se"] == pytest.approx(math.sqrt(8.75) / 4 / 2)
    assert found["coverage"] == 0.75
    assert found["coverage_se"] == pytest.approx(math.sqrt(0.75 * 0.25 / 4))  # 大于按 80% 算的 √(0.16/4) = 0.2
    assert scored(cases(covered=[True] * 4))["coverage_se"] == pytest.approx(0.2)  # 全中也不是没有误差
    assert found["crps_share"] == 2.5 / 25
    # 误差 1、2、3、4，标准差 √1.25；预测的标准差 1
    assert found["error_ratio"] == pytest.approx(math.sqrt(1.25))


def test_cases_of_one_origin_do_not_count_twice():
    twice = pandas.concat([cases(covered=[True, False, False, False])] * 2)
    # 离差 0.75、-0.25 三次，同一起点两次合并：平方和 (1.5² + 3 × 0.5²) = 3；√3/8 = 0.217 > √(0.16/8) = 0.141
    assert scored(twice)["coverage_se"] == pytest.approx(math.sqrt(3) / 8)


def test_words_for_what_is_off():
    assert verdict(0.05, 0.04, 0.02, 0.03) == "相符"
    assert verdict(-0.1, 0.04, 0.1, 0.03) == "预测偏低，覆盖不足"
    assert verdict(0.1, 0.04, -0.1, 0.03) == "预测偏高，区间偏宽"


# ----- held-out years -----


def test_shocks_follow_one_another_as_stated():
    process = Process("p", "过程", persistence=0.6)
    # 第二年 0.6 × 1 + 0.8 × 2 = 2.2；第三年 0.6 × 2.2 + 0.8 × (-1) = 0.52
    found = states(process, numpy.array([[1.0, 0, 0], [2.0, 0, 0], [-1.0, 0, 0]]))
    assert found[:, 0] == pytest.approx([1, 2.2, 0.52])


def test_a_held_out_year_moves_by_the_shocks_of_its_process():
    plain, usual = synthesise(2021, 7), sum(project_numbers(2021))
    moved = held_out(LARGE, 2021, 7, numpy.array([1.0, 0.0, 0.0]))
    assert len(moved) == round(usual * math.exp(0.2 - 0.02))  # 大波动：项目数 0.2
    larger = held_out(Process("size", "只动规模", 0.0, 0.3, 30.0), 2021, 7, numpy.array([5.0, 1.0, 1.0]))
    assert len(larger) == len(plain) == usual
    for name in AMOUNTS:
        ratio = larger.projects[name].sum() / plain.projects[name].sum()
        assert ratio == pytest.approx(math.exp(0.3 - 0.045), rel=1e-6), name
    days = (larger.projects["application_date"] - plain.projects["application_date"]).dt.days
    assert days.max() == 30
    assert larger.projects["application_date"].max() == pandas.Timestamp(2021, 12, 31)
    assert held_out(CALM, 2021, 7, numpy.ones(3)).content_hash() == plain.content_hash()


# ----- the back-test -----

SMALL = {"replicates": 2, "draws": 12, "years": [2020], "horizons": [1], "processes": (SELF, CALM, LARGE)}


@pytest.fixture(scope="module")
def result() -> Backtest:
    return backtest(**SMALL)


def test_truths_are_budgets_of_years_that_the_forecast_has_not_seen(result, system):
    calm = result.cases[result.cases["process"] == "calm"]
    for seed in (1, 2):
        ledger = budget(synthesise(2021, HELD_OUT + seed), system).by("payer")
        mine = calm[calm["seed"] == seed].set_index("payer")["truth"]
        # 资金池之前的应付 = 实付 + 资金池的削减
        assert mine[TOTAL] == pytest.approx(ledger["paid"].sum() + ledger["pool"].sum(), abs=0.01)
        for payer, row in ledger.iterrows():
            assert mine[payer] == pytest.approx(row["paid"] + row["pool"], abs=0.01)


def test_the_ensemble_is_the_forecast_and_the_self_check_one_more_draw(result):
    made = forecast(synthesise(2020, 2), [2021], 13, seed=2).amounts("现行政策", "claimed")[:, 0]
    own = result.cases.query("process == 'self' and seed == 2 and payer == '合计'").iloc[0]
    assert own["truth"] == made[12]
    assert own["mean"] == pytest.approx(made[:12].mean(), rel=1e-12)
    assert own["crps"] == pytest.approx(float(crps(made[:12], made[12])))


def test_last_year_is_costed_under_the_law_of_the_year_forecast(result, system):
    # 2020 年的申报，年度改写为 2021：各企业之和，各企业平方和的根
    last = synthesise(2020, 1)
    table = last.projects.copy()
    late = table["application_date"].dt.strftime("%m-%d").replace("02-29", "02-28")
    table["application_date"] = pandas.to_datetime("2021-" + late)
    moved = type(last)(year=2021, projects=table, enterprises=last.enterprises)
    ledger = budget(moved, system).by("enterprise")
    each = ledger["paid"] + ledger["pool"]
    row = result.cases.query("process == 'calm' and seed == 1 and payer == '合计'").iloc[0]
    assert row["last"] == pytest.approx(each.sum())
    assert row["crps_last"] == pytest.approx(crps_normal(each.sum(), math.sqrt((each**2).sum()), row["truth"]))


def test_figures_do_not_depend_on_the_number_of_processes(result):
    again = backtest(**SMALL, workers=2)
    pandas.testing.assert_frame_equal(again.cases, result.cases)
    assert list(in_parallel(math.sqrt, [4, 9], 2)) == [2, 3]


def test_more_origins_leave_the_first_as_they_are_and_every_tenth_is_told(result):
    said = []
    more = backtest(**{**SMALL, "replicates": 10, "processes": (SELF,)}, say=said.append)
    assert said == ["已回测 10/10 个起点"]
    assert sorted(set(more.cases["seed"])) == list(range(1, 11))
    first = result.cases[result.cases["process"] == "self"].reset_index(drop=True)
    pandas.testing.assert_frame_equal(more.cases[more.cases["seed"] <= 2].reset_index(drop=True), first)


def test_results_come_as_table_and_json(result):
    assert set(result.to_pandas()["process"]) == {"self", "calm", "large"}
    assert len(result.scores("payer")) == 3 * 4  # 合计和三级财政
    assert result.histogram("calm").sum() == pytest.approx(1)
    said = json.loads(json.dumps(result.to_json(), ensure_ascii=False))
    assert said["record"]["base_years"] == [2020]
    assert len(said["pit"]["large"]) == 10


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"replicates": 1}, "至少 2 个起点"),
        ({"draws": 5}, "至少抽样 10 次"),
        ({"years": [2016]}, "2017 至 2030"),
        ({"years": [2029], "horizons": [2]}, "2017 至 2030"),
        ({"horizons": []}, "至少预测 1 年"),
        ({"stage": "promised"}, "口径应为"),
    ],
)
def test_impossible_tests_are_refused(wrong, message):
    with pytest.raises(BadFact, match=message):
        backtest(**{**SMALL, **wrong})


def test_against_nothing_there_is_no_ratio():
    cases = pandas.DataFrame({"mean": [3.0, 6.0], "truth": [0.0, 0.0], "seed": [1, 2]})
    assert ratio(cases, "mean", "truth") == (0.0, 0.0)
    assert ratio(cases.assign(truth=3.0), "mean", "truth")[0] == 0.5


# ----- published totals -----


def test_published_totals_agree_with_the_figures_used_elsewhere():
    shared = {row["代号"]: float(row["数值"]) for row in published.totals() if row["代号"] in figures()}
    assert shared == {"second_batch": figures()["second_batch"]}
    assert all(row["来源"] and row["置信度"] in "高中低" and row["差在哪里"] for row in published.totals())


def test_a_published_total_stands_beside_the_forecast_of_its_year():
    beside = published.beside_published(6)
    assert_copied(beside, beside.table)
    found = beside.table.set_index("code")
    made = forecast(synthesise(2020, 1), [2021], 6)
    paid = made.amounts("现行政策", "paid", "济宁市级财政")[:, 0]
    assert found.loc["second_batch", "mean"] == pytest.approx(paid.mean())
    assert found.loc["second_batch", "ratio"] == pytest.approx(paid.mean() / 50_000_000)
    assert (found["low"] <= found["high"]).all()


# ----- the command -----


def test_the_command_says_the_answer_first_and_writes_its_files(tmp_path, capsys):
    arguments = ["backtest", "--years", "2020", "--replicates", "2", "--draws", "10", "--driver", "approval_rate=100%"]
    assert main([*arguments, "--out", str(tmp_path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("回测")
    assert any(line.startswith("济宁第二批技改奖补资金") for line in lines)
    assert {path.name for path in tmp_path.iterdir()} == {"回测.xlsx", "回测.json", "回测覆盖.png", "回测得分.png"}
    drivers = json.loads((tmp_path / "回测.json").read_text(encoding="utf-8"))["record"]["drivers"]
    assert {row["code"]: row["value"] for row in drivers}["approval_rate"] == 1


def test_the_command_refuses_what_cannot_be(capsys):
    assert main(["backtest", "--workers", "0"]) == 2
    assert main(["backtest", "--replicates", "1"]) == 1
    assert "至少 2 个起点" in capsys.readouterr().err
