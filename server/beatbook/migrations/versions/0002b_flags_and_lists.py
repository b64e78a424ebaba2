"""Flags of a submission, numbers that are given once, changes of reference data"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0002b"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("submission", sa.Column("flags", sa.JSON(), nullable=False, server_default="[]"))
    op.create_table(
        "flag",
        sa.Column("instance_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("roles", sa.String(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["instance_id"], ["submission.instance_id"]),
        sa.PrimaryKeyConstraint("instance_id", "name"),
    )
    op.create_index("ix_flag_name_seq", "flag", ["name", "seq"])
    op.create_index("ix_flag_level_seq", "flag", ["level", "seq"])
    op.create_table(
        "carried_number",
        sa.Column("form_id", sa.String(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("instance_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["instance_id"], ["submission.instance_id"]),
        sa.PrimaryKeyConstraint("form_id", "field", "number", "instance_id"),
    )
    op.create_table(
        "list_change",
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("list_name", sa.String(), nullable=False),
        sa.Column("rows", sa.JSON(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("undoes", sa.Integer(), nullable=True),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("seq"),
    )
    op.create_index("ix_list_change_list_name", "list_change", ["list_name"])


def downgrade() -> None:
    op.drop_table("list_change")
    op.drop_table("carried_number")
    op.drop_table("flag")
    with op.batch_alter_table("submission") as submission:
        submission.drop_column("flags")
