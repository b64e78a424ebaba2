"""Runs the migrations on the connection that `database.migrate` hands over."""

from alembic import context
from sqlmodel import SQLModel

from beatbook import models  # noqa: F401  (its import fills the metadata)

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    render_as_batch=True,  # SQLite cannot alter a column in place
)
with context.begin_transaction():
    context.run_migrations()
