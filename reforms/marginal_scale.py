"""What if, from 2021, a marginal scale replaces the cliff at every investment threshold?

Title: 投资门槛的断崖改为分段计算：门槛一半以下不计，一半至一倍半的部分按比例的 1.5 倍，以上部分按原比例（2021 年起）
Idea: today one yuan more at the line brings hundreds of thousands. On the scale every yuan brings at most 1.5 times the rate: it
    begins at half the old line and meets the old grant at one and a half times the line, so that larger projects get what they
    got. The bands are multiples of the clause's rate, so that other rates, the uplift and size tiers stack with them. Where line
    and base are two quantities (Yanzhou robots), the base counts in the share that the scale gives the first. The consortium
    keeps its line. The reading on whole base or excess is answered: the scale replaces it.
Moves: minimum_investment and scale_first_multiple, scale_second_from, scale_second_multiple (new) of jining_2017.equipment and
    yanzhou_2020.equipment, robots, informatisation; common.readings.threshold_whole_or_excess; these grants.
From: 2021-01-01
"""

from functools import partial

from openfisca_core.reforms import Reform
from openfisca_jining.reforms import New, amend, enacting, reformed_law

from openfisca_jining.model import maximum, minimum, numpy, where

FROM = "2021-01-01"
#: Measure -> (line, where its first and second band begin), yuan. The first begins at the line.
BANDS = {
    "jining_2017.equipment": [
        ("minimum_investment", 10_000_000, "scale_second_from", 30_000_000),
        ("minimum_investment_zero_land", 5_000_000, "scale_second_from_zero_land", 15_000_000),
    ],
    "yanzhou_2020.equipment": [("minimum_investment", 2_500_000, "scale_second_from", 7_500_000)],
    "yanzhou_2020.robots": [("minimum_investment", 1_500_000, "scale_second_from", 4_500_000)],
    "yanzhou_2020.informatisation": [("minimum_investment", 1_000_000, "scale_second_from", 3_000_000)],
}
LABELS = {"scale_second_from": "第二段的起点", "scale_second_from_zero_land": "第二段的起点（零土地）"}
MULTIPLES = {
    "scale_first_multiple": (1.5, "第一段（自门槛起）适用比例的倍数"),
    "scale_second_multiple": (1.0, "第二段适用比例的倍数"),
}
CLAUSES = {
    "jining_2017.equipment": "JN2017-18-2-s1a",
    "yanzhou_2020.equipment": "YZ2020-4-1-s1",
    "yanzhou_2020.robots": "YZ2020-4-1-s2",
    "yanzhou_2020.informatisation": "YZ2020-4-2",
}
CHANGES = [(f"{folder}.{line}", first, FROM) for folder, bands in BANDS.items() for line, first, _, _ in bands]
#: Under the other reading of current law the base would lose the line twice.
ANSWERED = [("common.readings.threshold_whole_or_excess", "whole_base", FROM)]
NEW = [
    New(f"{folder}.{name}", second, FROM, LABELS[name], "元", CLAUSES[folder])
    for folder, bands in BANDS.items()
    for _, _, name, second in bands
] + [
    New(f"{folder}.{name}", value, FROM, label, "倍", CLAUSES[folder])
    for folder in BANDS
    for name, (value, label) in MULTIPLES.items()
]


def counted(measured, line, second_from, law):
    """What an investment counts for on the scale (yuan)."""
    first = maximum(minimum(measured, second_from) - line, 0.0)
    second = maximum(measured - maximum(second_from, line), 0.0)
    return law.scale_first_multiple * first + law.scale_second_multiple * second


def on_scale(project, period, parameters, base, folder):
    """A base so far, in the share in which what meets the line counts on the scale."""
    document, _, measure = folder.partition(".")
    law = reformed_law(project, period, parameters, document)[measure]
    measured = project(f"{document}_{measure}__measured", period)
    line, second_from = law.minimum_investment, law.scale_second_from
    if "scale_second_from_zero_land" in law:
        zero_land = project(f"{document}_{measure}__zero_land", period)
        line = where(zero_land, law.minimum_investment_zero_land, line)
        second_from = where(zero_land, law.scale_second_from_zero_land, second_from)
    scaled = (base > 0) & ~numpy.isnan(law.scale_first_multiple)
    share = counted(measured, line, second_from, law) / where(scaled, measured, 1.0)
    return where(scaled, base * share, base)


class MarginalScale(Reform):
    """See the module's docstring."""

    name = "投资门槛的断崖改为分段计算"
    changes = CHANGES

    def apply(self) -> None:
        """Begin at half the lines, add the bands, and count the bases on them."""
        self.modify_parameters(enacting(self.name, [*self.changes, *ANSWERED], NEW))
        for folder in BANDS:
            amend(self, folder.replace(".", "_") + "__base", partial(on_scale, folder=folder))
