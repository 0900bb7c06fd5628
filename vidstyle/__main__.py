"""`python -m vidstyle` is the command `vidstyle`."""

import sys

from vidstyle.cli import main

sys.exit(main())
