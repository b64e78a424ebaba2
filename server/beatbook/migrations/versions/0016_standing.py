"""How a device stands with the desk, and a phone that asks again for the answer to its code"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0016"
down_revision = "0013"


def upgrade() -> None:
    op.create_table(
        "device_step",
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("device_id", sa.String(), nullable=False),
        sa.Column("standing", sa.String(length=32), nullable=False),
        sa.Column("why", sa.String(), nullable=True),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("told", sa.JSON(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["device_id"], ["device.id"]),
        sa.PrimaryKeyConstraint("seq"),
    )
    op.create_index("ix_device_step_device_id", "device_step", ["device_id"])
    with op.batch_alter_table("device") as table:
        table.add_column(sa.Column("standing", sa.String(length=32), nullable=False, server_default="in_use"))
    with op.batch_alter_table("invitation") as table:
        table.add_column(sa.Column("confirm", sa.Boolean(), nullable=False, server_default=sa.false()))
        table.add_column(sa.Column("attempt", sa.String(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("invitation") as table:
        table.drop_column("attempt")
        table.drop_column("confirm")
    with op.batch_alter_table("device") as table:
        table.drop_column("standing")
    op.drop_table("device_step")
