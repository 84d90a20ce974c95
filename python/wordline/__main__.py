"""`python -m wordline` is the command `wordline`."""

import sys

from wordline.cli import main

sys.exit(main())
