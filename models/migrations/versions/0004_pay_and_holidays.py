"""Pay as it was seen, days that no register has, and public holidays."""

import csv
from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"

REFERENCE = Path(__file__).parent.parent / "reference"
FROZEN = (
    *("reference", "name", "mpesa_name", "phone", "national_id", "number"),
    *("position", "centre_code", "centre", "sub_county", "county", "region", "document"),
)
# Lines that are there already get their people as they are today: nobody kept what they were before.
FREEZE = """
UPDATE pay_line SET reference = post.reference, name = profile.full_name, mpesa_name = profile.mpesa_name,
    phone = account.phone, national_id = account.national_id,
    number = CASE profile.kind WHEN 'driver' THEN profile.licence_no WHEN 'security' THEN profile.service_no
        ELSE profile.employment_no END,
    position = post.position, centre_code = post.centre_code, centre = centre.name,
    sub_county = sub_county.name, county = county.name,
    region = CASE WHEN county.code IN ('001', '047') THEN 'Nairobi & Mombasa' ELSE 'Other' END
FROM deployment AS post
    JOIN account ON account.id = post.account_id
    JOIN centre ON centre.code = post.centre_code
    JOIN sub_county ON sub_county.id = centre.sub_county_id
    JOIN county ON county.code = sub_county.county_code
    LEFT JOIN profile ON profile.account_id = post.account_id
WHERE post.id = pay_line.deployment_id
"""
# What a rule book did not say was kept as no holidays at all; from now on it means those of the country.
UNSAID = "UPDATE series SET rules = rules - 'holidays' WHERE rules -> 'holidays' = '[]'"
# A series that is over keeps the days on which its registers were marked.
SPREAD = """
UPDATE series SET holidays = found.days
FROM (SELECT series.id, jsonb_agg(holiday.day::text ORDER BY holiday.day) AS days
    FROM series JOIN holiday ON holiday.day BETWEEN series.starts AND series.ends
    WHERE (series.closed_at IS NULL AND series.ends >= CURRENT_DATE)
        OR NOT EXISTS (SELECT FROM deployment WHERE deployment.series_id = series.id)
    GROUP BY series.id) AS found
WHERE found.id = series.id
"""


def upgrade() -> None:
    """Keep with each line of pay whom it is for, and give every series its holidays."""
    for name in FROZEN:
        op.add_column("pay_line", sa.Column(name, sa.Text(), nullable=True))
    op.execute(FREEZE)
    op.add_column("pay_line", sa.Column("days_elsewhere", sa.Integer(), server_default="0", nullable=False))
    op.create_table(
        "day_report",
        sa.Column("deployment_id", sa.BigInteger(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("reported_by", sa.Text(), nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("days >= 0", name=op.f("ck_day_report_days")),
        sa.ForeignKeyConstraint(
            ["deployment_id"], ["deployment.id"], name=op.f("fk_day_report_deployment_id")
        ),
        sa.PrimaryKeyConstraint("deployment_id", name=op.f("pk_day_report")),
    )
    op.create_table(
        "holiday",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_holiday")),
    )
    with (REFERENCE / "holidays.csv").open(newline="", encoding="utf-8") as lines:
        op.get_bind().execute(
            sa.text("INSERT INTO holiday (day, name, source) VALUES (CAST(:day AS date), :name, :source)"),
            list(csv.DictReader(lines)),
        )
    op.add_column(
        "series",
        sa.Column("holidays", postgresql.JSONB(), server_default=sa.text("'[]'"), nullable=False),
    )
    op.execute(UNSAID)
    op.execute(SPREAD)
