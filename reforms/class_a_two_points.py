"""What if, from mid 2021, Yanzhou raises the rate of class A enterprises by two points instead of one?

Title: 兖州亩产效益评价 A 类企业的补助比例提高 2 个百分点（2021-07-01 起，现行 1 个；梯队企业仍为 1 个）
Idea: class A and the tier list share one sentence now; here the evaluation counts for more than the list.
Moves: yanzhou_2020.uplift.points_class_a (new); all Yanzhou measures of class A enterprises, through the choice Jining's grants.
From: 2021-07-01
"""

from openfisca_core.reforms import Reform
from openfisca_jining.reforms import New, amend, enacting, reformed_law
from openfisca_jining.variables.yanzhou_2020.applicant import grade_and_tier

from openfisca_jining.classifications import YieldPerMu
from openfisca_jining.model import numpy, where

FROM = "2021-07-01"
NEW = [
    New("yanzhou_2020.uplift.points_class_a", 0.02, FROM, "A 类企业补助比例提高的百分点", "/1", clause="YZ2020-4-4-s1"),
]


def class_a_points(project, period, parameters, points):
    """The points so far, for class A with its own instead of the common ones."""
    law = reformed_law(project, period, parameters, "yanzhou_2020").uplift
    grade, _ = grade_and_tier(project, period, parameters)
    class_a = project("yanzhou_2020__in_scope", period) & (grade == YieldPerMu.A) & ~numpy.isnan(law.points_class_a)
    return where(class_a, points + law.points_class_a - law.points, points)


class ClassATwoPoints(Reform):
    """See the module's docstring."""

    name = "兖州 A 类企业补助比例提高 2 个百分点"
    changes = []

    def apply(self) -> None:
        """Add the number, and use it where the points are counted."""
        self.modify_parameters(enacting(self.name, new=NEW))
        amend(self, "yanzhou_2020_uplift__points", class_a_points)
