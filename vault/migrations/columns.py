"""Short names for the columns of migrations. Released migrations rely on them: add, never change."""

import sqlalchemy as sa


def words(name: str, *, optional: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=optional)


def number(name: str, *, optional: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), autoincrement=False, nullable=optional)


def counter(name: str) -> sa.Column[int]:
    """A number that the server gives to each new row."""
    return sa.Column(name, sa.Integer(), autoincrement=True, nullable=False)


def moment(name: str, *, optional: bool = False) -> sa.Column[int]:
    """Milliseconds since 1970 (UTC)."""
    return sa.Column(name, sa.BigInteger(), autoincrement=False, nullable=optional)


def sealed(name: str, *, optional: bool = False) -> sa.Column[bytes]:
    return sa.Column(name, sa.LargeBinary(), nullable=optional)


def flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), nullable=False)


def key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=f"pk_{table}")


def unique(name: str, *columns: str) -> sa.UniqueConstraint:
    return sa.UniqueConstraint(*columns, name=name)


def belongs_to(
    table: str, column: str, target: str, ondelete: str | None = "CASCADE"
) -> sa.ForeignKeyConstraint:
    """Checked at commit, as ``vault.database.belongs_to`` says."""
    return sa.ForeignKeyConstraint(
        [column],
        [target],
        name=f"fk_{table}_{column}",
        ondelete=ondelete,
        deferrable=True,
        initially="DEFERRED",
    )
