"""`python -m gateway.cli` is `trigraph`."""

from gateway.cli import main

main()
