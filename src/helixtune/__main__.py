"""`python -m helixtune` is the command `helixtune`."""

import sys

from helixtune.cli import main

sys.exit(main())
