"""Requests of people who ask what is held about them; holds on what is kept beside records"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0018"
down_revision = "0010"


def upgrade() -> None:
    op.create_table(
        "subject_request",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("sought", sa.JSON(), nullable=False),
        sa.Column("proof", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("opened_at", UTCDateTime(), nullable=False),
        sa.Column("opened_by", sa.String(), nullable=False),
        sa.Column("looked_at", UTCDateTime(), nullable=False),
        sa.Column("closed_at", UTCDateTime(), nullable=True),
        sa.Column("closed_by", sa.String(), nullable=True),
        sa.Column("digest", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["opened_by"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "subject_find",
        sa.Column("request_id", sa.String(), nullable=False),
        sa.Column("where", sa.String(), nullable=False),
        sa.Column("found_by", sa.String(), nullable=False),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=True),
        sa.Column("left_out", sa.JSON(), nullable=False),
        sa.Column("covered", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=True),
        sa.Column("at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["request_id"], ["subject_request.id"]),
        sa.PrimaryKeyConstraint("request_id", "where"),
    )
    keeping_again(about_records_only=False)


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


def downgrade() -> None:
    keeping_again(about_records_only=True)
    op.drop_table("subject_find")
    op.drop_table("subject_request")
