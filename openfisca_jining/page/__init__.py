"""The what-if page: sliders over the law, for analysts who do not code.

``levers`` says what can be moved, ``moved`` computes a move, ``outcome`` is what it brings, ``session`` is one visitor's state;
none of them knows a widget. ``figure`` and ``view`` draw, ``app`` puts the widgets together, ``server`` serves the notebook
``page.ipynb`` with Voilà. A visitor has a kernel of their own, so nothing here is shared between visitors.
"""
