"""Two ways past the triggers of the log that there were: TRUNCATE, and INSERT OR REPLACE"""

from alembic import op

revision = "0017c"
down_revision = "0017b"


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":  # which fires no trigger for a row that REPLACE deletes
        op.execute(
            "CREATE TRIGGER event_no_replace BEFORE INSERT ON event"
            " WHEN EXISTS (SELECT 1 FROM event WHERE seq = NEW.seq)"
            " BEGIN SELECT RAISE(ABORT, 'the event log is append-only'); END"
        )
    else:  # which fires no row's trigger for TRUNCATE
        op.execute(
            "CREATE TRIGGER event_no_truncate BEFORE TRUNCATE ON event"
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse_event_change()"
        )


def downgrade() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    op.execute("DROP TRIGGER event_no_replace" if is_sqlite else "DROP TRIGGER event_no_truncate ON event")
