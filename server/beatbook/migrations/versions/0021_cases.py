"""Cases of anti-social behaviour, and what the desk did about each report"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0021"
down_revision = "0019"


def upgrade() -> None:
    op.create_table(
        "asb_case",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=True),
        sa.Column("lead", sa.String(), nullable=False),
        sa.Column("priority", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("close_reason", sa.String(length=32), nullable=True),
        sa.Column("satisfied", sa.String(length=32), nullable=False),
        sa.Column("review", sa.String(length=32), nullable=False),
        sa.Column("interviewed_on", sa.Date(), nullable=True),
        sa.Column("contacted_on", sa.Date(), nullable=True),
        sa.Column("update_due", sa.Date(), nullable=True),
        sa.Column("opened_at", UTCDateTime(), nullable=False),
        sa.Column("changed_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("number"),
    )
    op.create_index("ix_asb_case_state", "asb_case", ["state"])
    op.create_index("ix_asb_case_update_due", "asb_case", ["update_due"])
    op.create_table(
        "case_entry",
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("code", sa.String(), nullable=True),
        sa.Column("how", sa.String(length=32), nullable=True),
        sa.Column("words", sa.String(), nullable=True),
        sa.Column("instance_id", sa.String(), nullable=True),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["asb_case.id"]),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("seq"),
    )
    op.create_index("ix_case_entry_case_id", "case_entry", ["case_id"])
    op.create_table(
        "case_action",
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("what", sa.String(), nullable=True),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("follows", sa.String(), nullable=True),
        sa.Column("notice", sa.String(), nullable=True),
        sa.Column("item_id", sa.String(), nullable=True),
        sa.Column("done_at", UTCDateTime(), nullable=True),
        sa.Column("result", sa.String(), nullable=True),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["asb_case.id"]),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"]),
        sa.PrimaryKeyConstraint("reference"),
    )
    op.create_index("ix_case_action_case_id", "case_action", ["case_id"])
    op.create_table(
        "report_step",
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("instance_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("case_id", sa.String(), nullable=True),
        sa.Column("how", sa.String(length=32), nullable=True),
        sa.Column("words", sa.String(), nullable=True),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["instance_id"], ["submission.instance_id"]),
        sa.ForeignKeyConstraint(["case_id"], ["asb_case.id"]),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("seq"),
    )
    op.create_index("ix_report_step_instance_id", "report_step", ["instance_id"])
    op.create_index("ix_report_step_case_id", "report_step", ["case_id"])


def downgrade() -> None:
    for table in ("report_step", "case_action", "case_entry", "asb_case"):
        op.drop_table(table)
