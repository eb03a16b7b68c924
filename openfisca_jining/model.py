"""The one import of every file in ``variables/``."""

from __future__ import annotations

import numpy
from numpy import datetime64, fmax, maximum, minimum, where
from openfisca_core.indexed_enums import Enum
from openfisca_core.periods import DateUnit

from openfisca_jining.entities import City, Consortium, Enterprise, Project
from openfisca_jining.errors import BadFact
from openfisca_jining.groups import (
    Part,
    any_in,
    any_member,
    capped_per_enterprise,
    combined_group,
    count_enterprises,
    earlier_years,
    first_of,
    group_of,
    max_in,
    max_member,
    of_year,
    once,
    rounded,
    sample_weights,
    settled,
    split_payment,
    sum_in,
    sum_members,
    under_cap,
    with_vat,
)
from openfisca_jining.law import (
    NO_DATE,
    find,
    in_force,
    last_open_day,
    law_at,
    law_at_application,
    law_of_year,
    national_at,
    open_windows,
    reading,
    resolve_date,
    same_day,
)
from openfisca_jining.money import apportion, ratio, ration, settle, share_pool
from openfisca_jining.variable_types import (
    Amount,
    Fact,
    Money,
    Variable,
    is_stated,
    refuse_contradiction,
    refuse_missing,
    refuse_unstated,
    required,
)

YEAR = DateUnit.YEAR
