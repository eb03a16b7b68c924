"""Readings as reforms: ``openfisca_jining.readings.<document>__<reading>__<value>``.

Every reading registered in ``parameters/<document>/readings.yaml`` is available as a reform class of that name, for YAML
cases (``reforms:``), ``openfisca test -r`` and ``openfisca serve -r``. Classes are made on first use.
"""

from __future__ import annotations

from openfisca_core.reforms import Reform

from openfisca_jining.law import changing

ALWAYS = "1900-01-01"


def reform_of(name: str, changes) -> type[Reform]:
    """A reform class that changes parameters. :param changes: list of (path, value, start date)."""

    def apply(self) -> None:
        self.modify_parameters(changing(changes))

    return type(name, (Reform,), {"apply": apply, "name": name, "changes": changes, "__doc__": f"参数改动：{changes}"})


def __getattr__(name: str) -> type[Reform]:
    parts = name.split("__")
    if len(parts) != 3 or not all(parts):
        raise AttributeError(f"读法应写成 <文件>__<读法>__<取值>，收到 {name}。")
    document, reading, value = parts
    return reform_of(name, [(f"{document}.readings.{reading}", value, ALWAYS)])
