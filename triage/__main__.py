"""`python -m triage`: the room's commands without the rest of the program."""
