"""`python -m checktrail`."""

from checktrail.cli import main

main()
