"""`python -m beatbook` and the command `beatbook`: what `python3 server` runs once everything is installed."""

import sys

from beatbook import cli


def main() -> int:
    return cli.main(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
