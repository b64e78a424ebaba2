"""Listings that answer any filter of a million records: terms beside their words, squares, an order by capture, tallies

What was listed is listed anew when the server starts next (listings.catch_up), for a migration knows no forms.
"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0013"
down_revision = "0012"

INDEXES = {
    "form_state": ["form_id", "state", "seq"],
    "form": ["form_id", "seq"],
    "state": ["state", "seq"],
    "complete": ["complete", "seq"],
    "device": ["device_id", "seq"],
    "person": ["person_id", "seq"],
    "day": ["day", "seq"],
}
NOW = {"area": ["area", "day", "form_id", "state", "complete", "cell"]}
BEFORE = {
    "device_state": ["device_id", "state", "seq"],
    "captured": ["captured_at", "seq"],
    "form_captured": ["form_id", "captured_at", "seq"],
    "state_captured": ["state", "captured_at", "seq"],
}
TOKENIZE = "tokenize = 'unicode61 remove_diacritics 2'"


def upgrade() -> None:
    empty()
    listing(
        sa.Column("captured", sa.BigInteger(), nullable=False, unique=True),
        sa.Column("area", sa.Integer(), nullable=True),
        sa.Column("cell", sa.Integer(), nullable=True),
        sa.Column("personal", sa.Boolean(), nullable=False),
        indexes=INDEXES | NOW,
    )
    op.create_table(
        "tally",
        sa.Column("span", sa.String(), nullable=False),
        sa.Column("side", sa.Integer(), nullable=False),
        sa.Column("area", sa.Integer(), nullable=False),
        sa.Column("cell", sa.Integer(), nullable=False),
        sa.Column("flag", sa.String(), nullable=False),
        sa.Column("form_id", sa.String(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("complete", sa.Boolean(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("span", "side", "area", "cell", "flag", "form_id", "state", "complete"),
        sqlite_with_rowid=False,
    )
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE listing_words")
        op.execute(
            f"CREATE VIRTUAL TABLE listing_words USING fts5"
            f" (title, place, rest, terms, {TOKENIZE}, detail = column, prefix = '3 4')"
        )
        op.execute(
            f"CREATE VIRTUAL TABLE listing_words_captured USING fts5"
            f" (title, place, rest, terms, content = '', {TOKENIZE}, detail = column)"
        )


def downgrade() -> None:
    empty()
    listing(sa.Column("captured_at", UTCDateTime(), nullable=False), indexes=INDEXES | BEFORE)
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
        op.execute("DROP TABLE listing_words")
        op.execute("DROP TABLE listing_words_captured")
        op.execute(f"CREATE VIRTUAL TABLE listing_words USING fts5 (title, place, rest, {TOKENIZE}, prefix = '3 4')")


def empty() -> None:
    op.drop_table("listing")
    op.drop_table("tally")
    op.execute("DELETE FROM listing_flag WHERE flag <> 'manager'")  # which a person raised
    op.execute("DELETE FROM listing_words")


def listing(*more: sa.Column, indexes: dict[str, list[str]]) -> None:
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
        *more,
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("instance_id"),
    )
    for name, columns in indexes.items():
        op.create_index(f"ix_listing_{name}", "listing", columns)
