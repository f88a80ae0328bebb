"""How the schema came to be: explicit Alembic operations, the same for SQLite and PostgreSQL."""
