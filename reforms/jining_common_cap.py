"""What if, from mid 2021, Jining's equipment grant and robot awards share one cap per enterprise?

Title: 济宁设备补助与机器人奖励合计，单个企业最高 300 万元（2021-07-01 起，现行各有限额，合计可达 600 万元）
Idea: the 2017 text caps each limb by itself and lets one invoice count twice; here an enterprise gets 3 million in all. Special
    robots are booked first, then robots, then equipment. Claims before the day neither fall under the cap nor use it up. Where
    the district tops up the difference to the city's money (another reading), it still looks at the city's amounts before this cap.
Moves: jining_2017.equipment.common_cap_per_enterprise (new); the three 2017 grants, and what Yanzhou's enterprises choose.
From: 2021-07-01
"""

from functools import partial

from openfisca_core.reforms import Reform
from openfisca_jining.reforms import New, amend, enacting, reformed_law
from openfisca_jining.variables.jining_2017.booking import city_money
from openfisca_jining.variables.yanzhou_2020.choice import MEASURES, Choice, refuse_unknown_city_money

from openfisca_jining.groups import Part, any_in
from openfisca_jining.model import YEAR, Project, Variable, numpy, sum_in, under_cap, where
from openfisca_jining.money import put

FROM = "2021-07-01"
NEW = [
    New(
        "jining_2017.equipment.common_cap_per_enterprise",
        3_000_000,
        FROM,
        "设备补助与机器人奖励单个企业合计最高",
        "元",
        clause="JN2017-18-2x3",
    ),
]
#: The limbs in the order in which they are booked.
LIMBS = ("jining_2017_special_robots", "jining_2017_robots", "jining_2017_equipment")
#: City money that the common cap does not concern.
APART = ("jining_2017_zone_pool__uncapped", "jining_2020_special_fund__claimed")


def under_common_cap(project, period, parameters, amount, booked=0.0):
    """Amounts within what the common cap leaves after those already booked (yuan of each project)."""
    cap = reformed_law(project, period, parameters, "jining_2017").equipment.common_cap_per_enterprise
    free = numpy.isnan(cap) | numpy.zeros(project.count, dtype=bool)
    used = sum_in(project, "enterprise", where(free, 0.0, booked))
    dates = project("jining_2017__application_date", period)
    held = under_cap(project, period, parameters, where(free, 0.0, amount), cap, used=used, dates=dates)
    return where(free, amount, held)


def limb(project, period, parameters, amount, stage, before):
    """A limb at a stage, after the limbs that are booked before it."""
    booked = sum(project(f"{name}__{stage}", period) for name in before)
    return under_common_cap(project, period, parameters, amount, booked)


class ChoiceUnderCommonCap(Choice):
    """The enterprise's choice, with the city money it would get under the common cap."""

    def city_money(self, part, kept):
        """See :meth:`Choice.city_money`."""
        apart = kept * sum(part(name, self.period) for name in APART)
        limbs = city_money(part, self.period, self.parameters, kept) - apart
        return under_common_cap(part, self.period, self.parameters, limbs) + apart


class yanzhou_2020_application__plan(Variable):  # noqa: N801
    """What every enterprise applies for, choosing under the common cap."""

    value_type = int
    entity = Project
    definition_period = YEAR

    def formula(project, period, parameters):  # noqa: N805
        """As in current law, but for the common cap."""
        refuse_unknown_city_money(project, period, parameters)
        worth = sum(project(f"yanzhou_2020_{measure}__capped", period) for measure in MEASURES) > 0
        rows = numpy.flatnonzero(any_in(project, "enterprise", worth))
        if not len(rows):
            return project.filled_array(0)
        return put(ChoiceUnderCommonCap(Part(project, rows), period, parameters).plan(), rows, project.count)


class JiningCommonCap(Reform):
    """See the module's docstring."""

    name = "济宁设备补助与机器人奖励合计，单个企业最高 300 万元"
    changes = []

    def apply(self) -> None:
        """Add the cap; hold the limbs to it, one after the other, before and after the enterprise's choice; let it choose so."""
        self.modify_parameters(enacting(self.name, new=NEW))
        for stage in ("capped", "chosen"):
            for number, name in enumerate(LIMBS):
                amend(self, f"{name}__{stage}", partial(limb, stage=stage, before=LIMBS[:number]))
        self.update_variable(yanzhou_2020_application__plan)
