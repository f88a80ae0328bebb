"""A chart of an evaluation: placeholder for the drawing module."""
