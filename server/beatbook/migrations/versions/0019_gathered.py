"""What the records of the last weeks add to their places, how long they were on their way, and an index of squares

What is gathered and counted is read from the records when the server starts next (gathered.renew, listings.catch_up),
for a migration knows no lists and no town's time.
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018b"


def upgrade() -> None:
    op.create_table(
        "gathered",
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("day", sa.String(), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("weight", sa.String(), nullable=False),
        sa.Column("form_id", sa.String(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("records", sa.Integer(), nullable=False),
        sa.Column("counts", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("place", "day", "seq", "weight"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_gathered_seq", "gathered", ["seq"])
    op.create_table(
        "arrival",
        sa.Column("week", sa.String(), nullable=False),
        sa.Column("minutes", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("week", "minutes"),
    )
    op.create_index("ix_listing_cell", "listing", ["cell", "seq"])
    op.drop_index("ix_submission_place", "submission")


def downgrade() -> None:
    op.create_index("ix_submission_place", "submission", ["latitude", "longitude"])
    op.drop_index("ix_listing_cell", "listing")
    op.drop_table("arrival")
    op.drop_table("gathered")
