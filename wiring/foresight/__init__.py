"""What a roster would do: the real engine under a virtual clock, with people who answer by chance."""
