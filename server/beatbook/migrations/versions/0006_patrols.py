"""Pupils' patrols, their steps and signing keys; pupils' photos; what was erased"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "patrol",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("school", sa.String(), nullable=False),
        sa.Column("window", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("opened_at", UTCDateTime(), nullable=False),
        sa.Column("ends_at", UTCDateTime(), nullable=False),
        sa.Column("teams", sa.JSON(), nullable=False),
        sa.Column("spots", sa.JSON(), nullable=False),
        sa.Column("year_groups", sa.JSON(), nullable=False),
        sa.Column("adults", sa.Integer(), nullable=False),
        sa.Column("pupils", sa.Integer(), nullable=False),
        sa.Column("school_adult", sa.String(), nullable=False),
        sa.Column("photos", sa.String(), nullable=False),
        sa.Column("pin_salt", sa.String(), nullable=False),
        sa.Column("pin_check", sa.String(), nullable=False),
        sa.Column("opened_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    for column in ("school", "code", "opened_at"):
        op.create_index(f"ix_patrol_{column}", "patrol", [column])
    op.create_table(
        "patrol_step",
        sa.Column("seq", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("patrol_id", sa.String(), nullable=False),
        sa.Column("act", sa.String(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("incident", sa.String(), nullable=True),
        sa.Column("incident_note", sa.String(), nullable=True),
        sa.Column("debrief", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("seq"),
    )
    op.create_index("ix_patrol_step_patrol_id", "patrol_step", ["patrol_id"])
    op.create_table(
        "patrol_key",
        sa.Column("device_id", sa.String(), nullable=False),
        sa.Column("key_id", sa.String(), nullable=False),
        sa.Column("public_key", sa.String(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["device_id"], ["device.id"]),
        sa.PrimaryKeyConstraint("device_id"),
        sa.UniqueConstraint("key_id"),
    )
    op.create_table(
        "pupil_photo",
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("instance_id", sa.String(), nullable=False),
        sa.Column("patrol_id", sa.String(), nullable=False),
        sa.Column("received_at", UTCDateTime(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("shown", sa.String(), nullable=True),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("decided_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["instance_id"], ["submission.instance_id"]),
        sa.PrimaryKeyConstraint("sha256"),
    )
    op.create_index("ix_pupil_photo_instance_id", "pupil_photo", ["instance_id"])
    op.create_index("ix_pupil_photo_patrol_id", "pupil_photo", ["patrol_id"])
    op.create_table(
        "redaction",
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("digest", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("subject"),
    )
    op.create_index("ix_submission_patrol_id", "submission", ["patrol_id"])


def downgrade() -> None:
    op.drop_index("ix_submission_patrol_id", "submission")
    for table in ("redaction", "pupil_photo", "patrol_key", "patrol_step", "patrol"):
        op.drop_table(table)
