"""What a synthetic population was calibrated to, how near it came, and what it misses."""

from __future__ import annotations

import csv
from functools import cache

import numpy
import pandas
from openfisca_core.taxbenefitsystems import TaxBenefitSystem

from openfisca_jining.errors import BadFact
from openfisca_jining.instruments import instruments
from openfisca_jining.population.population import Population
from openfisca_jining.population.synthetic import (
    CELL_LABELS,
    CELLS,
    CLUSTERS,
    FOLDER,
    LARGE,
    PACES,
    SyntheticPopulation,
    assumed,
    cell_firms,
    cell_revenue,
    jining_firms,
    latest,
    project_numbers,
    published,
    upgrading_investment,
)

COLUMNS = ("类别", "项目", "校准目标", "单位", "年份", "来源", "置信度", "结果", "差距", "容差", "备注")
#: Kinds of rows: aimed at; not aimed at but comparable; nothing published.
AIMED, CHECK, SILENT = "校准", "旁证", "未公布"
TARGET = "目标，非实绩"
GRADE_LABELS = {"A": "A类", "B": "B类", "C": "C类", "D": "D类", "not_graded": "未评价"}
JINING_2020 = "济发〔2020〕16号 二"


def calibration(population: Population, system: TaxBenefitSystem | None = None) -> pandas.DataFrame:
    """Published figures beside what the population gives.

    Totals are divided by the population's ``scale`` first. 类别 is 校准 (aimed at, within 容差), 旁证 (not aimed at:
    the gap shows what is missed) or 未公布 (nothing published: only the result). 差距 is 结果 / 校准目标 - 1.

    :param system: tax and benefit system; if given, the money paid in Jining is compared too.
    :raises BadFact: the population was not made by ``synthesise``.
    """
    if not isinstance(population, SyntheticPopulation):
        raise BadFact(["population"], "只有合成样本才有校准表；这一份不是由 synthesise 生成的。")
    rows = [*_register_rows(population), *_project_rows(population), *_unpublished_rows(population)]
    if system is not None:
        rows += _money_rows(population, system)
    table = pandas.DataFrame(rows, columns=list(COLUMNS))
    table["差距"] = table["结果"] / table["校准目标"] - 1
    return table


@cache
def _sources() -> dict[str, dict[str, str]]:
    with (FOLDER / "published_figures.csv").open(encoding="utf-8-sig", newline="") as file:
        return {row["代号"]: row for row in csv.DictReader(file)}


def _row(kind, item, target, unit, year, source, confidence, result, tolerance=numpy.nan, remark="") -> dict:
    return dict(
        zip(COLUMNS, (kind, item, target, unit, year, source, confidence, result, None, tolerance, remark), strict=True)
    )


def _published(code: str, result: float, tolerance: float | None = None, remark: str = "", item: str = "", factor=1.0):
    """A row against a published figure.

    :param tolerance: given = aimed at. :param factor: on the figure, e.g. from some months to a year.
    """
    about = _sources()[code]
    notes = "；".join(text for text in (about["备注"], remark) if text)
    return _row(
        CHECK if tolerance is None else AIMED,
        item or about["项目"],
        published()[code] * factor,
        about["单位"],
        about["年份"],
        about["来源"],
        about["置信度"],
        result,
        numpy.nan if tolerance is None else tolerance,
        notes,
    )


def _register_rows(population: SyntheticPopulation) -> list[dict]:
    year, frame, scale = population.year, population.frame, population.scale
    told = year in (2023, 2025)
    remark = "" if told else "由2023、2025年目标按不变增速推算"
    rows = []
    for cell in CLUSTERS:
        mine = frame[frame["cluster"] == CELL_LABELS[cell]]
        label, small = CELL_LABELS[cell], max(0.01, 1 / max(cell_firms(cell, year) * scale, 1))
        rows.append(
            _row(
                AIMED,
                f"{label}规上企业",
                cell_firms(cell, year),
                "家",
                year,
                JINING_2020,
                TARGET,
                len(mine) / scale,
                small,
                remark,
            )
        )
        rows.append(
            _row(
                AIMED,
                f"{label}营业收入",
                cell_revenue(cell, year),
                "元",
                year,
                JINING_2020,
                TARGET,
                mine["revenue"].sum() / scale,
                0.02 + small,
                remark,
            )
        )
    rows.append(
        _row(
            CHECK,
            "六个集群规上企业合计",
            latest("jining_2020", "targets", "overall.enterprises"),
            "家",
            2025,
            "济发〔2020〕16号 一（三）",
            TARGET,
            sum(cell_firms(cell, 2025) for cell in CLUSTERS),
            remark="2025年的路径",
        )
    )
    for code, cell in (("equipment_revenue_2022", CELLS[0]), ("chemicals_revenue_2022", CELLS[1])):
        rows.append(_published(code, cell_revenue(cell, 2022), remark="与2022年的推算路径相比"))
    gaoxin = frame[frame["county"] == "jining_gaoxin"]
    factor = jining_firms(year) / jining_firms(2023)
    rows.append(
        _published(
            "gaoxin_firms", len(gaoxin) / scale, 0.05, "" if year == 2023 else "按2023年占全市比例折算", factor=factor
        )
    )
    grades = ("A", "B", "C", "D", "not_graded")
    for code, grade in zip("ABCDT", grades, strict=True):
        share = (gaoxin["yield_per_mu_class"] == grade).mean()
        item = f"济宁高新区{GRADE_LABELS[grade]}占比"
        row = _published(
            f"gaoxin_{code}", share, 0.25, "其他县沿用这一比例（假设）", item, 1 / published()["gaoxin_firms"]
        )
        rows.append(row | {"单位": "/1"})
    rows += _zaozhuang_register(population)
    workers = published()["shandong_revenue"] / published()["shandong_workers"]
    about = _sources()["shandong_revenue"]
    rows.append(
        _row(
            AIMED,
            "人均营业收入",
            workers,
            "元",
            2018,
            about["来源"],
            about["置信度"],
            frame["revenue"].sum() / frame["employees"].sum(),
            0.02,
            "全部工业法人单位的平均，不限规上",
        )
    )
    rows += _size_rows(population)
    yanzhou = frame[frame["county"] == "yanzhou"]
    rows.append(
        _published("yanzhou_tiers", yanzhou["tier_listed"].sum() / scale, 0.02, "列入的是兖州营业收入最大的企业")
    )
    rows.append(
        _published(
            "yanzhou_revenue_q1",
            yanzhou["revenue"].sum() / scale,
            item="兖州区营业收入（一季度乘4）",
            factor=4,
            remark="分县营业收入没有校准",
        )
    )
    return rows


def _zaozhuang_register(population: SyntheticPopulation) -> list[dict]:
    year, scale = population.year, population.scale
    zaozhuang = population.frame[population.frame["city"] == "枣庄市"]
    code = f"zaozhuang_firms_{min(max(year, 2020), 2026)}"
    if code in published():
        first = _published(code, len(zaozhuang) / scale, 0.01)
    else:
        first = _row(
            AIMED,
            "枣庄规上工业企业",
            cell_firms("zaozhuang", year),
            "家",
            year,
            "由2021、2023、2026年各数推算",
            "中",
            len(zaozhuang) / scale,
            0.01,
        )
    yicheng = zaozhuang.loc[zaozhuang["county"] == "yicheng", "revenue"].sum() / scale
    return [
        first,
        _row(
            CHECK,
            "枣庄制造业销售收入",
            latest("zaozhuang_2020", "targets", "manufacturing_sales"),
            "元",
            2022,
            "枣政字〔2020〕2号 一（二）第3项",
            TARGET,
            zaozhuang["revenue"].sum() / scale,
            remark="没有实绩；目标未校准",
        ),
        _published(
            "yicheng_revenue_jan_feb",
            yicheng,
            item="峄城区营业收入（1至2月乘6）",
            factor=6,
            remark="分区营业收入没有校准",
        ),
    ]


def _size_rows(population: SyntheticPopulation) -> list[dict]:
    frame = population.frame
    staff, revenue = latest("national", "sme", "large_employees"), latest("national", "sme", "large_revenue")
    small = 1 - ((frame["employees"] >= staff) & (frame["revenue"] >= revenue)).mean()
    about = _sources()["tail_low"]
    low, high = published()["tail_low"], published()["tail_high"]
    return [
        _published("sme_zhejiang", small, remark="济宁、枣庄没有公布数", item="规上中小企业占比（对照浙江）"),
        _published("sme_fujian", small, remark="济宁、枣庄没有公布数", item="规上中小企业占比（对照福建）"),
        _row(
            AIMED,
            "营业收入尾部指数（最大5%，Hill）",
            (low + high) / 2,
            "",
            about["年份"],
            about["来源"],
            about["置信度"],
            _hill(frame["revenue"].to_numpy(), 0.05),
            0.25,
            f"公布区间 {low:g} 至 {high:g}；尾部有截断，估计值偏高",
        ),
    ]


def _hill(values: numpy.ndarray, share: float) -> float:
    """Hill's estimate of the tail exponent from the largest share of the values."""
    top = numpy.sort(values)[-max(round(len(values) * share), 2) :]
    return float(1 / numpy.log(top[1:] / top[0]).mean())


def _project_rows(population: SyntheticPopulation) -> list[dict]:
    year, scale, pace = population.year, population.scale, population.pace
    facts, about = population.projects, population.background
    jining = population.city_number == 0
    invested, planned = about["investment_of_year"], about["planned_total"]
    if pace == "realised":
        source = _sources()["upgrading_thirteenth_plan"]["来源"], _sources()["upgrading_thirteenth_plan"]["置信度"]
    else:
        source = "济宁市2017-11-03意见 一（二）", TARGET
    total, tolerance = invested[jining].sum() / scale, max(0.02, 3 / numpy.sqrt(jining.sum()))
    rows = [
        _row(
            AIMED,
            "济宁技改投资",
            upgrading_investment(pace),
            "元",
            "2016-2020" if pace == "realised" else "2017-2021",
            *source,
            total,
            0.02 if len(facts) >= 200 else tolerance,
            f"{PACES[pace]}；各年取同一水平（假设）",
        ),
        _row(
            CHECK,
            "济宁技改投资（另一水平）",
            upgrading_investment("target" if pace == "realised" else "realised"),
            "元",
            "",
            "同上两种来源",
            "",
            total,
            remark="两种水平相差一半",
        ),
        _published("upgrading_jan_jul_2018", total, item="济宁技改投资（2018年1至7月折全年）", factor=12 / 7),
        _row(
            AIMED,
            "设备占技改投资比重",
            assumed("equipment_share"),
            "/1",
            2021,
            "济宁市2017-11-03意见 一（二）",
            TARGET,
            facts["equipment_investment"].sum() / invested.sum(),
            0.01,
            "目标“50%以上”；没有实绩",
        ),
    ]
    rate = cell_firms("zaozhuang", year) / cell_firms("zaozhuang", 2022)
    counted = (planned[~jining] >= assumed("published_planned")).sum() / scale
    remark = "" if year == 2022 else "按规上企业数折算到本年"
    rows.append(_published("zaozhuang_projects", counted, max(0.02, 2 / max(counted * scale, 1)), remark, factor=rate))
    major = facts["major_project"].to_numpy()
    large = major & (planned.to_numpy() >= LARGE)
    rows += [
        _published("hundred_projects", major.sum() / scale, 0.05),
        _published("hundred_large", large.sum() / scale, 0.05),
        _published("hundred_plan_of_year", invested[major].sum() / scale, 0.05),
        _published(
            "hundred_large_plan_of_year",
            invested[large].sum() / scale,
            remark="公布数隐含当年投资不到总投资的34%，样本的大项目取36.8%",
        ),
        _published("hundred_planned", planned[major].sum() / scale, remark="只校准当年计划，总投资没有校准"),
    ]
    enterprises = population.enterprises["county"].to_numpy()[population.enterprise_number]
    weishan = enterprises == "weishan"
    rows += [
        _published("weishan_investment", invested[weishan].sum() / scale, remark="样本为微山全部项目的当年投资"),
        _published(
            "shizhong_above_100_million",
            float((planned[~jining] > 1e8).mean()),
            item="1亿元以上项目占比",
            factor=1 / published()["shizhong_library"],
            remark="枣庄全市样本对照市中区项目库",
        )
        | {"单位": "/1"},
        _published(
            "guide_planned",
            float(planned[major].mean()),
            item="重大项目平均总投资",
            factor=1 / published()["guide_projects"],
            remark="样本取百项技改；省级目录的项目更大",
        ),
    ]
    owed = float((facts["loan_principal"] * facts["loan_days"]).sum()) / assumed("days_of_year")
    if owed > 0:
        rows.append(
            _published(
                "contract_rate",
                facts["loan_interest_paid"].sum() / owed,
                0.01 if year == 2021 else None,
                "利率为一年期LPR加固定利差（假设）",
                "技改贷款平均利率",
            )
        )
    return rows


def _money_rows(population: SyntheticPopulation, system: TaxBenefitSystem) -> list[dict]:
    simulation = population.simulation(system)
    names = [item.stages for item in instruments(system) if item.document == "jining_2017"]
    before = sum(numpy.asarray(simulation.calculate(stages[2], population.year)).sum() for stages in names)
    paid = numpy.asarray(simulation.calculate("jining_2017__paid", population.year)).sum()
    remark = "公布的不是全年；样本里凡符合条件的都申报，济宁专项资金（2021年起）又按总额封顶"
    return [
        _published("second_batch", paid / population.scale, remark=remark, item="济宁2017年意见各项实付"),
        _row(
            SILENT,
            "济宁2017年意见各项（专项资金之前）",
            numpy.nan,
            "元",
            "",
            "没有公布",
            "假设",
            before / population.scale,
        ),
    ]


def _unpublished_rows(population: SyntheticPopulation) -> list[dict]:
    facts, scale = population.projects, population.scale
    equipment = facts["equipment_investment"].sum()
    count = len(facts)
    jining = population.city_number == 0
    shares = {
        "零土地项目占比": (facts["project_type"] == "zero_land").mean(),
        "鼓励类项目占比": (facts["catalogue_category"] == "encouraged").mean(),
        "当年投入使用项目占比": facts["in_use"].mean(),
        "有机器人的项目占比": (facts["robot_investment"] > 0).mean(),
        "机器人（含特种）占设备投资比重": (facts["robot_investment"] + facts["special_robot_investment"]).sum()
        / equipment,
        "有信息化投资的项目占比": (facts["informatisation_investment"] > 0).mean(),
        "有技改贷款的项目占比": (facts["loan_principal"] > 0).mean(),
        "已获其他财政资金的项目占比": (facts["other_fiscal_money"] > 0).mean(),
    }
    rows = [_row(SILENT, item, numpy.nan, "/1", "", "没有公布", "假设", float(value)) for item, value in shares.items()]
    frame = population.frame
    in_city = frame["city"] == "济宁市"
    invested = population.background["investment_of_year"]
    sums = {
        "济宁规上企业合计": (in_city.sum() / scale, "家", "集群占六成（假设）；全市和分县户数没有公布"),
        "济宁项目数": (jining.sum() / scale, "个", "每家企业的项目数与枣庄相同（假设）"),
        "济宁项目数占全省比例": (
            jining.sum() / scale / published()["province_projects"],
            "/1",
            f"全省每年超过{published()['province_projects']:,.0f}个（{_sources()['province_projects']['来源']}）",
        ),
        "枣庄技改投资": (invested[~jining].sum() / scale, "元", "只公布增速，没有公布数额；项目大小同济宁（假设）"),
        "济宁技改投资与营业收入之比": (
            invested[jining].sum() / frame.loc[in_city, "revenue"].sum(),
            "/1",
            "偏高：营业收入取集群目标，技改投资取统计数",
        ),
        "济宁项目平均设备投资": (facts.loc[jining, "equipment_investment"].mean(), "元", ""),
        "每家申报企业的项目数": (count / len(population.enterprises), "个", "没有公布"),
        "兖州技改共同体数": (
            (facts.loc[facts["consortium_lead"], "consortium_id"] != "").sum() / scale,
            "个",
            "没有公布",
        ),
        "规下企业": (0.0, "家", "样本不含规下企业；实际有的会申报（高新区2023年另有100家规下企业参评）"),
        "重大违法违规、未备案等": (0.0, "家", "样本企业都符合申请条件；实际比例没有公布"),
    }
    rows += [
        _row(SILENT, item, numpy.nan, unit, "", "没有公布", "假设", float(value), remark=remark)
        for item, (value, unit, remark) in sums.items()
    ]
    numbers = project_numbers(population.year)
    rows.append(
        _row(
            SILENT,
            "放大倍数",
            numpy.nan,
            "倍",
            "",
            "",
            "",
            scale,
            remark=f"校准的项目数为济宁 {numbers[0]}、枣庄 {numbers[1]}",
        )
    )
    return rows
