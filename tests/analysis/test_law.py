"""The law at each claim's date where it has nothing to say: years before it, values that end, paths that do not exist."""

from __future__ import annotations

import pytest
import twelve
from openfisca_core.periods import period
from situations import jining, simulate

from openfisca_jining.analysis.budget import budget
from openfisca_jining.analysis.sweep import Axis, sweep
from openfisca_jining.errors import UnknownParameter
from openfisca_jining.law import document, law_of_year
from openfisca_jining.reforming import reformed

RATE = "jining_2017.equipment.rate"


@pytest.mark.parametrize(
    "variable", ["jining_2017_training__paid", "jining_2017_it_awards__paid", "jining_2017_equipment__paid"]
)
def test_before_a_document_takes_claims_nothing_is_due_and_nothing_has_to_be_supplied(system, variable):
    found = simulate(system, 2016, jining(30_000_000.0, application_date="2016-05-01", trained_heads=3))
    assert found.calculate(variable, "2016").tolist() == [0.0]


def test_what_does_not_exist_is_refused_by_name(system):
    with pytest.raises(UnknownParameter, match="没有名为 jining_2099 的文件参数目录"):
        document(system.parameters, "jining_2099")
    found = simulate(system, 2021, jining(1.0))
    law = law_of_year(found.populations["enterprise"], period("2021"), system.get_parameters_at_instant, "jining_2017")
    assert law.equipment.rate == 0.03 and "rate" in law.equipment and "rat" not in law.equipment
    with pytest.raises(UnknownParameter, match=r"没有参数 jining_2017\.equipment\.rat。"):
        law.equipment["rat"]


def test_a_claim_in_force_under_a_value_that_has_ended_is_refused(system):
    law = reformed(system, changes=[(RATE, None, "2021-07-01")])
    with pytest.raises(UnknownParameter, match=rf"参数 {RATE}（.*）在 2021-07-01 没有值，而当时有在有效期内的申报"):
        budget(twelve.population(), law)


def test_values_that_begin_after_the_claim_year_move_nothing_in_it(system):
    found = sweep(twelve.population(), system, [Axis(RATE, (0.01, 0.05), "2022-01-01")])
    assert found.table["total"].tolist() == [found.baseline] * 2
