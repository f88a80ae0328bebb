"""How it runs: config, the processes, command line, carrier simulator."""
