"""Random names for things. Nothing here can be traced to a person or to a time."""

import secrets

_REFERENCE_ALPHABET = "ABCDEFGHJKMNPQRSTVWXYZ23456789"


def new_id() -> str:
    """128 random bits as 32 lower-case hexadecimal digits."""
    return secrets.token_hex(16)


def new_reference() -> str:
    """A case reference people can say aloud, as in ``K7QM-29TX`` (39 random bits)."""
    letters = [secrets.choice(_REFERENCE_ALPHABET) for _ in range(8)]
    return "".join(letters[:4]) + "-" + "".join(letters[4:])
