"""The command line: each command is thin, and every failure is one line and exit code 2."""
