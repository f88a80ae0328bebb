"""Statements kept as text: they do what SQLAlchemy's own execution would, on either server."""

import pytest
from sqlalchemy import bindparam, func, select
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError

from tests.vault.school import new_report
from vault.database import Database
from vault.statements import Adding, AddingTogether, Statement
from vault.tables import AuditEvent, RecipientTeam

ADD = Adding(RecipientTeam)
TEAMS = Statement(
    select(RecipientTeam.team_id)
    .where(RecipientTeam.report_id == bindparam("report"), RecipientTeam.team_id != "nobody")
    .order_by(RecipientTeam.team_id)
)

OF_REPORTS = Statement(
    select(RecipientTeam.team_id)
    .where(
        RecipientTeam.report_id.in_(bindparam("reports", expanding=True)),
        RecipientTeam.team_id.not_in(bindparam("others", expanding=True)),
    )
    .order_by(RecipientTeam.team_id)
    .limit(3)
)


def test_rows_are_added_and_found(any_database: Database) -> None:
    with any_database.writing() as session:
        report = new_report(session).report_id
        teams = ("b", "nobody", "a%s")
        ADD.run(session, *({"report_id": report, "team_id": team} for team in teams))
    with any_database.reading() as session:
        assert TEAMS.run(session, {"report": report}) == [("a%s",), ("b",)]
        assert [row.team_id for row in TEAMS.run(session, {"report": report})] == ["a%s", "b"]
        assert TEAMS.run(session, {"report": "another"}) == []


def test_a_list_may_be_of_any_length(any_database: Database) -> None:
    with any_database.writing() as session:
        reports = [new_report(session).report_id for _ in range(2)]
        for report in reports:
            ADD.run(session, *({"report_id": report, "team_id": f"{team}-{report}"} for team in "abc"))

        def found(of: list[str], *others: str) -> list[str]:
            rows = OF_REPORTS.run(session, {"reports": of, "others": others})
            return [row.team_id[0] for row in rows]

        assert found(reports) == ["a", "a", "b"]
        assert found(reports[:1]) == ["a", "b", "c"]
        assert found(reports[1:], f"a-{reports[1]}", "z") == ["b", "c"]
        assert found([]) == []


def test_rows_of_several_tables_are_there_together_or_not_at_all(any_database: Database) -> None:
    together = AddingTogether(RecipientTeam, AuditEvent)
    event = {"at": 1, "actor": "pager", "verb": "rang", "pseudonym": ""}
    with any_database.writing() as session:
        report = new_report(session).report_id
        together.run(session, [{"report_id": report, "team_id": one} for one in ("a", "b")], [event, event])
        together.run(session, [], [event])
        together.run(session, [{"report_id": report, "team_id": "c"}], [])
    with pytest.raises(IntegrityError), any_database.writing() as session:
        together.run(session, [{"report_id": report, "team_id": one} for one in ("d", "a")], [event])
    with any_database.reading() as session:
        assert TEAMS.run(session, {"report": report}) == [("a",), ("b",), ("c",)]
        assert session.scalars(select(AuditEvent.facts)).all() == ["{}"] * 3


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


def test_a_connection_that_dies_under_a_statement_is_not_used_again(postgresql_database: Database) -> None:
    dying = Statement(select(func.pg_terminate_backend(func.pg_backend_pid())))
    for begin in (postgresql_database.writing, postgresql_database.asking):
        with pytest.raises(DBAPIError) as caught, begin() as session:
            dying.run(session)
        assert caught.value.connection_invalidated
        with begin() as session:
            assert TEAMS.run(session, {"report": "another"}) == []
