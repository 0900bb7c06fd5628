"""Entry of `python -m vidstyle`, which is the command `vidstyle`."""

import sys

from vidstyle.cli.app import main

if __name__ == "__main__":
    sys.exit(main())
