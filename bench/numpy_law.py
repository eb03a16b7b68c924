"""The main instruments of claim year 2021 as one plain NumPy program, written from the documents by hand.

The yardstick of ``run.py``: how fast can the same law be without OpenFisca, and does the package give the same fen? Nothing
is imported from the package. Where a document is unclear, the package's default reading is taken. Money is int64 fen and
rates are whole percent, so that every product is exact; an amount before rounding counts in hundredths of a fen.

* 济宁市 2017-11-03 意见 五（十八）: equipment 3 %, robots 5 %, special robots 10 %, zone pool.
* 济兖政字〔2020〕14号 四、五: equipment 3 %, robots 5 %, informatisation 10 %, consortium 3 %; one application a year.
* 济发〔2020〕16号 三（六）: 200 million from 2021 for the city's grants.
* 枣政字〔2020〕2号 三（二）: equipment 10 %, loan interest 50 %.
"""

from __future__ import annotations

import numpy
import pandas

WAN = 1_000_000  # fen in 万元
JINING = [
    "rencheng",
    "yanzhou",
    "weishan",
    "yutai",
    "jinxiang",
    "jiaxiang",
    "wenshang",
    "sishui",
    "liangshan",
    "qufu",
    "zoucheng",
    "jining_gaoxin",
    "taibaihu",
    "jining_jingkai",
    "qufu_wenhua",
]
ZAOZHUANG = ["zaozhuang_shizhong", "xuecheng", "yicheng", "taierzhuang", "shanting", "tengzhou", "zaozhuang_gaoxin"]
AMOUNTS = (
    "equipment_investment",
    "robot_investment",
    "special_robot_investment",
    "intelligent_system_investment",
    "informatisation_investment",
    "assessed_award",
    "other_fiscal_money",
    "loan_interest_paid",
)


def compute(projects: pandas.DataFrame, enterprises: pandas.DataFrame, year: int = 2021) -> dict[str, numpy.ndarray]:
    """What each project is paid under each instrument: int64 fen per project, by ``<document>_<instrument>``.

    :param projects, enterprises: the tables of ``openfisca_jining.population.population.Population``.
    """
    f = read(projects, enterprises, year)
    city = city_grants(f)
    district, forgoes = district_measures(f, city)
    for name in city:
        city[name] = numpy.where(forgoes, 0, city[name])
    paid = special_fund(f, city)
    for name, rows in district.items():
        paid[f"yanzhou_2020_{name}"] = rows
    return paid | zaozhuang(f)


def read(projects: pandas.DataFrame, enterprises: pandas.DataFrame, year: int) -> dict:
    """Facts as arrays over the projects; amounts in fen."""
    firm = pandas.Index(enterprises["enterprise_id"]).get_indexer(projects["enterprise_id"])
    f = {name: numpy.rint(projects[name].to_numpy() * 100).astype(numpy.int64) for name in AMOUNTS}
    place = dict.fromkeys(JINING, 1) | dict.fromkeys(ZAOZHUANG, 2) | {"yanzhou": 3}
    where = enterprises["county"].map(place).fillna(0).to_numpy(dtype=numpy.int8)[firm]
    grade = enterprises["yield_per_mu_class"].map({"A": 1, "D": 4}).fillna(0).to_numpy(dtype=numpy.int8)[firm]
    large = (enterprises["employees"].to_numpy() >= 1000) & (enterprises["revenue"].to_numpy() >= 400_000_000)
    f |= {
        "year": year,
        "count": len(projects),
        "firms": len(enterprises),
        "firm": firm,
        "in_jining": (where == 1) | (where == 3),
        "in_yanzhou": where == 3,
        "in_zaozhuang": where == 2,
        "class_d": grade == 4,
        "raised": (grade == 1) | (enterprises["tier_listed"].to_numpy()[firm] & (grade != 4)),
        "small": ~large[firm],
        "protected": enterprises["protected_hundred"].to_numpy()[firm],
        "date": projects["application_date"].to_numpy().astype("datetime64[D]"),
        "encouraged": (projects["catalogue_category"] == "encouraged").to_numpy(),
        "zero_land": (projects["project_type"] == "zero_land").to_numpy(),
        "consortium": projects["consortium_id"].to_numpy(),
        "lead": projects["consortium_lead"].to_numpy(),
        "zone": projects["development_zone"].to_numpy() > 0,
        "major": projects["major_project"].to_numpy(),
        "in_use": projects["in_use"].to_numpy(),
    }
    return f


def between(f: dict, first: str, last: str) -> numpy.ndarray:
    """Claims of the year within a document's validity."""
    day, year = f["date"], f["year"]
    start = max(numpy.datetime64(first), numpy.datetime64(f"{year}-01-01"))
    return (day >= start) & (day <= min(numpy.datetime64(last), numpy.datetime64(f"{year}-12-31")))


# ----- exact shares -----


def hand_out(floor, remainder, left, group) -> numpy.ndarray:
    """One more fen for the ``left`` rows of each group with the largest remainders, ties in listed order."""
    rows = numpy.flatnonzero(left[group] > 0)
    if len(rows):
        mine = group[rows]
        order = numpy.lexsort((rows, -remainder[rows], mine))
        mine = mine[order]
        first = numpy.r_[True, mine[1:] != mine[:-1]]
        place = numpy.arange(len(rows)) - numpy.flatnonzero(first)[numpy.cumsum(first) - 1]
        floor[rows[order]] += place < left[mine]
    return floor


def sums(amount, group, size) -> numpy.ndarray:
    """Sum by group (below 2**53, so exact in float64)."""
    return numpy.bincount(group, amount, minlength=size).astype(numpy.int64)


def settle(hundredths, group, size) -> numpy.ndarray:
    """Round the sum of each group half up to the fen once; the rows share it by largest remainder."""
    floor = hundredths // 100
    left = (sums(hundredths, group, size) + 50) // 100 - sums(floor, group, size)
    return hand_out(floor, hundredths - floor * 100, left, group)


def share(total, weight, group, size) -> numpy.ndarray:
    """Share out each group's total in proportion to weights by largest remainder.

    Products may pass 2**63: the quotient is estimated in float and its remainder, which is small, taken modulo 2**64.
    """
    whole = numpy.maximum(sums(weight, group, size), 1)
    quotient = numpy.floor(total[group].astype(float) * weight / whole[group]).astype(numpy.int64)
    remainder = total[group] * weight - quotient * whole[group]
    for _ in range(2):
        step = (remainder >= whole[group]).astype(numpy.int64) - (remainder < 0)
        quotient, remainder = quotient + step, remainder - step * whole[group]
    return hand_out(quotient, remainder, total - sums(quotient, group, size), group)


def cap_largest_first(amount, cap, group, size) -> numpy.ndarray:
    """Book amounts under a cap per group, largest first, ties in listed order."""
    rows = numpy.flatnonzero((sums(amount, group, size) > cap)[group])
    if len(rows):
        mine = group[rows]
        order = numpy.lexsort((rows, -amount[rows], mine))
        rows, mine = rows[order], mine[order]
        running = numpy.cumsum(amount[rows])
        first = numpy.flatnonzero(numpy.r_[True, mine[1:] != mine[:-1]])
        base = numpy.repeat(running[first] - amount[rows][first], numpy.diff(numpy.r_[first, len(rows)]))
        amount = amount.copy()
        amount[rows] = numpy.clip(cap - (running - amount[rows] - base), 0, amount[rows])
    return amount


def spread(f: dict, rows, values) -> numpy.ndarray:
    """Values of some rows as an array over all projects."""
    result = numpy.zeros(f["count"], dtype=numpy.int64)
    result[rows] = values
    return result


# ----- 济宁市 2017-11-03 意见 五（十八） -----

#: Percent and cap per enterprise in fen.
CITY = {"equipment": (3, 300 * WAN), "robots": (5, 100 * WAN), "special_robots": (10, 200 * WAN)}


def city_grants(f: dict) -> dict[str, numpy.ndarray]:
    """Each grant before caps and rounding (hundredths of a fen per project), and the zone awards (fen per project)."""
    scope = f["in_jining"] & between(f, "2017-11-03", "2021-12-31")
    equipment = f["equipment_investment"]
    line = numpy.where(f["zero_land"], 1000 * WAN, 2000 * WAN)
    base = {
        "equipment": numpy.where(f["encouraged"] & f["in_use"] & (equipment >= line), equipment, 0),
        "robots": f["robot_investment"] + f["intelligent_system_investment"],
        "special_robots": f["special_robot_investment"],
    }
    result = {}
    for name, amount in base.items():
        result[name] = numpy.where(scope, amount * CITY[name][0], 0)
    result["zone_pool"] = numpy.where(scope & f["zone"] & f["major"], f["assessed_award"], 0)
    return result


def special_fund(f: dict, city: dict) -> dict[str, numpy.ndarray]:
    """济发〔2020〕16号 三（六）: 200 million for the grants of the year, pro rata; each grant its part of what is paid."""
    names = [*CITY, "zone_pool"]
    rows = numpy.flatnonzero(sum(city[name] for name in names))
    firm = f["firm"][rows]
    claims = []
    for name, (_, cap) in CITY.items():
        amount = numpy.zeros(len(rows), dtype=numpy.int64)
        some = numpy.flatnonzero(city[name][rows])
        amount[some] = settle(city[name][rows[some]], firm[some], f["firms"])
        claims.append(cap_largest_first(amount, cap, firm, f["firms"]))
    zone = city["zone_pool"][rows]
    # 「每年拿出2000万元」，「百企护航」企业的项目优先
    left = 2000 * WAN
    for first in (True, False):
        mine = numpy.flatnonzero((f["protected"][rows] == first) & (zone > 0))
        wanted = int(zone[mine].sum())
        if wanted > left:
            zone[mine] = share(numpy.array([left]), zone[mine], numpy.zeros(len(mine), dtype=int), 1)
        left = max(left - wanted, 0)
    claims.append(zone)
    total, pool = sum(claims), 20_000 * WAN
    paid = total
    if total.sum() > pool:
        paid = share(numpy.array([pool]), total, numpy.zeros(len(rows), dtype=int), 1)
    parts = share(paid, numpy.concatenate(claims), numpy.tile(numpy.arange(len(rows)), 4), len(rows)).reshape(4, -1)
    return {f"jining_2017_{name}": spread(f, rows, part) for name, part in zip(names, parts, strict=True)}


# ----- 济兖政字〔2020〕14号 -----


def district_measures(f: dict, city: dict) -> tuple[dict[str, numpy.ndarray], numpy.ndarray]:
    """Each measure as paid (fen per project), and the projects whose city money is forgone for it."""
    in_force = between(f, "2020-08-15", "2023-08-14")
    # 五.3: 同一项目已获其它财政资金支持的，不予重复奖补
    free = f["other_fiscal_money"] == 0
    scope = f["in_yanzhou"] & in_force
    fit = scope & ~f["class_d"]
    own = own_measures(f, numpy.flatnonzero(fit & free))
    shares = consortium_shares(f, fit, in_force)
    value = numpy.max(own, axis=0)
    plan, drawn = choose(f, city, value, numpy.where(free, shares, 0))
    best = numpy.argmax(own, axis=0)
    result = {
        name: numpy.where(plan & (best == number), own[number], 0)
        for number, name in enumerate(("equipment", "robots", "informatisation"))
    }
    result["consortium"] = numpy.where(drawn & free, shares, 0)
    has_city = sum(city.values()) > 0
    return result, (plan | drawn) & has_city


def own_measures(f: dict, rows) -> numpy.ndarray:
    """四.1, 四.2 and 四.4: the three measures of a project under their caps, as an enterprise's only application."""
    equipment, systems = f["equipment_investment"][rows], f["informatisation_investment"][rows]
    points = f["raised"][rows].astype(numpy.int64)
    measures = (
        (equipment >= 500 * WAN, equipment, 3, 100 * WAN),
        (f["robot_investment"][rows] >= 300 * WAN, equipment, 5, 100 * WAN),
        (systems >= 200 * WAN, systems, 10, 50 * WAN),
    )
    result = numpy.zeros((3, f["count"]), dtype=numpy.int64)
    for number, (met, base, percent, cap) in enumerate(measures):
        amount = (base * (percent + points) + 50) // 100
        result[number, rows] = numpy.where(met, numpy.minimum(amount, cap), 0)
    return result


def consortium_shares(f: dict, fit, in_force) -> numpy.ndarray:
    """四.3: 3 % of joint equipment over 5 million, SMEs at least half, 1 million in all, shared by investment and rate."""
    rows = numpy.flatnonzero((f["consortium"] != "") & in_force & (f["equipment_investment"] > 0))
    if not len(rows):
        return numpy.zeros(f["count"], dtype=numpy.int64)
    group, names = pandas.factorize(f["consortium"][rows])
    size = len(names)
    leads = numpy.zeros(f["firms"], dtype=bool)
    leads[f["firm"][f["lead"]]] = True  # 牵头企业视为「链主」
    leads = leads[f["firm"]]
    counted = several_firms(f, rows, group, size)[group] & (f["in_yanzhou"][rows] | leads[rows])
    rows, group = rows[counted], group[counted]
    amount = f["equipment_investment"][rows]
    joint = sums(amount, group, size)
    small = sums(amount * f["small"][rows], group, size)
    led = numpy.bincount(group, leads[rows], minlength=size) > 0
    local = numpy.bincount(group, f["small"][rows] & f["in_yanzhou"][rows], minlength=size) > 0
    met = led & local & several_firms(f, rows, group, size) & (joint > 500 * WAN) & (2 * small >= joint)
    promised = numpy.where(met[group], amount * (3 + f["raised"][rows] * f["in_yanzhou"][rows]), 0)
    shares = settle(promised, group, size)
    over = sums(shares, group, size) > 100 * WAN
    shares = numpy.where(over[group], share(numpy.where(over, 100 * WAN, 0), promised, group, size), shares)
    return spread(f, rows, numpy.where(fit[rows], shares, 0))


def several_firms(f: dict, rows, group, size) -> numpy.ndarray:
    """Whether a consortium has projects of at least two enterprises."""
    pairs = numpy.unique(group * f["firms"] + f["firm"][rows])
    return numpy.bincount(pairs // f["firms"], minlength=size) > 1


def choose(f: dict, city: dict, value, shares) -> tuple[numpy.ndarray, numpy.ndarray]:
    """五.3: the application that brings an enterprise most, less the city money it forgoes; a consortium's lead may have two.

    :returns: projects applied for on their own, projects that draw their consortium share (bool).
    """
    nothing = numpy.zeros(f["count"], dtype=bool)
    mine = numpy.zeros(f["firms"], dtype=bool)
    mine[f["firm"][(value > 0) | (shares > 0)]] = True
    rows = numpy.flatnonzero(mine[f["firm"]])  # every project of an enterprise that has a choice
    if not len(rows):
        return nothing, nothing
    number = numpy.cumsum(mine) - 1
    firm, firms = number[f["firm"][rows]], int(mine.sum())
    value, shares, lead = value[rows], shares[rows], f["lead"][rows]
    grants = [(city[name][rows], cap) for name, (_, cap) in CITY.items()]
    zone = city["zone_pool"][rows]
    at = numpy.flatnonzero(shares)
    codes, names = pandas.factorize(f["consortium"][rows[at]])
    stake, pairs = pandas.factorize(codes * firms + firm[at])  # numbered as listed: ties go to the first
    stakes, stake_firm, stake_of = len(pairs), pairs % firms, pairs // firms
    stake_value = sums(shares[at], stake, stakes)
    led = numpy.bincount(codes, lead[at], minlength=len(names)) > 0

    def lost(given_up, option, count, of_firm, members):
        """City money each option costs its enterprise on top of what is given up (fen per option)."""
        total = numpy.zeros(count, dtype=numpy.int64)
        for grant, cap in grants:
            left = numpy.where(given_up, 0, grant)
            have = sums(left, firm, firms)[of_firm]
            without = have - sums(left[members], option, count)
            have, without = (have + 50) // 100, (without + 50) // 100  # 取整一次，只算仍申报的项目
            total += numpy.minimum(have, cap) - numpy.minimum(without, cap)
        return total + sums(numpy.where(given_up, 0, zone)[members], option, count)

    def best(gain, of_firm):
        """The first of the best options of each enterprise, and its gain (0: none pays)."""
        top = numpy.zeros(firms, dtype=numpy.int64)
        numpy.maximum.at(top, of_firm, gain)
        rows = numpy.flatnonzero((gain > 0) & (gain == top[of_firm]))
        chosen = numpy.full(firms, -1)
        chosen[of_firm[rows][::-1]] = rows[::-1]
        return chosen, top

    def own_option(taken):
        free = numpy.flatnonzero((value > 0) & ~taken)
        gain = numpy.zeros(len(rows), dtype=numpy.int64)
        gain[free] = value[free] - lost(taken, numpy.arange(len(free)), len(free), firm[free], free)
        return best(gain, firm)

    stake_gain = stake_value - lost(numpy.zeros(len(rows), dtype=bool), stake, stakes, stake_firm, at)
    # 一个企业一个项目：自有项目或随共同体，得同样多时随共同体
    own, own_gain = own_option(numpy.zeros(len(rows), dtype=bool))
    share_, share_gain = best(stake_gain, stake_firm)
    by_share = share_gain >= own_gain
    plain = numpy.maximum(own_gain, share_gain)
    own, share_ = numpy.where(by_share, -1, own), numpy.where(by_share, share_, -1)
    # 牵头企业：共同体一个，自有项目一个
    leads = numpy.zeros(firms, dtype=bool)
    leads[firm[at[lead[at] & (stake_value[stake] > 0)]]] = True
    if leads.any():
        their, their_gain = best(numpy.where(led[stake_of], stake_gain, 0), stake_firm)
        taken = numpy.zeros(len(rows), dtype=bool)
        taken[at] = their[firm[at]] == stake
        second, second_gain = own_option(taken)
        use = leads & (their_gain + second_gain >= plain)
        own, share_ = numpy.where(use, second, own), numpy.where(use, their, share_)
    plan, drawn = nothing.copy(), nothing.copy()
    plan[rows[own[own >= 0]]] = True
    drawn[rows[at[share_[firm[at]] == stake]]] = True
    return plan, drawn


# ----- 枣政字〔2020〕2号 三（二） -----


def zaozhuang(f: dict) -> dict[str, numpy.ndarray]:
    """Equipment 10 %, loan interest 50 %, without floor or cap."""
    scope = f["in_zaozhuang"] & between(f, "2020-03-12", "2022-12-31")
    result = {}
    for name, fact, percent in (("equipment", "equipment_investment", 10), ("loan_interest", "loan_interest_paid", 50)):
        rows = numpy.flatnonzero(scope & (f[fact] > 0))
        amount = settle(f[fact][rows] * percent, f["firm"][rows], f["firms"])
        result[f"zaozhuang_2020_{name}"] = spread(f, rows, amount)
    return result
