"""The few totals that have been published, beside the forecast of their year.

None of them is the total of a year's grants, so none can confirm a forecast; together they say how far it may be from what is
paid. The figures stand in ``published_totals.csv`` with source and confidence. Nothing is tuned to them.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import resources

import pandas

from openfisca_jining.analysis.forecast.drivers import Drivers
from openfisca_jining.analysis.forecast.forecast import CURRENT, forecast
from openfisca_jining.analysis.forecast.runs import LawSpec
from openfisca_jining.population.synthetic import synthesise

#: Columns of ``published_totals.csv``.
CODE, ITEM, VALUE, YEAR, SOURCE = "代号", "项目", "数值", "年份", "来源"
CONFIDENCE, PAYER, COMPARABLE, WHY = "置信度", "付款财政", "可比", "差在哪里"

DRAWS = 200


@cache
def totals() -> tuple[dict[str, str], ...]:
    """Rows of ``published_totals.csv``."""
    text = (resources.files("openfisca_jining.analysis.forecast") / "published_totals.csv").read_text(
        encoding="utf-8-sig"
    )
    return tuple(csv.DictReader(text.splitlines()))


@dataclass(frozen=True)
class Published:
    """Published totals beside forecasts made from made-up claims of the year before.

    :ivar table: one row per figure: code, item, year, published (yuan), payer, comparable, ``mean``, ``low`` and ``high`` (80 %
        band) of what the payer pays in the year, ``claimed`` (before pools), ``ratio`` (mean over published), why, source,
        confidence.
    """

    table: pandas.DataFrame
    record: dict

    def to_pandas(self) -> pandas.DataFrame:
        """One row per figure."""
        return self.table.copy()

    def to_json(self) -> dict:
        """Table and run record, JSON-ready; money in yuan."""
        return {"published": self.table.to_dict("records"), "record": self.record}


def beside_published(
    draws: int = DRAWS,
    *,
    law: LawSpec = CURRENT,
    drivers: Drivers | None = None,
    seed: int = 1,
    workers: int = 1,
    say: Callable[[str], None] = lambda text: None,
) -> Published:
    """Forecast each published figure's year from the made-up claims of the year before. :raises BadFact: as ``forecast``."""
    made = {}
    for year in sorted({int(row[YEAR]) for row in totals()}):
        say(f"正在预测 {year} 年，与公布数对照")
        population = synthesise(year - 1, seed)
        made[year] = forecast(population, [year], draws, baseline=law, drivers=drivers, seed=seed, workers=workers)
    rows = []
    for row in totals():
        found = made[int(row[YEAR])]
        paid = found.amounts(law.name, "paid", row[PAYER])[:, 0]
        about, published = found.describe(paid, (0.1, 0.9)), float(row[VALUE])
        rows.append(
            {
                "code": row[CODE],
                "item": row[ITEM],
                "year": int(row[YEAR]),
                "published": published,
                "payer": row[PAYER],
                "comparable": row[COMPARABLE],
                "mean": about["mean"],
                "low": about["q10"],
                "high": about["q90"],
                "claimed": float(found.amounts(law.name, "claimed", row[PAYER]).mean()),
                "ratio": about["mean"] / published,
                "why": row[WHY],
                "source": row[SOURCE],
                "confidence": row[CONFIDENCE],
            }
        )
    return Published(pandas.DataFrame(rows), made[max(made)].record)
