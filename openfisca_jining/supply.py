"""Supplied quantities as reforms: ``openfisca_jining.supply.<path>__is__<value>``.

For YAML cases about quantities that the documents leave unstated: dots of the parameter path are written ``__``, the
decimal point of the value ``p`` (``supply.jining_2017__cloud_vouchers__city_share__is__0p2``). The value holds always.
"""

from __future__ import annotations

from openfisca_core.reforms import Reform

from openfisca_jining.readings import ALWAYS, reform_of


def __getattr__(name: str) -> type[Reform]:
    path, separator, text = name.partition("__is__")
    try:
        value = float(text.replace("p", "."))
    except ValueError:
        separator = ""
    if not separator or name.startswith("__"):
        raise AttributeError(f"提供的数应写成 <参数路径>__is__<数>，收到 {name}。")
    return reform_of(name, [(path.replace("__", "."), value, ALWAYS)])
