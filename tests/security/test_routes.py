"""Every address of casework, tried by everybody it is not for: a stranger, another team, another school."""

import re
from pathlib import Path

import pytest

from casework.access import Access
from casework.web import ROUTES
from notify.tables import Page
from tests.casework.world import Browser
from tests.security.whole import NEW_PASSWORD, Whole, let_in
from vault import directory as directories
from vault.database import Database

CLOSED = tuple(route for route in ROUTES if route.access is not Access.ANYONE)
WORDS = "for the counselors alone"
FORM = {"team": "counseling", "member": "ana", "everywhere": "yes", "text": "hello", "seen": 1}


class Place(Whole):
    """A case of the counselors, its page, and members of everywhere else."""

    def __init__(self, database: Database, folder: Path) -> None:
        super().__init__(database, folder)
        with database.writing() as session:
            root = self.recovery.signer
            directories.add_team(session, root, self.directory, "south", "south", "counseling", ["dora"])
        self.joined(self.invited("zoe", "Zoe Example", "south"))
        let_in(self.signed_in("dora"), "south")
        filed = self.file(WORDS, teams=("counseling",), by_text=True)
        page_id = self.page(filed, teams=("counseling",))
        self.parts = {"reference": filed.reference, "page_id": page_id, "drill_id": self.drill(by="sol")}

    def who(self, name: str) -> Browser:
        browser = self.browser()
        browser.get("/sign-in")
        if name == "another team":
            browser.sign_in("sol")
        elif name == "another school":
            assert browser.sign_in("zoe", NEW_PASSWORD).status_code == 303
        browser.get("/")
        return browser


@pytest.fixture
def place(database: Database, tmp_path: Path) -> Place:
    return Place(database, tmp_path)


@pytest.mark.parametrize("name", ["a stranger", "another team", "another school"])
def test_no_address_shows_or_does_anything_to_those_it_is_not_for(place: Place, name: str) -> None:
    before, browser = place.directory.signature, place.who(name)
    for route in CLOSED:
        if route.endpoint == "sign_in.sign_out":
            continue
        path = re.sub(r"<(\w+)>", lambda found: place.parts[found[1]], route.path)
        answer = browser.get(path) if route.methods == ("GET",) else browser.post(path, **FORM)
        where = (name, route.methods, route.path)
        assert WORDS not in answer.text, where
        assert "Ana Example" not in answer.text, where
        if "<reference>" in route.path or route.path.startswith("/people/"):
            assert answer.status_code == (404 if name != "a stranger" else _asks(route.methods)), where
    assert place.directory.signature == before
    with place.database.reading() as session:
        assert session.get_one(Page, place.parts["page_id"]).state == "open"
    assert len(place.messages()) == 1
    assert not {verb for _, verb, _ in place.audited()} & {"case_opened", "number_requested", "case_routed"}


def test_the_same_addresses_are_open_to_those_they_are_for(place: Place) -> None:
    ana = place.signed_in("ana")
    for route in CLOSED:
        if route.methods == ("GET",):
            path = re.sub(r"<(\w+)>", lambda found: place.parts[found[1]], route.path)
            assert ana.get(path).status_code == 200, route.path


def _asks(methods: tuple[str, ...]) -> int:
    """A stranger is asked to sign in: by a redirection, or at once with what they typed kept."""
    return 303 if methods == ("GET",) else 401
