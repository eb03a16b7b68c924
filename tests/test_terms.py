"""枣政字〔2020〕2号: caps that a reform moves within the year (``variables/zaozhuang_2020/terms.py``)."""

import importlib

import numpy


def test_caps_come_in_the_order_of_their_first_claims(system):
    place_in_time = importlib.import_module("openfisca_jining.variables.zaozhuang_2020.terms").place_in_time
    for caps, days, places in (
        ([5, 5, 3], ["2021-01-05", "2021-02-05", "2021-03-05"], [0, 0, 1]),
        ([4, 5, 3], ["2021-03-05", "2021-02-05", "2021-01-05"], [2, 1, 0]),
        ([3, 3, 3], ["2021-03-05", "2021-02-05", "2021-01-05"], [0, 0, 0]),
    ):
        dates = numpy.array(days, dtype="datetime64[D]")
        assert place_in_time(numpy.array(caps, dtype=float), dates).tolist() == places
