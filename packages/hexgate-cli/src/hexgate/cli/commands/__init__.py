"""One package or module for each noun; `hexgate.cli.main` lists them."""
