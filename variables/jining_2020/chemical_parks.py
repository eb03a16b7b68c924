"""二（二）2 末段: large chemical projects per park, and the investment they imply at least."""

from openfisca_jining.awards import is_of
from openfisca_jining.classifications import JINING
from openfisca_jining.model import YEAR, City, Money, law_of_year, numpy, where


class jining_2020_chemical_parks__minimum_investment(Money):
    value_type = float
    entity = City
    definition_period = YEAR
    label = "化工园区引进项目的投资下限合计"
    unit = "元"
    reference = "济发〔2020〕16号 二（二）2 末段"
    documentation = "目标隐含的投资额，不是财政支出。"

    def formula(city, period, parameters):
        law = law_of_year(city, period, parameters, "jining_2020")
        parks, large, largest = (
            law.chemical_parks,
            law.chemical_parks.within_three_years,
            law.chemical_parks.within_five_years,
        )
        others = large.projects
        if law.readings.chem_park_overlap == "nested":
            others = others - largest.projects
        per_park = others * large.minimum_investment + largest.projects * largest.minimum_investment
        total = parks.parks * per_park
        return where(is_of(city, period, JINING), numpy.nan_to_num(total), 0.0)
