"""The claims a visitor looks at: the bundled table, made-up ones, or an uploaded table, which never outlives its reading on disk."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath

from openfisca_jining.errors import BadFact
from openfisca_jining.page.memory import bytes_of
from openfisca_jining.population import Population
from openfisca_jining.population.problems import Problem, write_problems_workbook

#: Limits of the page: projects made up, bytes of an upload, problems listed on the page (the workbook has all).
MOST_PROJECTS, MOST_BYTES, MOST_SHOWN = 5_000, 20 * 2**20, 20
SUFFIXES = (".xlsx", ".xls", ".ods", ".csv")
SEED = 1
#: Claim years on offer.
YEARS = range(2017, 2031)


@dataclass(frozen=True)
class Claims:
    """Claims and how a command line gets the same.

    :ivar population: None if nothing could be read. :ivar argument: of a command, in place of its table. :ivar before: command that
        writes this table first, or empty. :ivar problems: of an uploaded table. :ivar summary: its counts. :ivar workbook: xlsx with the problems marked.
    """

    population: Population | None
    argument: str = ""
    before: str = ""
    problems: tuple[Problem, ...] = ()
    summary: str = ""
    workbook: bytes = b""


def bundled() -> Claims:
    """The table of 48 projects that comes with the package."""
    from openfisca_jining.population.example import example

    return Claims(example())


def made_up(year: int, projects: int) -> Claims:
    """A synthetic population. :raises BadFact: year or number out of range."""
    from openfisca_jining.population.synthetic import synthesise

    if not 1 <= projects <= MOST_PROJECTS:
        raise BadFact(["projects"], f"合成数据的项目数应在 1 至 {MOST_PROJECTS:,} 之间，收到 {projects:,}。")
    name = f"合成申报表{year}.csv"
    before = f"openfisca-jining population --year {year} --projects {projects} --out {name}"
    return Claims(synthesise(year, SEED, projects=projects), name, before)


def uploaded(name: str, content: bytes, year: int | None) -> Claims:
    """A table sent by the visitor. It lies in a temporary folder only while it is read.

    :param name: its file name. :param year: claim year asked for, None: the only one in the table.
    :raises BadFact: too large, of another kind, or not a table at all; the message is Chinese and names the file.
    """
    from openfisca_jining.population.example import marked
    from openfisca_jining.population.read import read_table

    name = PureWindowsPath(PurePosixPath(name).name).name or "申报表"
    if Path(name).suffix.lower() not in SUFFIXES:
        raise BadFact([name], f"「{name}」不是申报表。请选择 {'、'.join(SUFFIXES)} 文件。")
    if len(content) > MOST_BYTES:
        size = f"{len(content) / 2**20:.1f} MB"
        raise BadFact(
            [name],
            f"「{name}」有 {size}，超过 {MOST_BYTES // 2**20} MB。请删去无关的工作表和图片，或用命令行测算（没有这个限制）。",
        )
    with tempfile.TemporaryDirectory(prefix="jining-") as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        try:
            reading = read_table(path, year)
        except BadFact as error:
            raise BadFact([name], error.message.replace(str(path), name)) from None
    refused = [one for one in reading.problems if one.refusal]

    def write(folder: Path) -> Path:
        write_problems_workbook(folder / "问题清单.xlsx", reading.problems, reading.tables)
        return folder / "问题清单.xlsx"

    argument = f'"{name}"' if " " in name else name
    argument += "" if year is None else f" --year {year}"
    ordered = (*refused, *(one for one in reading.problems if not one.refusal))
    population = None if reading.population is None else marked(reading.population)
    return Claims(population, argument, "", ordered, reading.summary(), bytes_of(write) if ordered else b"")
