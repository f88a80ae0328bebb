"""What a text means: text in, assessment out. Pure: no I/O at call time, no clock, no randomness."""
