"""`python -m hexgate.cli`: the same as the command `hexgate`."""

from hexgate.cli.main import main

main()
