"""Meetings of the tasking group: who was there, what was taken, what was shared"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    op.create_table(
        "meeting",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("held_at", UTCDateTime(), nullable=False),
        sa.Column("place", sa.String(), nullable=True),
        sa.Column("chair", sa.String(), nullable=False),
        sa.Column("minuter", sa.String(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("state_at", UTCDateTime(), nullable=False),
        sa.Column("opened_at", UTCDateTime(), nullable=True),
        sa.Column("previous_ok", sa.Boolean(), nullable=True),
        sa.Column("hotspots", sa.JSON(), nullable=True),
        sa.Column("hotspots_said", sa.String(), nullable=False),
        sa.Column("plans_said", sa.String(), nullable=False),
        sa.Column("next_at", UTCDateTime(), nullable=True),
        sa.Column("minutes", sa.JSON(), nullable=True),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_meeting_held_at", "meeting", ["held_at"])
    op.create_index("ix_meeting_state", "meeting", ["state"])

    op.create_table(
        "attendance",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("meeting_id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("agency", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("presence", sa.String(length=32), nullable=False),
        sa.Column("signed_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_attendance_meeting_id", "attendance", ["meeting_id"])

    op.create_table(
        "agenda_item",
        sa.Column("meeting_id", sa.String(), nullable=False),
        sa.Column("item_id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("said", sa.String(), nullable=False),
        sa.Column("decided", sa.String(), nullable=False),
        sa.Column("taken_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"]),
        sa.ForeignKeyConstraint(["item_id"], ["tasking_item.id"]),
        sa.PrimaryKeyConstraint("meeting_id", "item_id"),
    )
    op.create_index("ix_agenda_item_item_id", "agenda_item", ["item_id"])

    op.create_table(
        "share",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("meeting_id", sa.String(), nullable=False),
        sa.Column("item_id", sa.String(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("from_agency", sa.String(), nullable=False),
        sa.Column("to_agencies", sa.JSON(), nullable=False),
        sa.Column("summary", sa.String(), nullable=False),
        sa.Column("depersonalised", sa.Boolean(), nullable=False),
        sa.Column("gateway", sa.String(length=32), nullable=True),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("basis", sa.String(length=32), nullable=True),
        sa.Column("decided_by", sa.String(), nullable=False),
        sa.Column("destroy_by", sa.Date(), nullable=False),
        sa.Column("destroyed", sa.JSON(), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"]),
        sa.ForeignKeyConstraint(["item_id"], ["tasking_item.id"]),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"]),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_index("ix_share_meeting_id", "share", ["meeting_id"])
    op.create_index("ix_share_item_id", "share", ["item_id"])
    op.create_index("ix_share_destroy_by", "share", ["destroy_by"])


def downgrade() -> None:
    for table in ("share", "agenda_item", "attendance", "meeting"):
        op.drop_table(table)
