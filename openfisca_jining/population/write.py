"""A population back as a table: the same Chinese headings that the reader takes."""

from __future__ import annotations

from os import PathLike

import numpy
import pandas

from openfisca_jining.population.columns import COLUMNS, UNSTATED_DATE, Column, heading_of
from openfisca_jining.population.population import Population
from openfisca_jining.whole import whole_file

SYNTHETIC_REMARK = "合成样本，虚构"


def write_csv(population: Population, path: str | PathLike[str]) -> None:
    """Write a population as CSV (UTF-8 with BOM), one row per project, money in yuan with two decimals.

    Read back, it gives the same facts. Rows of a synthetic population carry 「合成样本，虚构」 in a column 备注, which
    the reader skips. Enterprises without a project have no row.

    :raises OutputError: the file cannot be written.
    """
    enterprises = population.enterprises.take(population.enterprise_number).reset_index(drop=True)
    projects = population.projects.reset_index(drop=True)
    table = pandas.DataFrame({heading_of("claim_year"): numpy.full(len(population), population.year)})
    for source, names in ((enterprises, enterprises.columns), (projects, projects.columns.drop("enterprise_id"))):
        for name in names:
            table[heading_of(name)] = _cells(source[name], COLUMNS[name])
    if population.synthetic:
        table["备注"] = SYNTHETIC_REMARK
    with whole_file(path) as part:
        table.to_csv(part, index=False, encoding="utf-8-sig", lineterminator="\r\n", float_format="%.2f")


def _cells(values: pandas.Series, column: Column) -> pandas.Series:
    """One column as it is written: labels for members of lists, 是 and 否, empty for a date not stated."""
    if column.options is not None:
        labels = {member.name: "" if member.name == "unstated" else member.value for member in column.options}
        return values.map(labels)
    if column.kind == "flag":
        return values.map({True: "是", False: "否"})
    if column.kind == "date":
        days = values.to_numpy().astype("datetime64[D]")
        return pandas.Series(numpy.where(days == numpy.datetime64(UNSTATED_DATE), "", days.astype(str)))
    if column.kind == "number":
        return values.map(repr)
    if column.kind == "count":
        return values.astype("int64")
    return values
