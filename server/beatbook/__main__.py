"""`python -m beatbook`: what `python3 server` runs once everything is installed."""

import sys

from beatbook.cli import main

sys.exit(main(sys.argv[1:]))
