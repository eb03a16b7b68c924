"""One visitor's state: claims, position of levers and switches, and what follows from them. Knows no widget."""

from __future__ import annotations

import yaml

from openfisca_jining import CountryTaxBenefitSystem
from openfisca_jining.analysis.budget import unstated_lines
from openfisca_jining.analysis.compare import Comparison, compare, names_of
from openfisca_jining.law import find
from openfisca_jining.page.claims import Claims
from openfisca_jining.page.levers import Lever, Switch, document_names, levers, switches
from openfisca_jining.page.memory import bytes_of
from openfisca_jining.page.moved import Movable, first_day
from openfisca_jining.page.outcome import Change, Outcome, outcome
from openfisca_jining.population import Population
from openfisca_jining.readings import ALWAYS
from openfisca_jining.reform_lint import lint
from openfisca_jining.reforming import reformed
from openfisca_jining.report.console import wan

#: Ways of reading the law that are kept ready.
MOST_KEPT = 4
TITLE = "网页上的改革方案"


class Session:
    """State and figures of one visitor.

    :ivar claims: what is computed on. :ivar values: path of a moved lever -> value. :ivar readings: path of a changed switch -> value.
    :ivar both: changed readings and filled-in amounts hold for current law, too. :ivar change: the last result.
    """

    def __init__(self) -> None:
        self.law = CountryTaxBenefitSystem()
        self.claims: Claims | None = None
        self.values: dict[str, int | float] = {}
        self.readings: dict[str, str] = {}
        self.both = False
        self.change: Change | None = None
        self._ready: dict[tuple, tuple[Movable, Outcome]] = {}
        self._names: dict[str, str] = {}
        self._levers: list[Lever] = []

    # ----- claims -----

    @property
    def population(self) -> Population:
        """The claims looked at."""
        assert self.claims is not None and self.claims.population is not None
        return self.claims.population

    def take(self, claims: Claims) -> None:
        """Look at other claims; levers and switches stay. :raises JiningError: they cannot be computed; nothing has changed then."""
        assert claims.population is not None
        before = self.claims, self._ready, self._names, self._levers, self.change
        self.claims, self._ready, self._names = claims, {}, names_of(claims.population)
        self._levers = levers(self.law, self.year)
        try:
            self.compute()
        except Exception:
            self.claims, self._ready, self._names, self._levers, self.change = before
            raise

    @property
    def year(self) -> int:
        """Claim year."""
        return self.population.year

    def levers(self) -> list[Lever]:
        """The levers in the claim year, with present values of current law."""
        return self._levers

    def switches(self) -> list[Switch]:
        """The switches, with the default readings."""
        return switches(self.law)

    # ----- moves -----

    def move(self, path: str, value: int | float | None) -> None:
        """Put a lever somewhere; at the present value (or None) it is not moved. Nothing is computed yet."""
        present = find(self.law.parameters, path).get_at_instant(f"{self.year:04d}-12-31")
        self.values.pop(path, None)
        if value is not None and value != present:
            self.values[path] = value

    def read(self, path: str, value: str) -> None:
        """Take a reading. Nothing is computed yet."""
        self.readings.pop(path, None)
        if value != find(self.law.parameters, path).values_list[0].value:
            self.readings[path] = value

    def reset(self) -> None:
        """Back to current law. Nothing is computed yet."""
        self.values, self.readings, self.both = {}, {}, False

    def compute(self) -> Change:
        """Figures of the present position. :raises JiningError: facts or parameters do not suffice."""
        taken = self._taken()
        baseline = self._ready_for(taken if self.both else [])[1]
        movable, unmoved = self._ready_for(taken)
        numbers = self._numbers()
        after = outcome(self.population, movable.moved(numbers)) if numbers else unmoved
        self.change = Change(baseline, after)
        return self.change

    def _taken(self) -> list[tuple]:
        """How the law is read: changed readings, and amounts filled in that the text leaves unstated."""
        said = {one.path for one in self.levers() if one.present is None}
        supplied = [(path, value, ALWAYS) for path, value in self.values.items() if path in said]
        return [*((path, value, ALWAYS) for path, value in self.readings.items()), *supplied]

    def _numbers(self) -> dict[str, int | float]:
        """The moved levers of which the law states a number."""
        said = {one.path for one in self.levers() if one.present is not None}
        return {path: value for path, value in self.values.items() if path in said}

    def _dated(self) -> list[tuple]:
        """:meth:`_numbers` as changes."""
        return [(path, value, first_day(self.year)) for path, value in self._numbers().items()]

    def _ready_for(self, taken: list[tuple]) -> tuple[Movable, Outcome]:
        """A law read in a way, ready for moves, and what it brings unmoved."""
        key = tuple(sorted(taken))
        if key not in self._ready:
            movable = Movable(self.population, reformed(self.law, changes=taken))
            if len(self._ready) >= MOST_KEPT:
                del self._ready[next(one for one in self._ready if one)]  # 现行的留着
            self._ready[key] = movable, outcome(self.population, movable.simulation)
        return self._ready[key]

    # ----- what follows -----

    @property
    def moved(self) -> bool:
        """Whether anything differs from current law."""
        return bool(self.values or self.readings)

    def name_of(self, row: int) -> tuple[str, str]:
        """Id and name (may be empty) of an enterprise. :param row: in the population's table."""
        identity = str(self.population.enterprises["enterprise_id"].iloc[row])
        return identity, self._names.get(identity, "")

    def moves(self) -> list[tuple[Lever, int | float]]:
        """The moved levers and their values, in the order of the levers."""
        return [(lever, self.values[lever.path]) for lever in self.levers() if lever.path in self.values]

    def words(self) -> list[str]:
        """What is changed, one Chinese phrase per change."""
        names = document_names()
        said = [
            f"{names[lever.document]} {lever.title}：{lever.words(lever.present)} → {lever.words(value)}"
            for lever, value in self.moves()
        ]
        return said + [
            f"{names[one.document]} {one.label}：{one.choices[self.readings[one.path]]}"
            for one in self.switches()
            if one.path in self.readings
        ]

    def laws(self):
        """Current law and the reform as systems of their own."""
        taken = self._taken()
        baseline = reformed(self.law, changes=taken if self.both else [])
        return baseline, reformed(baseline, changes=[*([] if self.both else taken), *self._dated()])

    def comparison(self) -> Comparison:
        """The full comparison, computed anew by ``analysis.compare``."""
        return compare(self.population, *self.laws())

    def lint(self) -> list[str]:
        """Remarks of the reform lint, in Chinese."""
        if not self.moved:
            return []
        changes = [*self._taken(), *self._dated()]
        return [f"{one.message}{one.suggestion}" for one in lint(self.law, changes=changes, year=self.year)]

    def remarks(self) -> list[str]:
        """What a reader of the figures has to know at once, in Chinese."""
        assert self.change is not None
        said = []
        if self.population.synthetic:
            said.append("数据是虚构的，合计只用来说明规则，不是实际支出。")
        if self.claims is not None and self.claims.problems:
            refused = sum(one.refusal for one in self.claims.problems)
            said.append(f"上传的表有 {refused} 处被拒绝，被拒绝的行没有计入。")
        for fund in self.change.after.funds.to_dict("records"):
            if fund["claimed"] > fund["paid"]:
                said.append(
                    f"资金池用完：{fund['fund']}可用 {wan(fund['available'])} 万元，申请 {wan(fund['claimed'])} 万元；"
                    f"{fund['rule']}。"
                )
        if self.moved and not self.change.difference:
            same = not (self.change.after.paid != self.change.before.paid).any()
            said.append(
                "改动没有影响任何企业：本年度没有符合条件的申报，或限额、资金池在起作用。"
                if same
                else "合计不变，只改变谁得多少：资金池已经用完。"
            )
        if self._taken() and self.both:
            said.append("所选读法和填写的数额对现行和改革两方都适用，差额只反映其他改动。")
        return said

    def unstated(self) -> list[tuple[str, str]]:
        """Clause and label of the quantities that the texts leave unstated and nobody has filled in."""
        table = unstated_lines(self.law)
        rows = table[~table["parameter"].isin(self.values)]
        return list(zip(rows["clause"], rows["label"], strict=True))

    # ----- to repeat it -----

    def commands(self) -> list[str]:
        """Command lines that compute the same; none for the bundled table under current law."""
        claims = self.claims
        assert claims is not None
        if not (self.moved or claims.argument):
            return []
        words = [f"openfisca-jining {'compare' if self.moved else 'budget'}", *filter(None, [claims.argument])]
        always = "" if self.both else f"@{ALWAYS}"
        reading, supply = ("--reading", "--supply") if self.both else ("--reform-reading", "--set")
        for lever, value in self.moves():
            words.append(
                f"{supply} {lever.path}={lever.words(value)}{always}"
                if lever.present is None
                else f"--set {lever.path}={lever.words(value)}@{first_day(self.year)}"
            )
        words += [f"{reading} {path.replace('.readings.', '.')}={value}" for path, value in self.readings.items()]
        return ([claims.before] if claims.before else []) + [" ".join(words)]

    def reform_file(self) -> str:
        """The changes as a reform file (``reforms/examples``); empty if nothing is changed."""
        if not self.moved:
            return ""
        stated: dict = {"title": TITLE}
        dated = {
            one.path: {first_day(self.year): one.words(value)} for one, value in self.moves() if one.present is not None
        }
        supplied = {one.path: one.words(value) for one, value in self.moves() if one.present is None}
        stated |= {key: value for key, value in (("changes", dated), ("supply", supplied)) if value}
        if self.readings:
            stated["readings"] = {path.replace(".readings.", "."): value for path, value in self.readings.items()}
        return yaml.safe_dump(stated, allow_unicode=True, sort_keys=False, width=1000)

    # ----- to take away -----

    def _full(self):
        """Reform, its name in words, and the full comparison, for what is taken away."""
        from openfisca_jining.commands.compare import reform_words

        baseline, after = self.laws()
        after.remarks = self.lint()
        return after, "；".join(reform_words(after, baseline)), compare(self.population, baseline, after)

    def workbook(self) -> bytes:
        """The Excel workbook of the comparison (xlsx)."""
        from openfisca_jining.report.workbook import write_what_if

        after, name, result = self._full()
        return bytes_of(lambda folder: write_what_if(result, after, name, folder / "测算.xlsx"))

    def memo(self) -> bytes:
        """The memo of the comparison (docx); of the year's budget if nothing is moved."""
        from openfisca_jining.report.memo import docx, memo

        _, name, result = self._full()
        names = names_of(self.population)
        return docx(memo(result, name=name, names=names) if self.moved else memo(result.baseline, names=names))
