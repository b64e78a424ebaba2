"""Records that somebody opened in an emergency, and what a second person found"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0017b"
down_revision = "0017"


def upgrade() -> None:
    op.create_table(
        "emergency",
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("instance_id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("until", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["instance_id"], ["submission.instance_id"]),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("seq"),
    )
    op.create_index("ix_emergency_instance_id", "emergency", ["instance_id"])
    op.create_index("ix_emergency_person_id", "emergency", ["person_id"])
    op.create_table(
        "emergency_review",
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("emergency", sa.Integer(), nullable=False),
        sa.Column("instance_id", sa.String(), nullable=False),
        sa.Column("was_right", sa.Boolean(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["emergency"], ["emergency.seq"]),
        sa.ForeignKeyConstraint(["instance_id"], ["submission.instance_id"]),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("emergency"),
    )
    op.create_index("ix_emergency_review_instance_id", "emergency_review", ["instance_id"])


def downgrade() -> None:
    op.drop_table("emergency_review")
    op.drop_table("emergency")
