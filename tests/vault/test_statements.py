"""Statements kept as text: they do what SQLAlchemy's own execution would, on either server."""

import pytest
from sqlalchemy import bindparam, select
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from tests.vault.school import new_report
from vault.database import Database
from vault.statements import Adding, Statement
from vault.tables import AuditEvent, RecipientTeam

ADD = Adding(RecipientTeam)
TEAMS = Statement(
    select(RecipientTeam.team_id)
    .where(RecipientTeam.report_id == bindparam("report"), RecipientTeam.team_id != "nobody")
    .order_by(RecipientTeam.team_id)
)


def test_rows_are_added_and_found(any_database: Database) -> None:
    with any_database.writing() as session:
        report = new_report(session).report_id
        teams = ("b", "nobody", "a%s")
        ADD.run(session, *({"report_id": report, "team_id": team} for team in teams))
    with any_database.reading() as session:
        assert TEAMS.run(session, {"report": report}).scalars().all() == ["a%s", "b"]
        assert TEAMS.run(session, {"report": "another"}).first() is None


def test_what_a_row_does_not_name_gets_its_columns_default(any_database: Database) -> None:
    with any_database.writing() as session:
        Adding(AuditEvent).run(session, {"at": 1, "actor": "pager", "verb": "rang", "pseudonym": ""})
        assert session.execute(select(AuditEvent.facts, AuditEvent.link)).one() == ("{}", None)


def test_a_missing_value_is_refused_and_an_error_shows_no_values(any_database: Database) -> None:
    with any_database.writing() as session:
        with pytest.raises((KeyError, SQLAlchemyError)):
            TEAMS.run(session, {"another": "x"})
        session.rollback()
    row = {"report_id": "r", "team_id": "hush-hush"}
    with pytest.raises(IntegrityError) as caught, any_database.writing() as session:
        ADD.run(session, row, row)
    assert "hide_parameters=True" in str(caught.value)
