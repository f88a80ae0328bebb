"""Random names for things. Nothing here can be traced to a person or to a time."""

import secrets

_REFERENCE_ALPHABET = "ABCDEFGHJKMNPQRSTVWXYZ23456789"


def new_id() -> str:
    """128 random bits as 32 lower-case hexadecimal digits."""
    return secrets.token_hex(16)


def new_reference() -> str:
    """A case reference people can say aloud, as in ``K7QM-29TX`` (39 random bits)."""
    number = secrets.randbelow(len(_REFERENCE_ALPHABET) ** 8)
    letters = ""
    for _ in range(8):
        number, place = divmod(number, len(_REFERENCE_ALPHABET))
        letters += _REFERENCE_ALPHABET[place]
    return letters[:4] + "-" + letters[4:]
