"""`python -m sidebyside_book`: the command `sidebyside`, where no script is at hand."""

import sys

from sidebyside_book.cli import main

sys.exit(main())
