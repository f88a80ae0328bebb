"""The commands of ``tipline``, one module for each or for a few of a kind."""
