"""What if, from 2021, the smaller an enterprise is, the higher its rate?

Title: 济宁设备补助和兖州各项奖补比例按企业规模分档：小型、微型加 2 个百分点，中型加 1 个，大型不变（2021 年起）
Idea: support leans to smaller enterprises (3 % becomes 5 %, 4 %, 3 %); size by 工信部联企业〔2011〕300号. An enterprise
    that claims must state its employees and revenue.
Moves: size_points_small, size_points_medium, size_points_large (new) under jining_2017.equipment and yanzhou_2020.uplift;
    Jining equipment and all Yanzhou measures, through the fund the other 2017 grants.
From: 2021-01-01
"""

from openfisca_core.reforms import Reform
from openfisca_jining.reforms import New, amend, enacting, reformed_law

from openfisca_jining.classifications import EnterpriseSize
from openfisca_jining.model import any_member, numpy, required, where

FROM = "2021-01-01"
TIERS = {"small": ("小型、微型", 0.02), "medium": ("中型", 0.01), "large": ("大型", 0.0)}
FOLDERS = {"jining_2017.equipment": "JN2017-18-2-s1a", "yanzhou_2020.uplift": "YZ2020-4-4-s1"}
NEW = [
    New(f"{folder}.size_points_{tier}", points, FROM, f"{label}企业比例提高的百分点", "/1", clause)
    for folder, clause in FOLDERS.items()
    for tier, (label, points) in TIERS.items()
]


def size_points(project, period, folder, claims):
    """Points of each claim's enterprise by its size; 0 for claims before the reform. :raises MissingFact: size not stated."""
    claims = claims & ~numpy.isnan(folder.size_points_medium)
    enterprises = project.simulation.populations["enterprise"]
    needed = any_member(enterprises, claims)
    for fact in ("employees", "revenue"):
        required(enterprises, period, fact, needed)
    size = project.enterprise("enterprise_size", period)
    points = where(size == EnterpriseSize.medium, folder.size_points_medium, folder.size_points_small)
    return where(claims, where(size == EnterpriseSize.large, folder.size_points_large, points), 0.0)


def city_grant(project, period, parameters, grant):
    """The grant so far at the rate of the enterprise's size."""
    law = reformed_law(project, period, parameters, "jining_2017").equipment
    base = project("jining_2017_equipment__base", period)
    points = size_points(project, period, law, base > 0)
    counted = where(law.rate > 0, grant / where(law.rate > 0, law.rate, 1.0), base)
    return where(points == 0, grant, counted * (law.rate + points))


def district_points(project, period, parameters, points):
    """The points so far and those of the enterprise's size."""
    law = reformed_law(project, period, parameters, "yanzhou_2020").uplift
    return points + size_points(project, period, law, project("yanzhou_2020__in_scope", period))


class SizeTieredRates(Reform):
    """See the module's docstring."""

    name = "补助比例按企业规模分档：小型、微型加 2 个百分点，中型加 1 个"
    changes = []

    def apply(self) -> None:
        """Add the numbers, and use them where the rates are."""
        self.modify_parameters(enacting(self.name, new=NEW))
        amend(self, "jining_2017_equipment__unsettled", city_grant)
        amend(self, "yanzhou_2020_uplift__points", district_points)
