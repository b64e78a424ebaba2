"""What the erased tickets of a patrol said together, and after how many walks a school rewards a card"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0012"
down_revision = "0010"


def upgrade() -> None:
    op.create_table(
        "patrol_count",
        sa.Column("patrol_id", sa.String(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("patrol_id"),
    )
    with op.batch_alter_table("school") as table:
        table.add_column(sa.Column("rewards", sa.JSON(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("school") as table:
        table.drop_column("rewards")
    op.drop_table("patrol_count")
