"""`python3 server`: starts Beatbook with the arguments given, after making .venv if need be."""

import sys

import bootstrap

sys.exit(bootstrap.start("beatbook", sys.argv[1:], with_front_end=bootstrap.is_serving(sys.argv[1:])))
