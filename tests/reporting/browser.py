"""A reporter's browser without JavaScript, as far as the stories need one: it fills in what it was shown."""

import re
from html import unescape
from urllib.parse import urlencode

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

_FIELD = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')
_BOX = re.compile(r'<textarea id="text"[^>]*>\n(.*?)</textarea>', re.DOTALL)
_WORDS = re.compile(r'<p class="words"[^>]*>([^<]+)</p>')
FORM = "application/x-www-form-urlencoded"


def post(client: FlaskClient, path: str, fields: dict[str, str], lang: str = "en") -> TestResponse:
    return client.post(f"{path}?lang={lang}", data=urlencode(fields), content_type=FORM)


def hidden(view: TestResponse) -> dict[str, str]:
    """The last form's hidden fields."""
    return {name: unescape(value) for name, value in _FIELD.findall(view.text)}


def fill(client: FlaskClient, lang: str = "en") -> dict[str, str]:
    """Open the form: the fields with which it will be sent."""
    return hidden(client.get(f"/?lang={lang}"))


def send(client: FlaskClient, text: str, lang: str = "en", **fields: str) -> TestResponse:
    """Open the form, write ``text``, press Send now."""
    return post(client, "/", {**fill(client, lang), "text": text, **fields}, lang)


def box(view: TestResponse) -> str:
    """What stands in the text box."""
    found = _BOX.search(view.text)
    assert found is not None
    return unescape(found[1])


def words(view: TestResponse) -> str:
    """The six words of a received view."""
    found = _WORDS.search(view.text)
    assert found is not None, view.text
    return found[1]


def digits(view: TestResponse) -> str:
    found: list[str] = _WORDS.findall(view.text)
    return found[1]


def come_back(client: FlaskClient, receipt: str) -> TestResponse:
    return post(client, "/thread", {"receipt": receipt})


def write(client: FlaskClient, thread: TestResponse, text: str, **fields: str) -> TestResponse:
    return post(client, "/thread/write", {**hidden(thread), "text": text, **fields})
