"""五.3: what an enterprise that chooses well applies for, and what it then gets.

The enterprise's options are its own projects (each under its best measure) and its consortia. Taking district money for a
project may mean forgoing city money for it, so an option is worth its district money less the city money the enterprise
loses, given what it has already taken. Everything is computed in whole arrays; the only loops run over the places in a list
(the first, second, ... project of every enterprise at once) and over the applications allowed.
"""

from openfisca_jining.classifications import Measure
from openfisca_jining.groups import (
    capped_per_enterprise,
    combined_group,
    first_of,
    group_of,
    of_year,
    split_payment,
    sum_in,
    under_cap,
)
from openfisca_jining.law import NO_DATE, law_at_application, law_of_year, open_windows, reading, same_day
from openfisca_jining.model import maximum, minimum, numpy, where
from openfisca_jining.money import rank_within, ration
from openfisca_jining.variables.jining_2017.booking import CITY_GRANTS, city_money

OWN_MEASURES = ("equipment", "robots", "informatisation")
MEASURES = (*OWN_MEASURES, "consortium")
OWN, SHARE = 1, 2


def overlap_reading(project, period, parameters):
    return reading(project, period, parameters, "yanzhou_2020.readings.city_district_overlap")


def city_entitlement(project, period):
    """City money of each project under the caps, before any choice and pool (yuan)."""
    return sum(project(f"{name}__{'uncapped' if 'zone' in name else 'capped'}", period) for name in CITY_GRANTS)


def open_to(project, period, parameters, amount):
    """A district amount after the bar on projects that already have other fiscal money (yuan)."""
    overlap = overlap_reading(project, period, parameters)
    other = project("other_fiscal_money", period)
    if overlap == "cumulative":
        return amount
    if overlap == "top_up_difference":
        return maximum(amount - other - city_entitlement(project, period), 0.0)
    amount = where(other > 0, 0.0, amount)
    if overlap == "district_zero_if_any_other_fiscal":
        return where(city_entitlement(project, period) > 0, 0.0, amount)
    return amount


def must_forgo(project, period, parameters):
    """Projects that can have district money only by forgoing the city money they are entitled to (bool)."""
    overlap = overlap_reading(project, period, parameters)
    claims = sum(project(f"{name}__uncapped", period) for name in CITY_GRANTS) > 0
    if overlap == "never_both_better_of_two":
        return claims
    if overlap != "looks_back_city_first":
        return numpy.zeros(project.count, dtype=bool)
    # 「已获」向前看：先报区级的，当时还没有市级资金；先后不明的，按市级在先
    to_city = project("city_application_date", period)
    district_first = (to_city != NO_DATE) & (project("yanzhou_2020__application_date", period) < to_city)
    return claims & ~district_first


def own_amounts(project, period, parameters):
    """What each project brings as an own application, by measure (list of yuan arrays), under the choose-one reading."""
    amounts = [
        open_to(project, period, parameters, project(f"yanzhou_2020_{measure}__capped", period))
        for measure in OWN_MEASURES
    ]
    readings = law_at_application(project, period, parameters, "yanzhou_2020").readings
    if readings.same_project_limbs == "choose_one_best":
        best = numpy.argmax(amounts, axis=0)  # 并列时取列在前面的一项
        amounts = [where(best == place, amount, 0.0) for place, amount in enumerate(amounts)]
    if readings.cap_scope == "shared_equipment_cap":
        law = law_at_application(project, period, parameters, "yanzhou_2020")
        amounts[1] = minimum(amounts[1], maximum(law.equipment.cap_per_enterprise - amounts[0], 0.0))
    return amounts


class Choice:
    """State of the choice of all enterprises at once. See the module's docstring."""

    def __init__(self, project, period, parameters) -> None:
        self.project, self.period, self.parameters = project, period, parameters
        law = law_at_application(project, period, parameters, "yanzhou_2020")
        self.readings, self.limits = law.readings, law.application
        self.own_value = sum(own_amounts(project, period, parameters))
        share = open_to(project, period, parameters, project("yanzhou_2020_consortium__capped", period))
        self.forgo = must_forgo(project, period, parameters)
        self.enterprise = group_of(project, "enterprise")
        blocked = numpy.zeros(project.count, dtype=bool)
        self.unit = self.enterprise
        if self.readings.year_meaning == "policy_year":
            self.unit, blocked = self.policy_years()
        self.own_value = where(blocked, 0.0, self.own_value)
        self.share_value = where(blocked, 0.0, share)
        self.stake = combined_group(self.unit[0], group_of(project, "consortium")[0])
        self.stake_value = sum_in(project, self.stake, self.share_value)
        self.costly = bool((self.forgo & ((self.own_value > 0) | (self.stake_value > 0))).any())
        self.full = self.city(numpy.zeros(project.count, dtype=bool)) if self.costly else 0.0

    def policy_years(self):
        """Applications counted by policy year (from the anniversary of the first day of validity): units, and projects
        whose enterprise has used up the policy year in the previous claim year."""
        project, period, parameters = self.project, self.period, self.parameters
        first = parameters(str(period.start)).yanzhou_2020.validity.first_day
        dates = project("yanzhou_2020__application_date", period)
        later = dates >= same_day(first, period.start.year)
        unit = combined_group(self.enterprise[0], later)
        before = period.offset(-1, "year")
        if not open_windows(project, before, parameters, "yanzhou_2020"):
            return unit, numpy.zeros(project.count, dtype=bool)
        applied = of_year(project, "yanzhou_2020_application__plan", before) > 0
        applied &= of_year(project, "yanzhou_2020__application_date", before) >= same_day(first, before.start.year)
        used = numpy.bincount(self.enterprise[0], applied, minlength=self.enterprise[1]) > 0
        return unit, used[self.enterprise[0]] & ~later

    def city(self, given_up):
        """City money each project's enterprise loses nothing of, if it gives up ``given_up`` (enterprise sum, yuan)."""
        kept = ~(given_up & self.forgo)
        return sum_in(self.project, "enterprise", city_money(self.project, self.period, self.parameters, kept))

    def loss(self, taken, label, candidate):
        """City money lost by taking, on top of ``taken``, the option each candidate belongs to (``label``)."""
        result = numpy.zeros(self.project.count)
        if not self.costly:
            return result
        already = self.full - self.city(taken)
        rows = numpy.flatnonzero(candidate)
        _, place = numpy.unique(label[rows], return_index=True)
        firsts = rows[place]
        rank_of_label = dict(zip(label[firsts], rank_within(self.enterprise[0][firsts], firsts), strict=True))
        rank = numpy.full(self.project.count, -1)
        rank[rows] = [rank_of_label[value] for value in label[rows]]
        for number in range(rank.max() + 1):
            mine = rank == number
            lost = self.full - self.city(taken | mine) - already
            result[mine] = lost[mine]
        return result

    def take(self, state, own=True, shares=True, among=True):
        """Add to the state the best remaining option of every unit: an own project or a consortium stake.

        :param own, shares: kinds allowed. :param among: units (as bool of projects) that may take one.
        :returns: new state, and the gain of each unit (on its projects).
        """
        took_own, took_share, gain = state
        taken = took_own | took_share
        nothing = numpy.full(self.project.count, -numpy.inf)
        both = self.readings.consortium_member_double == "both"
        free = among & (self.own_value > 0) & ~(took_own if both else taken)
        value = nothing
        if own and free.any():
            label = numpy.arange(self.project.count)
            value = where(free, self.own_value - self.loss(taken, label, free), -numpy.inf)
        stakes = among & (self.stake_value > 0) & (self.share_value > 0) & ~(took_share if both else taken)
        stake_gain = nothing
        if shares and stakes.any():
            stake_gain = where(stakes, self.stake_value - self.loss(taken, self.stake[0], stakes), -numpy.inf)
        best_own = first_of(self.project, self.unit, value, value > 0)
        best_stake = first_of(self.project, self.unit, stake_gain, stake_gain > 0)
        own_gain = self.on_unit(where(best_own, value, 0.0))
        share_gain = self.on_unit(where(best_stake, stake_gain, 0.0))
        # 并列时，已说明的共同体申报优先
        share_wins = share_gain >= own_gain
        stake_taken = numpy.bincount(self.stake[0], best_stake & share_wins, minlength=self.stake[1]) > 0
        new_own = took_own | (best_own & ~share_wins)
        new_share = took_share | (stake_taken[self.stake[0]] & (self.share_value > 0))
        return new_own, new_share, gain + maximum(own_gain, share_gain)

    def on_unit(self, amount):
        return numpy.bincount(self.unit[0], amount, minlength=self.unit[1])[self.unit[0]]

    def start(self):
        nothing = numpy.zeros(self.project.count, dtype=bool)
        return nothing, nothing, numpy.zeros(self.project.count)

    def repeat(self, state, times, **kinds):
        for number in range(int(numpy.nanmax(times)) if numpy.size(times) else 0):
            among = kinds.pop("among", True) & (number < times)
            state = self.take(state, among=among, **kinds)
            kinds["among"] = True
        return state

    def plan(self):
        """What each project is used for: OWN, SHARE, both added, or 0."""
        ordinary = number_of(self.limits.projects_per_year)
        of_lead = number_of(self.limits.projects_per_year_lead)
        leads = self.on_unit(self.project("consortium_lead", self.period) & (self.stake_value > 0)) > 0
        rule, lead_rule = self.readings.one_application, self.readings.lead_two_projects
        if rule == "soft_exceptions":
            most = int(numpy.bincount(self.unit[0]).max()) * 2
            return self.encode(self.repeat(self.start(), most))
        if rule == "strict_membership_free":
            stakes = self.repeat(self.start(), int(numpy.bincount(self.unit[0]).max()), own=False)
            return self.encode(self.better(self.repeat(stakes, ordinary, shares=False), self.repeat(self.start(), ordinary)))
        plain = self.repeat(self.start(), ordinary)
        if not leads.any():
            return self.encode(plain)
        if lead_rule == "any_two":
            special = self.repeat(self.start(), of_lead)
        elif lead_rule == "two_consortia":
            special = self.repeat(self.start(), of_lead, own=False)
        else:
            led = numpy.bincount(self.stake[0], self.project("consortium_lead", self.period), minlength=self.stake[1]) > 0
            special = self.take(self.start(), own=False, among=led[self.stake[0]])
            special = self.repeat(special, of_lead - 1, shares=False)
        return self.encode(self.better(plain, special, leads))

    def better(self, first, second, where_allowed=True):
        """Unit by unit, the second state if it brings more, else the first."""
        use = (second[2] > first[2]) & where_allowed
        return tuple(where(use, two, one) for one, two in zip(first, second, strict=True))

    def encode(self, state):
        return OWN * state[0].astype(int) + SHARE * state[1].astype(int)


def number_of(limit):
    """A yearly number of applications; if the law changes it within the year, the larger one."""
    limit = numpy.asarray(limit, dtype=float)
    return 0 if numpy.isnan(limit).all() else int(numpy.nanmax(limit))


def chosen(project, period, parameters, measure):
    """A measure's amount for the projects that are applied for under it (yuan)."""
    plan = project("yanzhou_2020_application__plan", period)
    if measure == "consortium":
        share = project("yanzhou_2020_consortium__capped", period)
        amount = where(plan & SHARE > 0, open_to(project, period, parameters, share), 0.0)
    else:
        amounts = own_amounts(project, period, parameters)
        amounts = [where(plan & OWN > 0, one, 0.0) for one in amounts]
        amount = amounts[OWN_MEASURES.index(measure)]
        readings = law_at_application(project, period, parameters, "yanzhou_2020").readings
        if readings.one_application == "soft_exceptions" and readings.uplift_and_cap == "cap_unchanged":
            amount = recapped(project, period, parameters, measure, amount, amounts)
    return joint_cap(project, period, parameters, amount)


def recapped(project, period, parameters, measure, amount, amounts):
    """Caps per enterprise once more, where an enterprise may apply for any number of projects."""
    law = law_at_application(project, period, parameters, "yanzhou_2020")
    cap = law[measure].cap_per_enterprise
    amount = capped_per_enterprise(project, period, parameters, f"yanzhou_2020_{measure}", amount, cap)
    if law.readings.cap_scope == "shared_equipment_cap" and measure == "robots":
        equipment = recapped(project, period, parameters, "equipment", amounts[0], amounts)
        amount = under_cap(project, period, parameters, amount, cap - sum_in(project, "enterprise", equipment))
    return amount


def joint_cap(project, period, parameters, amount):
    """Under the reading of one cap for both levels: district money only up to the higher cap less the city's equipment grant."""
    if reading(project, period, parameters, "common.readings.cross_cap_levels") != "joint_cap":
        return amount
    city = law_at_application(project, period, parameters, "jining_2017").equipment.cap_per_enterprise
    left = city - sum_in(project, "enterprise", project("jining_2017_equipment__chosen", period))
    return under_cap(project, period, parameters, amount, left)


def paid(project, period, parameters, measure):
    """A measure after the district's special fund, which has no stated amount and so does not bind unless supplied (yuan)."""
    instrument = f"yanzhou_2020_{measure}"
    if reading(project, period, parameters, "yanzhou_2020.readings.fund_cap") == "uncapped_entitlement":
        return project(f"{instrument}__chosen", period)
    law = law_of_year(project, period, parameters, "yanzhou_2020")
    claims = [project(f"yanzhou_2020_{name}__chosen", period) for name in MEASURES]
    pool = 0.0 if numpy.isnan(law.special_fund.amount) else law.special_fund.amount
    total = ration(sum(claims), pool, weight=project.enterprise("weight", period))
    return split_payment(claims, total)[MEASURES.index(measure)]


def measure_of(project, period, parameters):
    """The measure each project is applied for (Measure)."""
    plan = project("yanzhou_2020_application__plan", period)
    own = [amount > 0 for amount in own_amounts(project, period, parameters)]
    used = [(plan & OWN > 0) & one for one in own] + [plan & SHARE > 0]
    several = sum(one.astype(int) for one in used) > 1
    names = [Measure.several, Measure.equipment, Measure.robots, Measure.informatisation, Measure.consortium]
    return numpy.select([several, *used], names, Measure.none)
