"""五.3: what an enterprise that chooses well applies for, and what it then gets.

The enterprise's options are its own projects (each under its best measure) and its consortia. Taking district money for a
project may mean forgoing city money for it, so an option is worth its district money, within what the caps still leave,
less the city money the enterprise loses, given what it has already taken. Everything is computed in whole arrays; the only
loops run over the places in a list (the first, second, ... project of every enterprise at once) and over the applications
allowed.
"""

from dataclasses import dataclass, replace

from openfisca_jining.variables.jining_2017.booking import city_claims, city_money
from openfisca_jining.variables.yanzhou_2020.rates import limited_and_free, room

from openfisca_jining.classifications import Measure
from openfisca_jining.groups import (
    Part,
    any_in,
    cap_group,
    capped_per_enterprise,
    combined_group,
    first_of,
    group_of,
    of_year,
    sample_weights,
    split_payment,
    sum_in,
    under_cap,
)
from openfisca_jining.law import NO_DATE, law_at_application, law_of_year, open_windows, reading, same_day
from openfisca_jining.model import is_stated, maximum, minimum, numpy, refuse_contradiction, where
from openfisca_jining.money import FEN, rank_within, ration

OWN_MEASURES = ("equipment", "robots", "informatisation")
MEASURES = (*OWN_MEASURES, "consortium")
#: Plan of a project: 0 nothing; 1, 2, 3 own application under that measure; ALL under every measure it meets; plus SHARE if
#: it draws a consortium share.
ALL = len(OWN_MEASURES) + 1
SHARE = ALL + 1


def overlap_reading(project, period, parameters):
    return reading(project, period, parameters, "yanzhou_2020.readings.city_district_overlap")


def city_entitlement(project, period, parameters):
    """City money of each project under the caps, before any choice and pool (yuan)."""
    return city_money(project, period, parameters, numpy.ones(project.count, dtype=bool))


def open_to(project, period, parameters, amount):
    """A district amount after the bar on projects that already have other fiscal money (yuan)."""
    overlap = overlap_reading(project, period, parameters)
    other = project("other_fiscal_money", period)
    if overlap == "cumulative":
        return amount
    if overlap == "top_up_difference":
        return maximum(amount - other - city_entitlement(project, period, parameters), 0.0)
    amount = where(other > 0, 0.0, amount)
    if overlap == "district_zero_if_any_other_fiscal":
        return where(city_entitlement(project, period, parameters) > 0, 0.0, amount)
    return amount


def refuse_unknown_city_money(project, period, parameters):
    """Refuse a project that applied to the city in an earlier year and does not say what it got."""
    to_city = project("city_application_date", period)
    if not (to_city != NO_DATE).any():
        return
    applied = project("yanzhou_2020__application_date", period)
    before = (to_city != NO_DATE) & (to_city.astype("datetime64[Y]") < applied.astype("datetime64[Y]"))
    unknown = before & project("yanzhou_2020__in_scope", period) & ~is_stated(project, period, "other_fiscal_money")
    refuse_contradiction(
        project,
        "city_application_date",
        unknown,
        "早于申报年度，请在「已获其他财政资金」填写该项目已得的市级资金（没有填 0）",
    )


def must_forgo(project, period, parameters):
    """Projects that can have district money only by forgoing the city money they are entitled to (bool)."""
    overlap = overlap_reading(project, period, parameters)
    if overlap not in ("never_both_better_of_two", "looks_back_city_first"):
        return numpy.zeros(project.count, dtype=bool)
    claims = city_claims(project, period)
    if overlap == "never_both_better_of_two":
        return claims
    # 「已获」向前看：先报区级的，当时还没有市级资金；先后不明的，按市级在先
    to_city = project("city_application_date", period)
    district_first = (to_city != NO_DATE) & (project("yanzhou_2020__application_date", period) < to_city)
    return claims & ~district_first


@dataclass(frozen=True)
class State:
    """What every enterprise has taken so far.

    :ivar own: plan of each project's own application (0, 1 to 3, ALL). :ivar share: draws a consortium share.
    :ivar gain: money gained by the enterprise's unit, on each of its projects (whole fen).
    """

    own: numpy.ndarray
    share: numpy.ndarray
    gain: numpy.ndarray

    @property
    def taken(self):
        """Projects used in either way (bool)."""
        return (self.own > 0) | self.share


def whole_fen(gain):
    """A gain, which may be negative, in whole fen (float64): what is equal to the fen must not be told apart by float noise."""
    return numpy.rint(gain * FEN)


class Choice:
    """The choice of all enterprises at once. See the module's docstring. :param project: :class:`groups.Part`."""

    def __init__(self, project, period, parameters) -> None:
        self.project, self.period, self.parameters = project, period, parameters
        law = law_at_application(project, period, parameters, "yanzhou_2020")
        self.readings, self.limits = law.readings, law.application
        self.parts = [limited_and_free(project, period, parameters, measure) for measure in OWN_MEASURES]
        self.rooms = [room(project, period, parameters, measure) for measure in OWN_MEASURES]
        self.caps = [cap_group(project, period, parameters, f"yanzhou_2020_{name}") for name in OWN_MEASURES]
        share = open_to(project, period, parameters, project("yanzhou_2020_consortium__capped", period))
        self.forgo = must_forgo(project, period, parameters)
        self.enterprise = group_of(project, "enterprise")
        self.blocked = numpy.zeros(project.count, dtype=bool)
        self.unit = self.enterprise
        if self.readings.year_meaning == "policy_year":
            self.unit, self.blocked = self.policy_years()
        self.share_value = where(self.blocked, 0.0, share)
        self.stake = combined_group(self.unit[0], group_of(project, "consortium")[0])
        self.stake_value = sum_in(project, self.stake, self.share_value)

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

    def own_value(self, state):
        """What each project would bring as a further own application, and its plan: (yuan, 1 to 3 or ALL)."""
        shared = self.readings.cap_scope == "shared_equipment_cap"
        one = self.readings.same_project_limbs == "choose_one_best"
        values, first = [], 0.0
        used = [
            sum_in(self.project, cap, where((state.own == number + 1) | (state.own == ALL), limited, 0.0))
            for number, (cap, (limited, _)) in enumerate(zip(self.caps, self.parts, strict=True))
        ]
        for number, (limited, free) in enumerate(self.parts):
            left = self.rooms[number] - used[number]
            if shared and OWN_MEASURES[number] != "informatisation":
                left = left - used[1 - number] - (0.0 if one else first)
            first = minimum(limited, maximum(left, 0.0))
            values.append(open_to(self.project, self.period, self.parameters, first + free))
        best = numpy.argmax(whole_fen(numpy.array(values)), axis=0)  # 并列时取列在前面的一项
        value = numpy.max(values, axis=0) if one else sum(values)
        plan = best + 1 if one else numpy.full(self.project.count, ALL)
        return where(self.blocked, 0.0, value), plan

    def city(self, given_up, rows, copy=None):
        """City money of an enterprise if it gives up ``given_up`` where it must (enterprise sum on each row, yuan).

        :param rows: numbers of the projects looked at, whole enterprises. :param copy: see :class:`groups.Part`.
        :param given_up: bool of each of these rows.
        """
        part = Part(self.project.whole, self.project.rows[rows], copy)
        kept = ~(given_up & self.forgo[rows])
        return sum_in(part, "enterprise", city_money(part, self.period, self.parameters, kept))

    def loss(self, taken, label, candidate):
        """City money lost by taking, on top of ``taken``, the option each candidate belongs to (``label``).

        Every option is tried on a copy of its enterprise: one of each enterprise, then two, four, ... at a time.
        """
        result = numpy.zeros(self.project.count)
        rows = numpy.flatnonzero(candidate & any_in(self.project, self.enterprise, self.forgo))
        if not len(rows):
            return result
        _, place, option = numpy.unique(label[rows], return_index=True, return_inverse=True)
        firsts = rows[place]
        rank = numpy.full(self.project.count, -1)
        rank[rows] = rank_within(self.enterprise[0][firsts], firsts)[option]
        options = numpy.zeros(self.enterprise[1], dtype=int)
        numpy.maximum.at(options, self.enterprise[0], rank + 1)
        options = options[self.enterprise[0]]
        before = numpy.zeros(self.project.count)
        looked_at = numpy.flatnonzero(options)
        before[looked_at] = self.city(taken[looked_at], looked_at)
        first, last = 0, 1
        while first < options.max():
            tried = [numpy.flatnonzero(options > number) for number in range(first, min(last, options.max()))]
            rows = numpy.concatenate(tried)
            number = numpy.repeat(numpy.arange(first, first + len(tried)), [len(one) for one in tried])
            mine = rank[rows] == number
            lost = before[rows] - self.city(taken[rows] | mine, rows, number)
            result[rows[mine]] = lost[mine]
            first, last = last, 2 * last + 1
        return result

    def take(self, state, own=True, shares=True, among=True):
        """Add to the state the best remaining option of every unit: an own project or a consortium stake.

        :param own, shares: kinds allowed. :param among: units (as bool of projects) that may take one.
        """
        both = self.readings.consortium_member_double == "both"
        value, plan = self.own_value(state)
        free = among & (value > 0) & ~((state.own > 0) if both else state.taken)
        stakes = among & (self.stake_value > 0) & (self.share_value > 0) & ~(state.share if both else state.taken)
        none = numpy.full(self.project.count, -numpy.inf)
        own_gain, stake_gain = none, none
        if own and free.any():
            lost = self.loss(state.taken, numpy.arange(self.project.count), free)
            own_gain = where(free, whole_fen(value - lost), -numpy.inf)
        if shares and stakes.any():
            lost = self.loss(state.taken, self.stake[0], stakes)
            stake_gain = where(stakes, whole_fen(self.stake_value - lost), -numpy.inf)
        best_own = first_of(self.project, self.unit, own_gain, own_gain > 0)
        best_stake = first_of(self.project, self.unit, stake_gain, stake_gain > 0)
        from_own = self.on_unit(where(best_own, own_gain, 0.0))
        from_stake = self.on_unit(where(best_stake, stake_gain, 0.0))
        # 并列时，已说明的共同体申报优先
        stake_wins = from_stake >= from_own
        drawn = numpy.bincount(self.stake[0], best_stake & stake_wins, minlength=self.stake[1]) > 0
        return State(
            where(best_own & ~stake_wins, plan, state.own),
            state.share | (drawn[self.stake[0]] & (self.share_value > 0)),
            state.gain + maximum(from_own, from_stake),
        )

    def candidates(self):
        """The largest number of options of any unit."""
        own = self.own_value(self.start())[0]
        return int(self.on_unit((own > 0) | (self.share_value > 0)).max(initial=0))

    def on_unit(self, amount):
        """Sum over the unit, on each of its projects."""
        return numpy.bincount(self.unit[0], amount, minlength=self.unit[1])[self.unit[0]]

    def start(self):
        """Nothing taken."""
        count = self.project.count
        return State(numpy.zeros(count, dtype=int), numpy.zeros(count, dtype=bool), numpy.zeros(count))

    def repeat(self, state, times, among=True, **kinds):
        """:meth:`take` up to ``times`` times (number per unit, on its projects), until nothing more pays."""
        for number in range(int(numpy.max(times))):
            before = state.gain
            state = self.take(state, among=among & (number < times), **kinds)
            if (state.gain == before).all():
                break
        return state

    def allowed(self, limit):
        """A yearly number of applications per unit: the largest among its own claims, if the law changes within the year."""
        each = numpy.broadcast_to(numpy.nan_to_num(numpy.asarray(limit, dtype=float)), (self.project.count,))
        most = numpy.zeros(self.unit[1])
        numpy.maximum.at(most, self.unit[0], each)
        return most[self.unit[0]]

    def plan(self):
        """What each project is used for (see :data:`ALL`, :data:`SHARE`)."""
        ordinary, of_lead = (
            self.allowed(self.limits.projects_per_year),
            self.allowed(self.limits.projects_per_year_lead),
        )
        leads = self.on_unit(self.project("consortium_lead", self.period) & (self.stake_value > 0)) > 0
        rule, lead_rule = self.readings.one_application, self.readings.lead_two_projects
        if rule == "soft_exceptions":
            return self.encode(self.repeat(self.start(), 2 * self.candidates()))
        plain = self.repeat(self.start(), ordinary)
        if rule == "strict_membership_free":
            stakes = self.repeat(self.start(), self.candidates(), own=False)
            return self.encode(self.better(self.repeat(stakes, ordinary, shares=False), plain))
        if not leads.any():
            return self.encode(plain)
        rows = numpy.flatnonzero(any_in(self.project, self.enterprise, leads))
        if len(rows) < self.project.count:  # 只有牵头企业可以有第二个项目
            result, part = self.encode(plain), Part(self.project.whole, self.project.rows[rows])
            result[rows] = type(self)(part, self.period, self.parameters).plan()
            return result
        if lead_rule == "any_two":
            special = self.repeat(self.start(), of_lead, among=leads)
        elif lead_rule == "two_consortia":
            special = self.repeat(self.start(), of_lead, among=leads, own=False)
        else:
            leading = self.project("consortium_lead", self.period)
            led = numpy.bincount(self.stake[0], leading, minlength=self.stake[1]) > 0
            special = self.take(self.start(), own=False, among=leads & led[self.stake[0]])
            special = self.repeat(special, of_lead - 1, among=leads, shares=False)
        return self.encode(self.better(special, plain, leads))

    def better(self, first, second, first_allowed=True):
        """Unit by unit, the first state if it is allowed and brings at least as much, else the second."""
        use = (first.gain >= second.gain) & first_allowed
        return replace(
            first,
            own=where(use, first.own, second.own),
            share=where(use, first.share, second.share),
            gain=where(use, first.gain, second.gain),
        )

    def encode(self, state):
        """The state as the plan variable holds it."""
        return state.own + SHARE * state.share


def own_plan(project, period):
    """Plan of each project's own application: 0, 1 to 3, ALL."""
    return project("yanzhou_2020_application__plan", period) % SHARE


def draws_share(project, period):
    """Whether each project draws its consortium share."""
    return project("yanzhou_2020_application__plan", period) >= SHARE


def before_joint_cap(project, period, parameters, measure):
    """A measure's amount for the projects that are applied for under it, under its own cap (yuan)."""
    if measure == "consortium":
        share = project("yanzhou_2020_consortium__capped", period)
        return where(draws_share(project, period), open_to(project, period, parameters, share), 0.0)
    plan = own_plan(project, period)
    applied = (plan == OWN_MEASURES.index(measure) + 1) | (plan == ALL)
    limited, free = (where(applied, part, 0.0) for part in limited_and_free(project, period, parameters, measure))
    law = law_at_application(project, period, parameters, "yanzhou_2020")
    cap, instrument = law[measure].cap_per_enterprise, f"yanzhou_2020_{measure}"
    used = 0.0
    if law.readings.cap_scope == "shared_equipment_cap" and measure == "robots":
        equipment = before_joint_cap(project, period, parameters, "equipment")
        used = sum_in(project, "enterprise", equipment)
    booked = capped_per_enterprise(project, period, parameters, instrument, limited, cap, used=used)
    return open_to(project, period, parameters, booked + free)


def chosen(project, period, parameters, measure):
    """A measure's amount after the enterprise's choice (yuan).

    Under the reading of one cap for both levels, all district money of an enterprise is held to the higher of the two
    equipment caps less the city's equipment grant.
    """
    if reading(project, period, parameters, "common.readings.cross_cap_levels") == "separate_caps":
        return before_joint_cap(project, period, parameters, measure)
    claims = [before_joint_cap(project, period, parameters, name) for name in MEASURES]
    caps = [
        law_at_application(project, period, parameters, document).equipment.cap_per_enterprise
        for document in ("jining_2017", "yanzhou_2020")
    ]
    used = sum_in(project, "enterprise", project("jining_2017_equipment__chosen", period))
    total = under_cap(project, period, parameters, sum(claims), numpy.fmax(*caps), used=used)
    return split_payment(claims, total)[MEASURES.index(measure)]


def paid(project, period, parameters, measure):
    """A measure after the district's special fund, which has no stated amount and so does not bind unless supplied (yuan)."""
    instrument = f"yanzhou_2020_{measure}"
    if reading(project, period, parameters, "yanzhou_2020.readings.fund_cap") == "uncapped_entitlement":
        return project(f"{instrument}__chosen", period)
    law = law_of_year(project, period, parameters, "yanzhou_2020")
    claims = [project(f"yanzhou_2020_{name}__chosen", period) for name in MEASURES]
    pool = 0.0 if numpy.isnan(law.special_fund.amount) else law.special_fund.amount
    total = ration(sum(claims), pool, weight=sample_weights(project, period))
    return split_payment(claims, total)[MEASURES.index(measure)]


def best_measure(project, period, parameters, measure):
    """A measure's capped amount where it is the one for the project: the one applied for, else the best (yuan)."""
    amounts = [project(f"yanzhou_2020_{name}__capped", period) for name in MEASURES]
    own, share = own_plan(project, period), draws_share(project, period)
    number, best = MEASURES.index(measure), numpy.argmax(whole_fen(numpy.array(amounts)), axis=0)
    applied = share if measure == "consortium" else (own == number + 1) | (own == ALL)
    return where(where((own > 0) | share, applied, best == number), amounts[number], 0.0)


def not_double(project, period, parameters, measure):
    """:func:`best_measure` after the bar on other fiscal money, and without projects whose city money is kept instead (yuan)."""
    amount = open_to(project, period, parameters, project(f"yanzhou_2020_{measure}__best", period))
    keeps_city = must_forgo(project, period, parameters) & (project("yanzhou_2020_application__plan", period) == 0)
    return where(keeps_city, 0.0, amount)


def measure_of(project, period):
    """The measure each project is applied for (Measure)."""
    own, share = own_plan(project, period), draws_share(project, period)
    names = [Measure.several, Measure.consortium, Measure.equipment, Measure.robots, Measure.informatisation]
    alone = [own == number + 1 for number in range(len(OWN_MEASURES))]
    return numpy.select([(own == ALL) | (share & (own > 0)), share, *alone], names, Measure.none)
