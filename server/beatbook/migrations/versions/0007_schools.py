"""Which school a person, a device or an invitation belongs to; what each school chose, and its trophies"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0007"
down_revision = "0006"

WITH_SCHOOL = ("person", "device", "invitation")


def upgrade() -> None:
    # Columns that may be empty are added in place, also by SQLite: no table with records in it is copied.
    for table in WITH_SCHOOL:
        op.add_column(table, sa.Column("school_id", sa.String(), nullable=True))
    op.create_table(
        "school",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("by_count", sa.Boolean(), nullable=False),
        sa.Column("strict_walk", sa.Boolean(), nullable=False),
        sa.Column("count_bus", sa.Boolean(), nullable=False),
        sa.Column("daily", sa.Boolean(), nullable=False),
        sa.Column("next_visit", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "trophy",
        sa.Column("school_id", sa.String(), nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("winners", sa.JSON(), nullable=False),
        sa.Column("announced_at", UTCDateTime(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("school_id", "week"),
    )


def downgrade() -> None:
    op.drop_table("trophy")
    op.drop_table("school")
    for table in WITH_SCHOOL:
        with op.batch_alter_table(table) as changed:
            changed.drop_column("school_id")
