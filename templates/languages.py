"""The languages that reporters are offered, each with a whole ``locale/…/public.po``: a test sees to it."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Language:
    """``tag``: for HTML's ``lang``. ``name``: what its speakers call it, in their own script.

    ``latin``: its readers copy the receipt's words easily; others are shown the digits at once. ``staffed``:
    members have casework in it, so that a message needs no translator.
    """

    code: str
    tag: str
    name: str
    direction: str = "ltr"
    latin: bool = True
    staffed: bool = False


_ALL: Final = (
    Language("en", "en", "English", staffed=True),
    Language("es", "es", "Español", staffed=True),
    Language("ar", "ar", "العربية", direction="rtl", latin=False),
    Language("zh", "zh-Hans", "简体中文", latin=False),
    Language("vi", "vi", "Tiếng Việt"),
    Language("tl", "fil", "Tagalog"),
    Language("ht", "ht", "Kreyòl"),
    Language("pt", "pt-BR", "Português"),
    Language("fr", "fr", "Français"),
    Language("ru", "ru", "Русский", latin=False),
)
OFFERED: Final = {one.code: one for one in _ALL}
