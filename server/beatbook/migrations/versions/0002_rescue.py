"""What was acknowledged and is gone, what a device says of its numbers, what came of things kept aside"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "gone",
        sa.Column("instance_id", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("device_id", sa.String(), nullable=False),
        sa.Column("form_id", sa.String(), nullable=True),
        sa.Column("counter", sa.BigInteger(), nullable=True),
        sa.Column("captured_at", UTCDateTime(), nullable=True),
        sa.Column("acknowledged_at", UTCDateTime(), nullable=True),
        sa.Column("receipt_seq", sa.Integer(), nullable=False),
        sa.Column("receipt_chain", sa.String(), nullable=False),
        sa.Column("still_there", sa.Boolean(), nullable=False),
        sa.Column("noticed_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["device_id"], ["device.id"]),
        sa.PrimaryKeyConstraint("instance_id"),
    )
    # Columns that may be empty are added in place, also by SQLite: no table with records in it is copied.
    op.add_column("contact", sa.Column("account", sa.JSON(), nullable=True))
    op.add_column("contact", sa.Column("wiped_at", UTCDateTime(), nullable=True))
    op.add_column("quarantine", sa.Column("resolved_by", sa.String(), nullable=True))
    op.add_column("quarantine", sa.Column("note", sa.String(), nullable=True))
    op.drop_index("ix_submission_device_id", "submission")
    op.create_index("ix_submission_device_counter", "submission", ["device_id", "counter"])


def downgrade() -> None:
    op.drop_index("ix_submission_device_counter", "submission")
    op.create_index("ix_submission_device_id", "submission", ["device_id"])
    with op.batch_alter_table("quarantine") as quarantine:
        quarantine.drop_column("note")
        quarantine.drop_column("resolved_by")
    with op.batch_alter_table("contact") as contact:
        contact.drop_column("wiped_at")
        contact.drop_column("account")
    op.drop_table("gone")
