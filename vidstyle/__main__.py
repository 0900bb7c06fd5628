"""Entry of `python -m vidstyle`, which is the command `vidstyle`."""

import sys

from vidstyle.cli import main

if __name__ == "__main__":
    sys.exit(main())
