"""Twelve enterprises of 2021 worked out by hand from the clauses: what each is paid under eight laws.

The laws are current law and every combination of three changes from 2021-01-01:

- ``R``: Jining equipment rate 3 % -> 4 %
- ``C``: Jining equipment cap per enterprise 3 -> 5 million
- ``Y``: Yanzhou equipment cap per enterprise 1 -> 2 million

``""`` is current law, ``"RC"`` the first two together, and so on. Two further laws move the line of Jining's equipment grant, so
that enterprises begin and cease to be paid: ``LOW`` (20 -> 19 million) and ``HIGH`` (20 -> 25 million). The sums claimed on the
city are at most 16 million, far below its fund of 200 million (济发〔2020〕16号 三（六）), so that no pool binds.

Clauses (rate, line, cap per enterprise):

- Jining equipment (2017 五（十八）第2段第1句): 「鼓励类」, in use; 3 % from 20 million, 「零土地」 from 10 million; 3 million.
- Jining robots (第3段第1句): 5 % of robots, 1 million; special robots at high-risk posts 10 %, 2 million; no line.
- Yanzhou equipment (2020 四.1 第1句): 3 % from 5 million; 1 million. Robots (第2句): robots from 3 million, 5 % of all equipment;
  1 million. Class A one point more, class D nothing (四.4).
- Yanzhou consortium (四.3): together over 5 million, half of it by SMEs; 3 %; 1 million for all; shared by investment.
- Yanzhou 五.3: one application a year (a lead: its consortium and one of its own), one measure for a project, nothing for a
  project that has other fiscal money; an enterprise may forgo city money for more district money.
- Zaozhuang equipment (2020 三（二）第2句): 10 %, no line and no cap stated.
"""

from __future__ import annotations

import pandas

from openfisca_jining.population import Population
from openfisca_jining.reforming import reformed

RATE = "jining_2017.equipment.rate=0.04@2021-01-01"
CAP = "jining_2017.equipment.cap_per_enterprise=5000000@2021-01-01"
YANZHOU_CAP = "yanzhou_2020.equipment.cap_per_enterprise=2000000@2021-01-01"
CHANGES = {"R": RATE, "C": CAP, "Y": YANZHOU_CAP}
#: Every law of the table: name -> its changes.
LAWS = {name: [CHANGES[letter] for letter in name] for name in ("", "R", "C", "Y", "RC", "RY", "CY", "RCY")} | {
    "LOW": ["jining_2017.equipment.minimum_investment=19000000@2021-01-01"],
    "HIGH": ["jining_2017.equipment.minimum_investment=25000000@2021-01-01"],
}

# (enterprise, name, county, class, employees, revenue)
ENTERPRISES = [
    ("E01", "差一分厂", "rencheng", None, None, None),
    ("E02", "踩线厂", "qufu", None, None, None),
    ("E03", "零土地厂", "zoucheng", None, None, None),
    ("E04", "封顶厂", "rencheng", None, None, None),
    ("E05", "近顶厂", "weishan", None, None, None),
    ("E06", "机器人厂", "jining_gaoxin", None, None, None),
    ("E07", "兖州踩线厂", "yanzhou", "B", 200, 50_000_000.0),
    ("E08", "兖州机器人厂", "yanzhou", "C", None, None),
    ("E09", "兖州牵头厂", "yanzhou", "B", 1_500, 600_000_000.0),
    ("E10", "兖州 D 类厂", "yanzhou", "D", None, None),
    ("E11", "两级都够厂", "yanzhou", "A", None, None),
    ("E12", None, "tengzhou", None, None, None),
]
ENCOURAGED = {"catalogue_category": "encouraged", "in_use": True}
PERMITTED = {"catalogue_category": "permitted", "in_use": True}
# (project, enterprise, equipment, other facts)
PROJECTS = [
    ("P01", "E01", 19_999_999.99, ENCOURAGED),
    ("P02", "E02", 20_000_000.00, ENCOURAGED),
    ("P03", "E03", 9_999_999.99, ENCOURAGED | {"project_type": "zero_land"}),
    ("P04", "E03", 10_000_000.00, ENCOURAGED | {"project_type": "zero_land"}),
    ("P05", "E04", 80_000_000.00, ENCOURAGED),
    ("P06", "E04", 70_000_000.33, ENCOURAGED),
    ("P07", "E05", 90_000_000.00, ENCOURAGED),
    ("P08", "E06", 30_000_000.00, ENCOURAGED | {"robot_investment": 24e6, "special_robot_investment": 5e6}),
    ("P09", "E07", 4_999_999.99, PERMITTED),
    ("P10", "E07", 5_000_000.00, PERMITTED),
    ("P11", "E07", 3_200_000.00, PERMITTED | {"consortium_id": "K1"}),
    ("P12", "E08", 8_000_000.00, PERMITTED | {"robot_investment": 5e6}),
    ("P13", "E09", 60_000_000.00, PERMITTED),
    ("P14", "E09", 3_000_000.00, PERMITTED | {"consortium_id": "K1", "consortium_lead": True}),
    ("P15", "E10", 20_000_000.00, ENCOURAGED),
    ("P16", "E11", 60_000_000.00, ENCOURAGED),
    ("P17", "E12", 3_333_333.33, PERMITTED),
]

CITY, ROBOTS, SPECIAL = "jining_2017_equipment", "jining_2017_robots", "jining_2017_special_robots"
DISTRICT, DISTRICT_ROBOTS, SHARE = "yanzhou_2020_equipment", "yanzhou_2020_robots", "yanzhou_2020_consortium"
ZAOZHUANG = "zaozhuang_2020_equipment"

#: Paid under current law (yuan): (enterprise, instrument) -> amount. What is not listed is not paid.
CURRENT = {
    # E01: 19,999,999.99 < 20,000,000: nothing
    ("E02", CITY): 600_000.00,  # 20,000,000 达到线，含本数: x 3 %
    ("E03", CITY): 300_000.00,  # P03 9,999,999.99 < 10,000,000: 0; P04 10,000,000 x 3 %
    # E04: 80,000,000 x 3 % = 2,400,000; 70,000,000.33 x 3 % = 2,100,000.0099; sum 4,500,000.0099 -> 4,500,000.01; cap
    ("E04", CITY): 3_000_000.00,
    ("E05", CITY): 2_700_000.00,  # 90,000,000 x 3 %, below the cap
    ("E06", CITY): 900_000.00,  # 30,000,000 x 3 %, robots contained (cumulative)
    ("E06", ROBOTS): 1_000_000.00,  # 24,000,000 x 5 % = 1,200,000; cap
    ("E06", SPECIAL): 500_000.00,  # 5,000,000 x 10 %
    # E07: P09 below 5,000,000: 0. P10 at the line: x 3 % = 150,000. P11 would bring 3,200,000 x 3 % = 96,000 of the consortium.
    # One application a year: the 150,000.
    ("E07", DISTRICT): 150_000.00,
    # E08: robots 5,000,000 >= 3,000,000: 8,000,000 x 5 % = 400,000, more than equipment 8,000,000 x 3 % = 240,000 (one measure)
    # and more than the city's 5,000,000 x 5 % = 250,000, which it forgoes. Class C: no uplift, no bar.
    ("E08", DISTRICT_ROBOTS): 400_000.00,
    # E09 leads K1 and may apply for two: P13 60,000,000 x 3 % = 1,800,000, cap; and the consortium.
    ("E09", DISTRICT): 1_000_000.00,
    # K1: 3,000,000 + 3,200,000 = 6,200,000 > 5,000,000; SME (E07) 3,200,000 / 6,200,000 = 51.6 %; P14's part 3,000,000 x 3 %
    ("E09", SHARE): 90_000.00,
    ("E10", CITY): 600_000.00,  # class D bars the district's money only: 20,000,000 x 3 % of the city
    # E11, class A: district 60,000,000 x (3 + 1) % = 2,400,000, cap 1,000,000; city 60,000,000 x 3 % = 1,800,000: keeps the city's
    ("E11", CITY): 1_800_000.00,
    ("E12", ZAOZHUANG): 333_333.33,  # 3,333,333.33 x 10 % = 333,333.333
}

# R alone: what 4 % pays under the old caps
_RATE = {
    ("E02", CITY): 800_000.00,  # 20,000,000 x 4 %
    ("E03", CITY): 400_000.00,  # 10,000,000 x 4 %
    # E04 stays at the cap: 6,000,000.01 -> 3,000,000
    ("E05", CITY): 3_000_000.00,  # 90,000,000 x 4 % = 3,600,000; cap 3,000,000
    ("E06", CITY): 1_200_000.00,  # 30,000,000 x 4 %
    ("E10", CITY): 800_000.00,  # 20,000,000 x 4 %
    ("E11", CITY): 2_400_000.00,  # 60,000,000 x 4 % against 1,000,000 of the district
}
# C alone: only E04 is over 3,000,000
_CAP = {("E04", CITY): 4_500_000.01}  # below 5,000,000
# Y alone
_YANZHOU = {
    ("E09", DISTRICT): 1_800_000.00,  # 60,000,000 x 3 % < 2,000,000
    # E11: district 2,400,000, cap 2,000,000, now more than the city's 1,800,000: forgoes the city's
    ("E11", CITY): 0.00,
    ("E11", DISTRICT): 2_000_000.00,
}
_RATE_CAP = _RATE | {
    ("E04", CITY): 5_000_000.00,  # 80,000,000 x 4 % + 70,000,000.33 x 4 % = 6,000,000.0132; cap 5,000,000
    ("E05", CITY): 3_600_000.00,  # 90,000,000 x 4 %
}
# R and Y: E11 keeps the city's 2,400,000, more than the district's 2,000,000
_RATE_YANZHOU = _RATE | {("E09", DISTRICT): 1_800_000.00}

#: What each law changes in :data:`CURRENT`.
CHANGED = {
    "": {},
    "R": _RATE,
    "C": _CAP,
    "Y": _YANZHOU,
    "RC": _RATE_CAP,
    "RY": _RATE_YANZHOU,
    "CY": _CAP | _YANZHOU,
    "RCY": _RATE_CAP | {("E09", DISTRICT): 1_800_000.00},
    # E01 19,999,999.99 x 3 % = 599,999.9997
    "LOW": {("E01", CITY): 600_000.00},
    # 20,000,000 < 25,000,000: E02 gets nothing, E10 neither; zero-land has its own line
    "HIGH": {("E02", CITY): 0.00, ("E10", CITY): 0.00},
}

#: Total paid under each law (yuan), added up by hand from the amounts above, in 10,000 yuan:
#: current: 60 + 30 + 300 + 270 + (90 + 100 + 50) + 15 + 40 + (100 + 9) + 60 + 180 + 33.333333 = 1337.333333
TOTALS = {
    "": 13_373_333.33,
    "R": 15_073_333.33,  # E02 +20, E03 +10, E05 +30, E06 +30, E10 +20, E11 +60 = +170
    "C": 14_873_333.34,  # E04 +150 and a fen
    "Y": 14_373_333.33,  # E09 +80, E11 -180 +200 = +100
    "RC": 17_673_333.33,  # as R, but E05 +90; E04 +200: 20 + 10 + 90 + 30 + 20 + 60 + 200 = +430
    "RY": 15_873_333.33,  # as R, and E09 +80 = +250
    "CY": 15_873_333.34,  # +150 and a fen, +100 = +250 and a fen
    "RCY": 18_473_333.33,  # as RC, and E09 +80 = +510
    "LOW": 13_973_333.33,  # E01 +60
    "HIGH": 12_173_333.33,  # E02 -60, E10 -60 = -120
}


def population() -> Population:
    """The twelve enterprises and their seventeen projects."""
    projects = pandas.DataFrame(
        {"project_id": project, "enterprise_id": enterprise, "equipment_investment": equipment} | facts
        for project, enterprise, equipment, facts in PROJECTS
    )
    columns = ["enterprise_id", "enterprise_name", "county", "yield_per_mu_class", "employees", "revenue"]
    return Population(2021, projects, pandas.DataFrame(ENTERPRISES, columns=columns), "十二家企业（手算表）")


def law(system, name: str):
    """The system of one of :data:`LAWS`."""
    return reformed(system, changes=LAWS[name])


def paid(name: str) -> dict[tuple[str, str], float]:
    """What is paid under a law by hand (yuan): (enterprise, instrument) -> amount, without zeros."""
    amounts = CURRENT | CHANGED[name]
    return {key: amount for key, amount in amounts.items() if amount}


def paid_by_enterprise(name: str) -> dict[str, float]:
    """What each enterprise with any money is paid under a law by hand (yuan)."""
    sums: dict[str, int] = {}
    for (enterprise, _), amount in paid(name).items():
        sums[enterprise] = sums.get(enterprise, 0) + round(amount * 100)
    return {enterprise: fen / 100 for enterprise, fen in sums.items()}
