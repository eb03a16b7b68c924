"""五.3: what an enterprise that chooses well applies for, and what it then gets.

The enterprise's options are its own projects (each under its best measure) and its stakes in consortia. Taking district money
for a project may mean forgoing city money for it, so a plan is worth its district money, within the caps, plus the city money
the enterprise keeps. Where one application is all it may make, its options are compared, for all enterprises at once. The few
others try every plan of :mod:`plans`, each on a copy of the enterprise, all of them in whole arrays.
"""

from openfisca_jining.variables.jining_2017.booking import city_claims, city_grants, city_money
from openfisca_jining.variables.yanzhou_2020 import plans
from openfisca_jining.variables.yanzhou_2020.plans import ALL, OWN_MEASURES, SHARE
from openfisca_jining.variables.yanzhou_2020.rates import limited_and_free, room, together

from openfisca_jining.classifications import Measure
from openfisca_jining.groups import (
    ROWS_AT_ONCE,
    Part,
    any_in,
    capped_per_enterprise,
    combined_group,
    first_of,
    group_of,
    of_year,
    once,
    sample_weights,
    split_payment,
    sum_in,
    under_cap,
)
from openfisca_jining.law import NO_DATE, law_at_application, law_of_year, open_windows, reading, same_day
from openfisca_jining.model import is_stated, maximum, minimum, numpy, refuse_contradiction, where
from openfisca_jining.money import rank_within, ration, to_fen, to_yuan

MEASURES = (*OWN_MEASURES, "consortium")


def overlap_reading(project, period, parameters):
    return reading(project, period, parameters, "yanzhou_2020.readings.city_district_overlap")


def city_entitlement(project, period, parameters):
    """City money of each project under the caps, before any choice and pool (yuan)."""
    if isinstance(project, Part):
        return city_entitlement(project.whole, period, parameters)[project.rows]

    def compute():
        return city_money(project, period, parameters, numpy.ones(project.count, dtype=bool))

    return once(project, period, "yanzhou_2020_city_entitlement", compute)


def barred(project, period, parameters):
    """Projects that other fiscal money bars from district money (bool)."""
    overlap = overlap_reading(project, period, parameters)
    if overlap in ("cumulative", "top_up_difference"):
        return numpy.zeros(project.count, dtype=bool)
    other = project("other_fiscal_money", period) > 0
    if overlap == "district_zero_if_any_other_fiscal":
        return other | (city_entitlement(project, period, parameters) > 0)
    return other


def open_amounts(project, period, parameters, amounts):
    """District amounts after the bar on projects that already have other fiscal money (list of yuan of each project).

    :param amounts: an array for each of some measures. Under the reading of topping up, other money is set against them in turn.
    """
    if overlap_reading(project, period, parameters) != "top_up_difference":
        shut = barred(project, period, parameters)
        return [where(shut, 0.0, amount) for amount in amounts]
    other = project("other_fiscal_money", period)
    against = to_fen(other) + to_fen(city_entitlement(project, period, parameters))
    left = []
    for amount in map(to_fen, amounts):
        left.append(to_yuan(maximum(amount - against, 0)))
        against = maximum(against - amount, 0)
    return left


def whole_fen(amounts):
    """Amounts of several measures in fen (int64, measures x projects): what is equal must not be told apart by float noise."""
    return numpy.array([to_fen(amount) for amount in amounts])


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


class Choice:
    """The choice of all enterprises at once. See the module's docstring. :param project: :class:`groups.Part`."""

    def __init__(self, project, period, parameters) -> None:
        self.project, self.period, self.parameters = project, period, parameters
        law = law_at_application(project, period, parameters, "yanzhou_2020")
        self.readings = law.readings
        self.rules = plans.Rules(
            law.readings.one_application,
            law.readings.lead_two_projects,
            law.readings.consortium_member_double == "both",
        )
        limits = (law.application.projects_per_year, law.application.projects_per_year_lead)
        self.ordinary, self.of_lead = (
            numpy.broadcast_to(numpy.nan_to_num(numpy.asarray(limit, dtype=float)).astype(int), (project.count,))
            for limit in limits
        )
        self.forgo = must_forgo(project, period, parameters)
        self.enterprise = group_of(project, "enterprise")
        self.unit, blocked = self.enterprise, numpy.zeros(project.count, dtype=bool)
        if self.readings.year_meaning == "policy_year":
            self.unit, blocked = self.policy_years()
        value, self.own_plan, measures = self.alone()
        self.own_value, self.measures = where(blocked, 0.0, value), measures & ~blocked
        (share,) = open_amounts(project, period, parameters, [project("yanzhou_2020_consortium__capped", period)])
        self.share_value = where(blocked, 0.0, share)
        self.stake = combined_group(self.unit[0], group_of(project, "consortium")[0])
        leads = project("consortium_lead", period) & self.in_consortium()
        self.leader, self.led = any_in(project, self.unit, leads), any_in(project, self.stake, leads)

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
        return unit, any_in(project, self.enterprise, applied) & ~later

    def in_consortium(self):
        """Projects whose consortium is one under 四.3 (bool)."""
        consortia = self.project.simulation.populations["consortium"]
        qualifies = consortia("yanzhou_2020_consortium__qualifies", self.period)
        return qualifies[consortia.members_entity_id[self.project.rows]]

    def alone(self):
        """What each project would bring as its enterprise's only application (yuan), its plan, and the measures it meets
        (bool, measures x projects; one row if a project is applied for under all of them)."""
        project, period, parameters = self.project, self.period, self.parameters
        amounts, meets = [], []
        for measure in OWN_MEASURES:
            limited, free = limited_and_free(project, period, parameters, measure)
            amounts.append(minimum(limited, room(project, period, parameters, measure)) + free)
            meets.append((limited + free > 0) & ~barred(project, period, parameters))
        if self.readings.same_project_limbs != "choose_one_best":
            by_itself = Part(project.whole, project.rows, numpy.arange(project.count))
            every = numpy.full(project.count, ALL)
            return sum(claims(by_itself, period, parameters, every)), every, numpy.any(meets, axis=0)[None]
        values = [open_amounts(project, period, parameters, [amount])[0] for amount in amounts]
        best = numpy.argmax(whole_fen(values), axis=0)  # 并列时取列在前面的一项
        return numpy.max(values, axis=0), best + 1, numpy.array(meets)

    def plan(self):
        """What each project is used for (see :mod:`plans`)."""
        several = self.several()
        result, rows = self.single(~several), numpy.flatnonzero(several)
        if len(rows):
            result[rows] = self.search(rows)
        return result

    def several(self):
        """Projects of enterprises that have more to weigh than which one application to make (bool)."""
        own, share = self.measures.any(axis=0), self.share_value > 0
        number = numpy.bincount(self.enterprise[0], 1.0 * own + share, minlength=self.enterprise[1])[self.enterprise[0]]
        if reading(self.project, self.period, self.parameters, "common.readings.cross_cap_levels") == "joint_cap":
            return number > 0
        several = maximum(self.ordinary, where(self.leader, self.of_lead, 0)) > 1
        if self.rules.one_application != "strict_membership_counts" or self.readings.year_meaning == "policy_year":
            several = number > 1
        shares = numpy.bincount(self.stake[0], share, minlength=self.stake[1])[self.stake[0]]
        in_part = share & (shares > 1) & self.forgo  # 共同体里的项目可以只有一部分放弃市级资金
        either = any_in(self.project, "enterprise", several | in_part) & (number > 1)
        return either | any_in(self.project, "enterprise", self.ordinary < 1)

    def single(self, among):
        """The best one application of each enterprise, as plans. :param among: enterprises looked at (bool of projects)."""
        project = self.project
        own, shares = among & (self.own_value > 0), among & (self.share_value > 0)
        own_gain = to_fen(self.own_value) - self.lost(numpy.arange(project.count), own)
        stake_gain = to_fen(sum_in(project, self.stake, self.share_value)) - self.lost(self.stake[0], shares)
        best_own = first_of(project, "enterprise", own_gain, own & (own_gain > 0))
        best_stake = first_of(project, "enterprise", stake_gain, shares & (stake_gain > 0))
        from_own, from_stake = (
            numpy.bincount(self.enterprise[0], where(best, gain, 0), minlength=self.enterprise[1])[self.enterprise[0]]
            for best, gain in ((best_own, own_gain), (best_stake, stake_gain))
        )
        # 并列时，已说明的共同体申报优先
        drawn = any_in(project, self.stake, best_stake & (from_stake >= from_own)) & shares
        return where(drawn, SHARE, where(best_own & (from_own > from_stake), self.own_plan, 0))

    def lost(self, label, candidate):
        """City money lost by taking the option each candidate belongs to, tried on a copy of its enterprise (fen of each project).

        :param label: number of the option.
        """
        result = numpy.zeros(self.project.count, dtype=numpy.int64)
        rows = numpy.flatnonzero(candidate & any_in(self.project, "enterprise", candidate & self.forgo))
        if not len(rows):
            return result
        _, place, option = numpy.unique(label[rows], return_index=True, return_inverse=True)
        firsts = rows[place]
        rank = numpy.full(self.project.count, -1)
        rank[rows] = rank_within(self.enterprise[0][firsts], firsts)[option]
        options = numpy.zeros(self.enterprise[1], dtype=int)
        numpy.maximum.at(options, self.enterprise[0], rank + 1)
        options = options[self.enterprise[0]]
        before = self.city_before(numpy.flatnonzero(options))
        for rows, number in in_copies(options):
            mine = rank[rows] == number
            after = self.city(mine & self.forgo[rows], rows, number)
            result[rows[mine]] = before[rows[mine]] - after[mine]
        return result

    def city_before(self, rows):
        """City money of the enterprises of some projects if they give up nothing (fen, on all projects)."""
        before = numpy.zeros(self.project.count, dtype=numpy.int64)
        before[rows] = self.city(numpy.zeros(len(rows), dtype=bool), rows)
        return before

    def city(self, given_up, rows, copy=None):
        """City money of an enterprise that gives up some projects (enterprise sum on each row, fen).

        :param given_up: bool of each row. :param rows: numbers of the projects looked at, whole enterprises.
        :param copy: see :class:`groups.Part`.
        """
        part = Part(self.project.whole, self.project.rows[rows], copy)
        return to_fen(sum_in(part, "enterprise", self.city_money(part, ~given_up)))

    def city_money(self, part, kept):
        """See :func:`booking.city_money`; for reforms to replace."""
        return city_money(part, self.period, self.parameters, kept)

    def search(self, rows):
        """The best plan of enterprises that may make several applications. :param rows: their projects, ascending."""
        start, number_of_plans, table, unlisted = self.listed(rows)
        self.before = self.city_before(rows[any_in(self.project, "enterprise", self.forgo)[rows]])
        best, chosen = numpy.full(self.enterprise[1], -1), numpy.zeros(self.enterprise[1], dtype=int)
        for tried, number in in_copies(number_of_plans):
            codes = where(start[tried] > 0, table[start[tried] + number], 0)
            worth, owner = self.worth(codes, tried, number), self.enterprise[0][tried]
            order = numpy.lexsort((number, -worth, owner))
            first = order[numpy.r_[True, numpy.diff(owner[order]) > 0]]
            better = first[worth[first] > best[owner[first]]]
            best[owner[better]], chosen[owner[better]] = worth[better], number[better]
        result = where(start > 0, table[start + chosen[self.enterprise[0]]], 0)
        for mine, options in unlisted:
            result[mine] = self.climb(mine, options)
        return result[rows]

    def listed(self, rows):
        """The plans that enterprises may choose between.

        :returns: where those of each project start in the table (0: nothing to apply for), the number of plans of its
            enterprise, the table, and the enterprises with too many (numbers of projects, :class:`plans.Row` of each).
        """
        start, number_of_plans = numpy.zeros(self.project.count, dtype=int), numpy.zeros(self.enterprise[1], dtype=int)
        tables, starts, length, unlisted = [numpy.zeros(1, dtype=numpy.int8)], {}, 1, []
        for mine, options in self.options(rows):
            listed = plans.plans(options, self.rules)
            if listed is None:
                unlisted.append((mine, options))
                continue
            if options not in starts:
                starts[options], length = length, length + listed.size
                tables.append(listed.T.ravel())
            start[mine] = starts[options] + len(listed) * numpy.arange(len(mine))
            number_of_plans[self.enterprise[0][mine]] = len(listed)
        return start, number_of_plans[self.enterprise[0]], numpy.concatenate(tables), unlisted

    def options(self, rows):
        """The projects of each enterprise with something to apply for, and what is to be known of them."""
        share = self.share_value > 0
        rows = rows[(self.measures.any(axis=0) | share)[rows]]
        rows = rows[numpy.argsort(self.enterprise[0][rows], kind="stable")]
        changes = (self.ordinary != self.ordinary[:1]).any() or (self.of_lead != self.of_lead[:1]).any()
        dates = self.project("yanzhou_2020__application_date", self.period)[rows]
        days = numpy.unique(dates, return_inverse=True)[1] if changes else numpy.zeros(len(rows), dtype=int)
        codes = range(1, ALL) if self.readings.same_project_limbs == "choose_one_best" else [ALL]
        own = [tuple(code for code, has in zip(codes, one, strict=True) if has) for one in self.measures.T[rows]]
        consortium = group_of(self.project, "consortium")[0]
        facts = zip(
            own,
            *(
                one.tolist()
                for one in (
                    where(share, self.stake[0], -1)[rows],
                    consortium[rows],
                    self.led[rows],
                    self.unit[0][rows],
                    self.leader[rows],
                    self.forgo[rows],
                    days,
                    self.ordinary[rows],
                    self.of_lead[rows],
                )
            ),
            strict=True,
        )
        described = [plans.Row(*one) for one in facts]
        ends = numpy.flatnonzero(numpy.diff(self.enterprise[0][rows])) + 1
        for first, last in zip([0, *ends], [*ends, len(rows)], strict=True):
            yield rows[first:last], plans.numbered(described[first:last])

    def worth(self, codes, rows, number):
        """What the enterprise of each row has from city and district under a plan (fen).

        :param codes: the plan of each row. :param rows: numbers of projects, whole enterprises. :param number: copy of each row.
        """
        part = Part(self.project.whole, self.project.rows[rows], number)
        district = claims(part, self.period, self.parameters, codes)
        given_up, city = (codes > 0) & self.forgo[rows], self.before[rows].copy()
        loses = numpy.flatnonzero(any_in(part, "enterprise", given_up))
        if len(loses):
            city[loses] = self.city(given_up[loses], rows[loses], number[loses])
        if reading(part, self.period, self.parameters, "common.readings.cross_cap_levels") == "joint_cap":
            equipment = city_grants(part, self.period, self.parameters, ~given_up)[0]
            district = [under_joint_cap(part, self.period, self.parameters, district, equipment)]
        return to_fen(sum_in(part, "enterprise", sum(district))) + city

    def climb(self, mine, options):
        """A good plan of an enterprise with too many to try: changed by one application at a time, or by two, until nothing
        brings more.

        :param mine: its projects with something to apply for. :param options: :class:`plans.Row` of each.
        """
        rows = numpy.flatnonzero(self.enterprise[0] == self.enterprise[0][mine[0]])
        plan, best, changes = (0,) * len(mine), 0, 1
        while changes <= 2:
            tried = numpy.array(plans.neighbours(plan, options, self.rules, changes))
            worth = self.worth_of_plans(tried, mine, rows)
            if worth.max() > best:
                plan, best, changes = tuple(tried[worth.argmax()].tolist()), worth.max(), 1
            else:
                changes += 1
        return plan

    def worth_of_plans(self, tried, mine, rows):
        """What each of some plans of one enterprise brings (fen). :param mine, rows: see :meth:`climb`."""
        worth = numpy.zeros(len(tried), dtype=numpy.int64)
        some = max(ROWS_AT_ONCE // len(rows), 1)
        for first in range(0, len(tried), some):
            part = tried[first : first + some]
            every = numpy.zeros((len(part), len(rows)), dtype=int)
            every[:, numpy.searchsorted(rows, mine)] = part
            number = numpy.repeat(numpy.arange(len(part)), len(rows))
            worth[first : first + some] = self.worth(every.ravel(), numpy.tile(rows, len(part)), number)[:: len(rows)]
        return worth


def in_copies(copies):
    """Rows repeated as often as asked for, some at a time: (numbers of the rows, number of the copy of each).

    :param copies: how often each row is repeated.
    """
    chunk, rows = [], 0
    for number in range(copies.max(initial=0)):
        chunk.append(numpy.flatnonzero(copies > number))
        rows += len(chunk[-1])
        if rows >= ROWS_AT_ONCE or number == copies.max() - 1:
            first = number + 1 - len(chunk)
            yield numpy.concatenate(chunk), numpy.repeat(numpy.arange(first, number + 1), [len(one) for one in chunk])
            chunk, rows = [], 0


def own_plan(project, period):
    """Plan of each project's own application: 0, 1 to 3, ALL."""
    return project("yanzhou_2020_application__plan", period) % SHARE


def draws_share(project, period):
    """Whether each project draws its consortium share."""
    return project("yanzhou_2020_application__plan", period) >= SHARE


def claims(project, period, parameters, plan):
    """What each project would get under a plan, within the measures' own caps and after the bar (yuan, for each measure)."""
    own = plan % SHARE
    law = law_at_application(project, period, parameters, "yanzhou_2020")
    parts = [
        together(project, period, parameters, measure, (own == number + 1) | (own == ALL))
        for number, measure in enumerate(OWN_MEASURES)
    ]
    limited, free = zip(*parts, strict=True)
    caps = [law[measure].cap_per_enterprise for measure in OWN_MEASURES]
    if law.readings.cap_scope == "shared_equipment_cap":
        both = under_shared_cap(project, period, parameters, limited[:2], caps[:2])
        booked = [
            *both,
            capped_per_enterprise(project, period, parameters, "yanzhou_2020_informatisation", limited[2], caps[2]),
        ]
    else:
        booked = [
            capped_per_enterprise(project, period, parameters, f"yanzhou_2020_{measure}", amount, cap)
            for measure, amount, cap in zip(OWN_MEASURES, limited, caps, strict=True)
        ]
    share = where(plan >= SHARE, project("yanzhou_2020_consortium__capped", period), 0.0)
    own_amounts = [amount + more for amount, more in zip(booked, free, strict=True)]
    return open_amounts(project, period, parameters, [*own_amounts, share])


def under_shared_cap(project, period, parameters, amounts, caps):
    """Equipment and robots booked together under the cap they share: (equipment, robots), yuan of each project."""
    twice = doubled(project)
    amount = numpy.column_stack(amounts).ravel()
    cap = numpy.column_stack([numpy.broadcast_to(one, (project.count,)) for one in caps]).ravel()
    booked = capped_per_enterprise(twice, period, parameters, "yanzhou_2020_equipment", amount, cap)
    return booked[0::2], booked[1::2]


def doubled(project):
    """Every project twice, one after the other, in the same enterprise: for claims under two measures."""
    if isinstance(project, Part):
        copy = None if project.copy is None else numpy.repeat(project.copy, 2)
        return Part(project.whole, numpy.repeat(project.rows, 2), copy)
    return Part(project, numpy.repeat(numpy.arange(project.count), 2))


def under_joint_cap(project, period, parameters, amounts, equipment):
    """Reading of one cap for both levels: all district money of an enterprise is held to the higher of the two equipment caps
    less the city's equipment grant (yuan of each project). :param amounts: of each measure. :param equipment: the city's."""
    caps = [
        law_at_application(project, period, parameters, document).equipment.cap_per_enterprise
        for document in ("jining_2017", "yanzhou_2020")
    ]
    used = sum_in(project, "enterprise", equipment)
    return under_cap(project, period, parameters, sum(amounts), numpy.fmax(*caps), used=used)


def chosen(project, period, parameters, measure):
    """A measure's amount after the enterprise's choice (yuan)."""

    def compute():
        return claims(project, period, parameters, project("yanzhou_2020_application__plan", period))

    amounts = once(project, period, "yanzhou_2020_claims", compute)
    if reading(project, period, parameters, "common.readings.cross_cap_levels") == "joint_cap":
        equipment = project("jining_2017_equipment__chosen", period)
        total = under_joint_cap(project, period, parameters, amounts, equipment)
        amounts = split_payment(amounts, total)
    return amounts[MEASURES.index(measure)]


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
    number, best = MEASURES.index(measure), numpy.argmax(whole_fen(amounts), axis=0)
    applied = share if measure == "consortium" else (own == number + 1) | (own == ALL)
    return where(where((own > 0) | share, applied, best == number), amounts[number], 0.0)


def not_double(project, period, parameters, measure):
    """:func:`best_measure` after the bar on other fiscal money, and without projects whose city money is kept instead (yuan)."""
    best = [project(f"yanzhou_2020_{name}__best", period) for name in MEASURES]
    amount = open_amounts(project, period, parameters, best)[MEASURES.index(measure)]
    keeps_city = must_forgo(project, period, parameters) & (project("yanzhou_2020_application__plan", period) == 0)
    return where(keeps_city, 0.0, amount)


def measure_of(project, period):
    """The measure each project is applied for (Measure)."""
    own, share = own_plan(project, period), draws_share(project, period)
    names = [Measure.several, Measure.consortium, Measure.equipment, Measure.robots, Measure.informatisation]
    alone = [own == number + 1 for number in range(len(OWN_MEASURES))]
    return numpy.select([(own == ALL) | (share & (own > 0)), share, *alone], names, Measure.none)
