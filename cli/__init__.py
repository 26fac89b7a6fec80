"""The command line, on top of desk and returns."""
