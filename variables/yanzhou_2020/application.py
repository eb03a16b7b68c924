"""五.3: one project a year (a lead two), one measure for a project, no money twice. The choice itself is shown."""

from openfisca_jining.variables.yanzhou_2020.choice import (
    MEASURES,
    Choice,
    measure_of,
    must_forgo,
    refuse_unknown_city_money,
)

from openfisca_jining.classifications import Measure
from openfisca_jining.groups import Part, any_in
from openfisca_jining.model import YEAR, Enum, Project, Variable, numpy
from openfisca_jining.money import put

REFERENCE = "济兖政字〔2020〕14号 五.3"


class yanzhou_2020_application__plan(Variable):
    value_type = int
    entity = Project
    definition_period = YEAR
    label = "企业选择：0 不申报，1 设备，2 机器人，3 信息化，4 各项，另加 5 表示随共同体申报"
    reference = REFERENCE
    documentation = "企业在规则之内选择合计所得最多的申报方案。"

    def formula(project, period, parameters):
        refuse_unknown_city_money(project, period, parameters)
        worth = sum(project(f"yanzhou_2020_{measure}__capped", period) for measure in MEASURES) > 0
        rows = numpy.flatnonzero(any_in(project, "enterprise", worth))
        if not len(rows):
            return project.filled_array(0)
        return put(Choice(Part(project, rows), period, parameters).plan(), rows, project.count)


class yanzhou_2020_application__measure(Variable):
    value_type = Enum
    possible_values = Measure
    default_value = Measure.none
    entity = Project
    definition_period = YEAR
    label = "项目按哪一项措施申报"
    reference = REFERENCE

    def formula(project, period):
        return measure_of(project, period)


class yanzhou_2020_application__forgoes_city(Variable):
    value_type = bool
    entity = Project
    definition_period = YEAR
    label = "放弃市级资金改报区级"
    reference = REFERENCE
    documentation = "同一项目已获市级资金的不再给区级资金；区级更多时企业放弃该项目的市级资金。"

    def formula(project, period, parameters):
        applied = project("yanzhou_2020_application__plan", period) > 0
        if not applied.any():
            return applied
        return applied & must_forgo(project, period, parameters)
