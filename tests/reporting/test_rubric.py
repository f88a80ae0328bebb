"""Whose a message is: the school's own routes first, else the rubric's defaults within its default route."""

from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from reporting import routing, rubric
from triage import Assessment, Urgency, assess, default_rules
from vault.keyed import LineKey
from vault.teams import Directory, Team

KEY = LineKey.from_seeds(bytes(32)).public
ROLES = ("counseling", "social_work", "liaison", "administration")
ANYBODY = frozenset({"m-1"})


def school(*default: str, **routes: tuple[str, ...]) -> Directory:
    """A school with a team of each role, and its signed routes."""
    return Directory(
        install="i",
        fingerprint="",
        seq=1,
        head=b"",
        signature=b"",
        recovery=KEY,
        root=Ed25519PrivateKey.generate().public_key(),
        team_by_id={role: Team(role, "maple", role, 1, KEY, ANYBODY, ANYBODY) for role in ROLES},
        routing={"maple": {"default": default or ROLES, **routes}},
    )


def readers(directory: Directory, route: str) -> list[str]:
    """The teams that read ``route``, first called first."""
    return list(routing.team_ids(rubric.recipients(directory, "maple", route)))


RULES = default_rules()
CATEGORIES = {kind.category for kind in RULES.kinds.values()} | {
    one.category for listed in RULES.compositions.values() for one in listed
}


def test_every_kind_of_message_has_a_route() -> None:
    named = set(filter(None, CATEGORIES))
    assert len(named) > 8
    assert named <= set(rubric.FIRST)
    assert all(readers(school(), kind) for kind in named)


@pytest.mark.parametrize("text", ["", "ʘʘʘ", "我不知道该怎么办", "jeg vet ikke hva"])
def test_what_could_not_be_scored_has_a_route(text: str) -> None:
    found = assess(text)
    assert readers(school(), routing.route_of(found, adult_concern=False))


@pytest.mark.parametrize(
    ("kind", "first"),
    [
        ("suicide_self_harm", ["counseling", "administration"]),
        ("abuse", ["social_work", "counseling"]),
        ("weapon", ["liaison", "counseling", "administration"]),
        ("threat_violence", ["liaison", "counseling", "administration"]),
        ("bullying", ["counseling", "administration"]),
    ],
)
def test_who_comes_first_depends_on_the_kind(kind: str, first: list[str]) -> None:
    assert readers(school(), kind)[: len(first)] == first


@pytest.mark.parametrize("kind", sorted(rubric.NOT_THE_LIAISONS))
def test_the_liaison_never_reads_of_a_childs_own_harm_by_default(kind: str) -> None:
    assert "liaison" not in readers(school(), kind)
    assert readers(school("liaison"), kind) == ["liaison"]  # but somebody must


def test_defaults_let_nobody_read_who_is_not_in_the_default_route() -> None:
    narrow = school("counseling")
    assert {tuple(readers(narrow, kind)) for kind in rubric.FIRST} == {("counseling",)}


def test_what_the_school_wrote_holds_as_it_wrote_it() -> None:
    own = school(suicide_self_harm=("administration", "liaison"))
    assert readers(own, "suicide_self_harm") == ["administration", "liaison"]


def of(urgency: Urgency, *categories: str) -> Assessment:
    return replace(assess("hello"), urgency=urgency, categories=categories)


def test_an_immediate_danger_to_many_calls_all_at_once_and_takes_two() -> None:
    call = rubric.call_for(school(), of(Urgency.IMMEDIATE, "weapon"), ROLES, 2)
    assert (call.together, call.acks, call.ack_team) == (True, 2, "counseling")


@pytest.mark.parametrize(
    ("urgency", "kind"), [(Urgency.URGENT, "weapon"), (Urgency.IMMEDIATE, "suicide_self_harm")]
)
def test_anything_else_calls_the_first_team_first_and_takes_one(urgency: Urgency, kind: str) -> None:
    assert rubric.call_for(school(), of(urgency, kind), ROLES, 2) == rubric.Call()
