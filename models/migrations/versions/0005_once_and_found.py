"""One consent of an account to each version; indexes for hosted centres and for old session ends."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

# Two screens at once could write the same consent twice; the first one stays.
TWICE = """
DELETE FROM consent USING consent AS first
WHERE first.account_id = consent.account_id AND first.version = consent.version AND first.id < consent.id
"""


def upgrade() -> None:
    """Keep one of each consent, and let the database see to it."""
    op.execute(TWICE)
    op.create_unique_constraint(op.f("uq_consent_account_id_version"), "consent", ["account_id", "version"])
    op.drop_index(op.f("ix_consent_account_id"), table_name="consent")  # the constraint's own index serves
    hosted = sa.text("host_code IS NOT NULL")
    op.create_index("ix_centre_host", "centre", ["host_code"], postgresql_where=hosted)
    op.create_index("ix_session_end_ended_at", "session_end", ["ended_at"], postgresql_using="brin")
