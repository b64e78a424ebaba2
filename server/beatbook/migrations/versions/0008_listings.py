"""Listings with their words, flags and tallies; remarks, corrections and saved filters

The rows of the listings are made by the server itself when it starts next (listings.catch_up), because the words of a
record are those of its form, and a migration knows no forms.
"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0008"
down_revision = "0007"

INDEXES = {
    "form_state": ["form_id", "state", "seq"],
    "form": ["form_id", "seq"],
    "state": ["state", "seq"],
    "complete": ["complete", "seq"],
    "device": ["device_id", "seq"],
    "device_state": ["device_id", "state", "seq"],
    "person": ["person_id", "seq"],
    "day": ["day", "seq"],
    "captured": ["captured_at", "seq"],
    "form_captured": ["form_id", "captured_at", "seq"],
    "state_captured": ["state", "captured_at", "seq"],
}


def upgrade() -> None:
    op.create_table(
        "listing",
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("instance_id", sa.String(), nullable=False),
        sa.Column("form_id", sa.String(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("complete", sa.Boolean(), nullable=False),
        sa.Column("device_id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=True),
        sa.Column("day", sa.String(), nullable=False),
        sa.Column("captured_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("instance_id"),
    )
    for name, columns in INDEXES.items():
        op.create_index(f"ix_listing_{name}", "listing", columns)
    op.create_table(
        "listing_flag",
        sa.Column("flag", sa.String(), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("flag", "seq"),
    )
    op.create_index("ix_listing_flag_seq", "listing_flag", ["seq"])
    op.create_table(
        "tally",
        sa.Column("day", sa.String(), nullable=False),
        sa.Column("form_id", sa.String(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("complete", sa.Boolean(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", "form_id", "state", "complete"),
    )
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE VIRTUAL TABLE listing_words USING fts5"
            " (title, place, rest, tokenize = 'unicode61 remove_diacritics 2', prefix = '3 4')"
        )
    else:
        op.execute("CREATE TABLE listing_words (seq integer PRIMARY KEY, words tsvector, place tsvector)")
        op.execute("CREATE INDEX ix_listing_words ON listing_words USING gin (words)")
        op.execute("CREATE INDEX ix_listing_words_place ON listing_words USING gin (place)")
    op.create_table(
        "remark",
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("instance_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("other_id", sa.String(), nullable=True),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["instance_id"], ["submission.instance_id"]),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("seq"),
    )
    op.create_index("ix_remark_instance_id", "remark", ["instance_id"])
    op.create_table(
        "correction",
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("instance_id", sa.String(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("before", sa.String(), nullable=False),
        sa.Column("after", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["instance_id"], ["submission.instance_id"]),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("seq"),
    )
    op.create_index("ix_correction_instance_id", "correction", ["instance_id"])
    op.create_table(
        "saved_filter",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("query", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("pinned", sa.Boolean(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_saved_filter_person_id", "saved_filter", ["person_id"])
    op.create_index("ix_submission_place", "submission", ["latitude", "longitude"])


def downgrade() -> None:
    op.drop_index("ix_submission_place", "submission")
    for name in ("saved_filter", "correction", "remark", "listing_words", "tally", "listing_flag", "listing"):
        op.drop_table(name)
