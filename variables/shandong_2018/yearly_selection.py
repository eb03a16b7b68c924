"""三（六）第1句: lead firms with smart factories, workshops and trained managers selected each year."""

from openfisca_jining.model import YEAR, City, Variable, law_of_year

REFERENCE = "鲁政办字〔2018〕21号 三（六）第1句"


def selected(city, period, parameters, kind):
    count = getattr(law_of_year(city, period, parameters, "shandong_2018").yearly_selection, kind)
    return city.filled_array(0 if count != count else int(count))


class shandong_2018_yearly_selection__factories(Variable):
    value_type = int
    entity = City
    definition_period = YEAR
    label = "全省每年选择实施智能工厂改造的龙头企业数"
    unit = "家"
    reference = REFERENCE

    def formula(city, period, parameters):
        return selected(city, period, parameters, "factories")


class shandong_2018_yearly_selection__workshops(Variable):
    value_type = int
    entity = City
    definition_period = YEAR
    label = "全省每年选择实施智能车间改造的骨干企业数"
    unit = "家"
    reference = REFERENCE

    def formula(city, period, parameters):
        return selected(city, period, parameters, "workshops")


class shandong_2018_yearly_selection__trainees(Variable):
    value_type = int
    entity = City
    definition_period = YEAR
    label = "全省每年培训的中小企业负责人数"
    unit = "名"
    reference = REFERENCE

    def formula(city, period, parameters):
        return selected(city, period, parameters, "trainees")
