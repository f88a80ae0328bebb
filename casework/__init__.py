"""The staff side: sign-in, inbox, case, replies."""
