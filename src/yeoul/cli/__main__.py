"""`python -m yeoul.cli`, the same as the command `yeoul`."""

from yeoul.cli.main import main

main()
