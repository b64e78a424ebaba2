"""Holds, and erasures before their date, also of what is kept beside records"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0018b"
down_revision = "0018"


def upgrade() -> None:
    keeping_again(about_records_only=False)


def downgrade() -> None:
    keeping_again(about_records_only=True)


def keeping_again(about_records_only: bool) -> None:
    """SQLite takes no constraint off a table, and the first had no name: so the table is made again."""
    op.drop_index("ix_keeping_instance_id", "keeping")
    op.rename_table("keeping", "keeping_before")
    records = [sa.ForeignKeyConstraint(["instance_id"], ["submission.instance_id"])] if about_records_only else []
    op.create_table(
        "keeping",
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("instance_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        *records,
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("seq", name="pk_keeping"),
    )
    op.create_index("ix_keeping_instance_id", "keeping", ["instance_id"])
    columns = "seq, instance_id, kind, words, person_id, at"
    op.execute(f"INSERT INTO keeping ({columns}) SELECT {columns} FROM keeping_before")  # noqa: S608  our own words
    op.drop_table("keeping_before")
