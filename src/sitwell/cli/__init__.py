"""The command line: options in, results on stdout, words and progress on stderr, exit codes."""
