"""``python -m openfisca_jining``: the same as the command ``openfisca-jining``."""

import sys

from openfisca_jining.cli import main

sys.exit(main())
