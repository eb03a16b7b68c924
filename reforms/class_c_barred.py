"""What if, from mid 2021, Yanzhou supports neither class D nor class C?

Title: 兖州亩产效益评价 C 类企业也不予支持（2021-07-01 起，现行只有 D 类）
Idea: the evaluation bites one class earlier; C is treated as D is, in a consortium too. City money is not touched.
Moves: yanzhou_2020.applicant.class_c_barred (new); all Yanzhou measures of class C enterprises, and city grants they forwent.
From: 2021-07-01
"""

from openfisca_core.reforms import Reform
from openfisca_jining.reforms import New, amend, enacting, reformed_law
from openfisca_jining.variables.yanzhou_2020.applicant import grade_and_tier

from openfisca_jining.classifications import YieldPerMu
from openfisca_jining.model import reading

FROM = "2021-07-01"
NEW = [
    New(
        "yanzhou_2020.applicant.class_c_barred",
        1,
        FROM,
        "C 类企业不予支持（1 是，0 否）",
        "是否",
        clause="YZ2020-4-4-s2",
    ),
]


def class_c_too(project, period, parameters, barred):
    """Who is barred so far, and class C; the tier list saves C where it saves D."""
    law = reformed_law(project, period, parameters, "yanzhou_2020").applicant
    grade, tier = grade_and_tier(project, period, parameters)
    class_c = project("yanzhou_2020__in_scope", period) & (grade == YieldPerMu.C) & (law.class_c_barred == 1)
    if reading(project, period, parameters, "yanzhou_2020.readings.d_and_tier") == "tier_offsets":
        class_c = class_c & ~tier
    return barred | class_c


class ClassCBarred(Reform):
    """See the module's docstring."""

    name = "兖州 C 类企业也不予支持"
    changes = []

    def apply(self) -> None:
        """Add the number, and use it where class D is barred."""
        self.modify_parameters(enacting(self.name, new=NEW))
        amend(self, "yanzhou_2020__class_d", class_c_too, label="亩产效益评价C类、D类，不予支持")
