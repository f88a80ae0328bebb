"""``python -m wiring`` is the ``tipline`` command, wherever the package was put."""

from wiring.cli import main

main()
