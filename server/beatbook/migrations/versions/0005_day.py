"""Tasks, and the tasking group's items and actions"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0005"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "task",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("origin", sa.String(length=32), nullable=False),
        sa.Column("about", sa.String(), nullable=True),
        sa.Column("device_id", sa.String(), nullable=True),
        sa.Column("role", sa.String(length=32), nullable=True),
        sa.Column("place", sa.String(), nullable=True),
        sa.Column("starts_at", UTCDateTime(), nullable=False),
        sa.Column("ends_at", UTCDateTime(), nullable=False),
        sa.Column("form_id", sa.String(), nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("state_at", UTCDateTime(), nullable=False),
        sa.Column("state_by", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["device_id"], ["device.id"]),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    for column in ("seq", "about", "device_id", "ends_at", "state"):
        op.create_index(f"ix_task_{column}", "task", [column])

    op.create_table(
        "task_result",
        sa.Column("instance_id", sa.String(), nullable=False),
        sa.Column("task_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["instance_id"], ["submission.instance_id"]),
        sa.PrimaryKeyConstraint("instance_id"),
    )
    op.create_index("ix_task_result_task_id", "task_result", ["task_id"])

    op.create_table(
        "tasking_item",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("problem", sa.String(), nullable=False),
        sa.Column("outcome_wanted", sa.String(), nullable=False),
        sa.Column("measure", sa.String(), nullable=True),
        sa.Column("place", sa.String(), nullable=True),
        sa.Column("about", sa.String(), nullable=True),
        sa.Column("source_id", sa.String(), nullable=True),
        sa.Column("raised_by", sa.String(), nullable=False),
        sa.Column("raised_at", UTCDateTime(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("state_note", sa.String(), nullable=True),
        sa.Column("state_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("source_id"),
    )
    op.create_index("ix_tasking_item_state", "tasking_item", ["state"])

    op.create_table(
        "tasking_action",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("item_id", sa.String(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("lead_agency", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("support", sa.String(), nullable=True),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("progress", sa.String(length=32), nullable=False),
        sa.Column("result", sa.String(), nullable=True),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("changed_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["tasking_item.id"]),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"]),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_index("ix_tasking_action_item_id", "tasking_action", ["item_id"])
    op.create_index("ix_tasking_action_due", "tasking_action", ["due"])


def downgrade() -> None:
    for table in ("tasking_action", "tasking_item", "task_result", "task"):
        op.drop_table(table)
