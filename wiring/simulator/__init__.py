"""A carrier on this machine: the provider's REST API, signed webhooks and a page of phones.

The demo and the tests use it; the code on our side of it is the same as in production.
"""
