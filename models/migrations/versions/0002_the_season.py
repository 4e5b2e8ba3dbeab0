"""The season: places, people, registers, series, applications, deployments, documents, attendance, forms."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"

# What was said of a day is never changed, only added to: pay stands on it.
APPEND_ONLY = """
CREATE TRIGGER mark_event_append_only BEFORE UPDATE OR DELETE ON mark_event
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
"""


def upgrade() -> None:
    """Make the tables of the professional's season."""
    op.create_table(
        "county",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_county")),
        sa.UniqueConstraint("name", name=op.f("uq_county_name")),
    )
    op.create_table(
        "document_check",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("asker", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document_check")),
    )
    op.create_index("ix_document_check_asker", "document_check", ["asker", "asked_at"], unique=False)
    op.create_table(
        "import",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), server_default="0", nullable=False),
        sa.Column("faults", sa.Integer(), server_default="0", nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import")),
        sa.UniqueConstraint("kind", "digest", name=op.f("uq_import_kind_digest")),
    )
    op.create_table(
        "rate",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("exam", sa.Text(), nullable=False),
        sa.Column("position", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("ksh_per_day", sa.Integer(), nullable=True),
        sa.Column("days", sa.Integer(), nullable=True),
        sa.Column("total_ksh", sa.Integer(), nullable=True),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rate")),
        sa.UniqueConstraint(
            "year", "exam", "position", "region", name=op.f("uq_rate_year_exam_position_region")
        ),
    )
    op.create_table(
        "register_entry",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("register", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("national_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("level", sa.Text(), nullable=True),
        sa.Column("imported_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("register IN ('tsc', 'ntsa', 'nps')", name=op.f("ck_register_entry_register")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_register_entry")),
        sa.UniqueConstraint("register", "number", name=op.f("uq_register_entry_register_number")),
    )
    op.create_index("ix_register_entry_person", "register_entry", ["register", "national_id"], unique=False)
    op.create_table(
        "series",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("exam", sa.Text(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("rehearsal", sa.Date(), nullable=True),
        sa.Column("starts", sa.Date(), nullable=False),
        sa.Column("ends", sa.Date(), nullable=False),
        sa.Column("apply_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("apply_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "rules", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_series")),
        sa.UniqueConstraint("exam", "year", name=op.f("uq_series_exam_year")),
    )
    op.create_table(
        "service",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("national_id", sa.Text(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("exam", sa.Text(), nullable=False),
        sa.Column("centre_code", sa.Text(), nullable=False),
        sa.Column("position", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service")),
        sa.UniqueConstraint(
            "national_id",
            "year",
            "exam",
            "centre_code",
            "position",
            name=op.f("uq_service_national_id_year_exam_centre_code_position"),
        ),
    )
    op.create_index("ix_service_person", "service", ["national_id", "year"], unique=False)
    op.create_table(
        "pay_schedule",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("series_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), server_default="draft", nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("prepared_by", sa.Text(), nullable=False),
        sa.Column("prepared_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("closed_by", sa.Text(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('draft', 'closed', 'discarded')", name=op.f("ck_pay_schedule_state")),
        sa.CheckConstraint(
            "closed_by IS NULL OR closed_by <> prepared_by", name=op.f("ck_pay_schedule_four_eyes")
        ),
        sa.ForeignKeyConstraint(["series_id"], ["series.id"], name=op.f("fk_pay_schedule_series_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pay_schedule")),
    )
    op.create_index(
        "uq_pay_schedule_closed",
        "pay_schedule",
        ["series_id"],
        unique=True,
        postgresql_where=sa.text("state = 'closed'"),
    )
    op.create_table(
        "school",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("moe_code", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("county_code", sa.Text(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "level IN ('primary', 'junior', 'secondary', 'college')", name=op.f("ck_school_level")
        ),
        sa.ForeignKeyConstraint(["county_code"], ["county.code"], name=op.f("fk_school_county_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_school")),
        sa.UniqueConstraint("moe_code", name=op.f("uq_school_moe_code")),
    )
    op.create_index("ix_school_county", "school", ["county_code", "name"], unique=False)
    op.create_table(
        "sub_county",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("county_code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["county_code"], ["county.code"], name=op.f("fk_sub_county_county_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sub_county")),
        sa.UniqueConstraint("county_code", "name", name=op.f("uq_sub_county_county_code_name")),
    )
    op.create_table(
        "centre",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("station", sa.Text(), server_default="examination", nullable=False),
        sa.Column("level", sa.Text(), nullable=True),
        sa.Column("sub_county_id", sa.BigInteger(), nullable=False),
        sa.Column("location", sa.Text(), server_default="", nullable=False),
        sa.Column("school_id", sa.BigInteger(), nullable=True),
        sa.Column("distribution_code", sa.Text(), nullable=True),
        sa.Column("distance_km", sa.Integer(), nullable=True),
        sa.Column("host_code", sa.Text(), nullable=True),
        sa.CheckConstraint("code ~ '^[0-9]{8}$'", name=op.f("ck_centre_code")),
        sa.CheckConstraint(
            "station IN ('examination', 'distribution', 'marking')", name=op.f("ck_centre_station")
        ),
        sa.ForeignKeyConstraint(
            ["distribution_code"], ["centre.code"], name=op.f("fk_centre_distribution_code")
        ),
        sa.ForeignKeyConstraint(["host_code"], ["centre.code"], name=op.f("fk_centre_host_code")),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_centre_school_id")),
        sa.ForeignKeyConstraint(["sub_county_id"], ["sub_county.id"], name=op.f("fk_centre_sub_county_id")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_centre")),
    )
    op.create_index("ix_centre_place", "centre", ["sub_county_id"], unique=False)
    op.create_table(
        "director",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("sub_county_id", sa.BigInteger(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("added_by", sa.Text(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["sub_county_id"], ["sub_county.id"], name=op.f("fk_director_sub_county_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_director")),
    )
    op.create_index(
        "ix_director_sub_county",
        "director",
        ["sub_county_id"],
        unique=False,
        postgresql_where=sa.text("removed_at IS NULL"),
    )
    op.create_index(
        "uq_director_phone",
        "director",
        ["phone"],
        unique=True,
        postgresql_where=sa.text("removed_at IS NULL"),
    )
    op.create_table(
        "candidacy",
        sa.Column("series_id", sa.BigInteger(), nullable=False),
        sa.Column("centre_code", sa.Text(), nullable=False),
        sa.Column("candidates", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["centre_code"], ["centre.code"], name=op.f("fk_candidacy_centre_code")),
        sa.ForeignKeyConstraint(["series_id"], ["series.id"], name=op.f("fk_candidacy_series_id")),
        sa.PrimaryKeyConstraint("series_id", "centre_code", name=op.f("pk_candidacy")),
    )
    op.create_table(
        "centre_phone",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("centre_code", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("enrolled_by", sa.Text(), nullable=False),
        sa.Column("enrolled_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["centre_code"], ["centre.code"], name=op.f("fk_centre_phone_centre_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_centre_phone")),
    )
    op.create_index(
        "ix_centre_phone_phone",
        "centre_phone",
        ["phone"],
        unique=False,
        postgresql_where=sa.text("removed_at IS NULL"),
    )
    op.create_index(
        "uq_centre_phone_enrolled",
        "centre_phone",
        ["centre_code", "phone"],
        unique=True,
        postgresql_where=sa.text("removed_at IS NULL"),
    )
    op.create_table(
        "enrolment",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("centre_code", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("wrong", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["centre_code"], ["centre.code"], name=op.f("fk_enrolment_centre_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrolment")),
    )
    op.create_index("ix_enrolment_live", "enrolment", ["centre_code", "phone"], unique=False)
    op.create_table(
        "register_day",
        sa.Column("series_id", sa.BigInteger(), nullable=False),
        sa.Column("centre_code", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("issue", sa.Integer(), server_default="1", nullable=False),
        sa.Column("wrong", sa.Integer(), server_default="0", nullable=False),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("code_sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("nudged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reopened_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reopened_by", sa.Text(), nullable=True),
        sa.Column("reopened_for", sa.Text(), nullable=True),
        sa.CheckConstraint("issue >= 1 AND wrong >= 0", name=op.f("ck_register_day_counts")),
        sa.ForeignKeyConstraint(["centre_code"], ["centre.code"], name=op.f("fk_register_day_centre_code")),
        sa.ForeignKeyConstraint(["series_id"], ["series.id"], name=op.f("fk_register_day_series_id")),
        sa.PrimaryKeyConstraint("series_id", "centre_code", "day", name=op.f("pk_register_day")),
    )
    op.create_table(
        "register_return",
        sa.Column("series_id", sa.BigInteger(), nullable=False),
        sa.Column("centre_code", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column(
            "submitted_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("submitted_by", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["centre_code"], ["centre.code"], name=op.f("fk_register_return_centre_code")
        ),
        sa.ForeignKeyConstraint(["series_id"], ["series.id"], name=op.f("fk_register_return_series_id")),
        sa.PrimaryKeyConstraint("series_id", "centre_code", name=op.f("pk_register_return")),
        sa.UniqueConstraint("reference", name=op.f("uq_register_return_reference")),
    )
    op.create_table(
        "vacancy",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("series_id", sa.BigInteger(), nullable=False),
        sa.Column("activity", sa.Text(), nullable=False),
        sa.Column("station", sa.Text(), nullable=False),
        sa.Column("position", sa.Text(), nullable=False),
        sa.Column("centre_code", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("paper", sa.Text(), nullable=True),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("filled", sa.Integer(), server_default="0", nullable=False),
        sa.Column(
            "advertised_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "activity IN ('supervision', 'invigilation', 'management', 'distribution', 'security', 'transport', 'marking')",
            name=op.f("ck_vacancy_activity"),
        ),
        sa.CheckConstraint(
            "position IN ('centre_manager', 'supervisor', 'invigilator', 'clerk', 'security_officer', 'driver', 'examiner')",
            name=op.f("ck_vacancy_position"),
        ),
        sa.CheckConstraint(
            "station IN ('examination', 'distribution', 'marking')", name=op.f("ck_vacancy_station")
        ),
        sa.CheckConstraint("filled BETWEEN 0 AND capacity", name=op.f("ck_vacancy_filled")),
        sa.ForeignKeyConstraint(["centre_code"], ["centre.code"], name=op.f("fk_vacancy_centre_code")),
        sa.ForeignKeyConstraint(["series_id"], ["series.id"], name=op.f("fk_vacancy_series_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vacancy")),
        sa.UniqueConstraint("code", name=op.f("uq_vacancy_code")),
    )
    op.create_index(
        "ix_vacancy_choice",
        "vacancy",
        ["series_id", "activity", "station", "position", "centre_code"],
        unique=False,
        postgresql_where=sa.text("closed_at IS NULL AND filled < capacity"),
    )
    op.create_index(
        "ix_vacancy_place",
        "vacancy",
        ["centre_code", "series_id"],
        unique=False,
        postgresql_where=sa.text("closed_at IS NULL AND filled < capacity"),
    )
    op.create_index("ix_vacancy_series", "vacancy", ["series_id", "centre_code"], unique=False)
    op.create_table(
        "application",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("series_id", sa.BigInteger(), nullable=False),
        sa.Column("vacancy_id", sa.BigInteger(), nullable=False),
        sa.Column("form_id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="submitted", nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "state IN ('submitted', 'approved', 'deployed', 'withdrawn', 'rejected', 'released')",
            name=op.f("ck_application_state"),
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_application_account_id")),
        sa.ForeignKeyConstraint(["series_id"], ["series.id"], name=op.f("fk_application_series_id")),
        sa.ForeignKeyConstraint(["vacancy_id"], ["vacancy.id"], name=op.f("fk_application_vacancy_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application")),
        sa.UniqueConstraint("form_id", name=op.f("uq_application_form_id")),
        sa.UniqueConstraint("reference", name=op.f("uq_application_reference")),
    )
    op.create_index("ix_application_account", "application", ["account_id", "id"], unique=False)
    op.create_index("ix_application_vacancy", "application", ["vacancy_id"], unique=False)
    op.create_index(
        "uq_application_live",
        "application",
        ["account_id", "series_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('submitted', 'approved', 'deployed')"),
    )
    op.create_table(
        "eligibility",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("national_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("match", sa.Text(), server_default="unchecked", nullable=False),
        sa.Column("differs", sa.Text(), nullable=True),
        sa.Column("register_name", sa.Text(), nullable=True),
        sa.Column("similarity", sa.Integer(), nullable=True),
        sa.Column("level", sa.Text(), nullable=True),
        sa.Column("standing", sa.Text(), server_default="waiting", nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "differs IN ('national_id', 'number', 'name', 'inactive')", name=op.f("ck_eligibility_differs")
        ),
        sa.CheckConstraint(
            "kind IN ('teacher', 'examiner', 'driver', 'security')", name=op.f("ck_eligibility_kind")
        ),
        sa.CheckConstraint(
            "match IN ('unchecked', 'verified', 'mismatch', 'not_found')", name=op.f("ck_eligibility_match")
        ),
        sa.CheckConstraint(
            "standing IN ('waiting', 'approved', 'rejected')", name=op.f("ck_eligibility_standing")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_eligibility_account_id")),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_eligibility")),
    )
    op.create_index("ix_eligibility_person", "eligibility", ["national_id"], unique=False)
    op.create_index(
        "ix_eligibility_waiting",
        "eligibility",
        ["asked_at"],
        unique=False,
        postgresql_where=sa.text("standing = 'waiting'"),
    )
    op.create_index(
        "uq_eligibility_approved_id",
        "eligibility",
        ["national_id"],
        unique=True,
        postgresql_where=sa.text("standing = 'approved'"),
    )
    op.create_table(
        "form",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("journey", sa.Text(), nullable=False),
        sa.Column("details", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("touched_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("returned_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_form_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_form")),
    )
    op.create_index(op.f("ix_form_account_id"), "form", ["account_id"], unique=False)
    op.create_index(
        "ix_form_unfinished",
        "form",
        ["touched_at"],
        unique=False,
        postgresql_where=sa.text("finished_at IS NULL AND reminded_at IS NULL"),
    )
    op.create_table(
        "interest",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("centre_code", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("declared_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_interest_account_id")),
        sa.ForeignKeyConstraint(["centre_code"], ["centre.code"], name=op.f("fk_interest_centre_code")),
        sa.PrimaryKeyConstraint("account_id", "centre_code", name=op.f("pk_interest")),
    )
    op.create_table(
        "profile",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("full_name", sa.Text(), nullable=True),
        sa.Column("mpesa_name", sa.Text(), nullable=True),
        sa.Column("birth_year", sa.Integer(), nullable=True),
        sa.Column("gender", sa.Text(), nullable=True),
        sa.Column("kra_pin", sa.Text(), nullable=True),
        sa.Column("nssf_no", sa.Text(), nullable=True),
        sa.Column("nhif_no", sa.Text(), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("bank", sa.Text(), nullable=True),
        sa.Column("bank_branch", sa.Text(), nullable=True),
        sa.Column("bank_account", sa.Text(), nullable=True),
        sa.Column("study_level", sa.Text(), nullable=True),
        sa.Column("study_place", sa.Text(), nullable=True),
        sa.Column("course", sa.Text(), nullable=True),
        sa.Column("study_period", sa.Text(), nullable=True),
        sa.Column("employer", sa.Text(), nullable=True),
        sa.Column("employment_no", sa.Text(), nullable=True),
        sa.Column("workplace", sa.Text(), nullable=True),
        sa.Column("school_id", sa.BigInteger(), nullable=True),
        sa.Column("designation", sa.Text(), nullable=True),
        sa.Column("work_since", sa.Integer(), nullable=True),
        sa.Column("sub_county_id", sa.BigInteger(), nullable=True),
        sa.Column("kin_name", sa.Text(), nullable=True),
        sa.Column("kin_phone", sa.Text(), nullable=True),
        sa.Column("kin_relation", sa.Text(), nullable=True),
        sa.Column("licence_no", sa.Text(), nullable=True),
        sa.Column("service_no", sa.Text(), nullable=True),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("paper", sa.Text(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("gender IN ('male', 'female')", name=op.f("ck_profile_gender")),
        sa.CheckConstraint(
            "kind IN ('teacher', 'examiner', 'driver', 'security')", name=op.f("ck_profile_kind")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_profile_account_id")),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_profile_school_id")),
        sa.ForeignKeyConstraint(["sub_county_id"], ["sub_county.id"], name=op.f("fk_profile_sub_county_id")),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_profile")),
    )
    op.create_table(
        "deployment",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("series_id", sa.BigInteger(), nullable=False),
        sa.Column("centre_code", sa.Text(), nullable=False),
        sa.Column("position", sa.Text(), nullable=False),
        sa.Column("roster_no", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.BigInteger(), nullable=True),
        sa.Column("vacancy_id", sa.BigInteger(), nullable=True),
        sa.Column("reporting_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("report_to", sa.Text(), nullable=False),
        sa.Column("carry", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="offered", nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("replaces_id", sa.BigInteger(), nullable=True),
        sa.Column("offered_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "position IN ('centre_manager', 'supervisor', 'invigilator', 'clerk', 'security_officer', 'driver', 'examiner')",
            name=op.f("ck_deployment_position"),
        ),
        sa.CheckConstraint(
            "state IN ('offered', 'accepted', 'declined', 'replaced', 'cancelled')",
            name=op.f("ck_deployment_state"),
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_deployment_account_id")),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_deployment_application_id")
        ),
        sa.ForeignKeyConstraint(["centre_code"], ["centre.code"], name=op.f("fk_deployment_centre_code")),
        sa.ForeignKeyConstraint(["replaces_id"], ["deployment.id"], name=op.f("fk_deployment_replaces_id")),
        sa.ForeignKeyConstraint(["series_id"], ["series.id"], name=op.f("fk_deployment_series_id")),
        sa.ForeignKeyConstraint(["vacancy_id"], ["vacancy.id"], name=op.f("fk_deployment_vacancy_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deployment")),
        sa.UniqueConstraint("reference", name=op.f("uq_deployment_reference")),
    )
    op.create_index("ix_deployment_account", "deployment", ["account_id", "id"], unique=False)
    op.create_index(
        "uq_deployment_live",
        "deployment",
        ["account_id", "series_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('offered', 'accepted')"),
    )
    op.create_index(
        "uq_deployment_roster", "deployment", ["series_id", "centre_code", "roster_no"], unique=True
    )
    op.create_table(
        "declaration",
        sa.Column("deployment_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("agreed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["deployment_id"], ["deployment.id"], name=op.f("fk_declaration_deployment_id")
        ),
        sa.PrimaryKeyConstraint("deployment_id", name=op.f("pk_declaration")),
    )
    op.create_table(
        "dispute",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("deployment_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by", sa.Text(), nullable=True),
        sa.Column("upheld", sa.Boolean(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["deployment_id"], ["deployment.id"], name=op.f("fk_dispute_deployment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispute")),
        sa.UniqueConstraint("reference", name=op.f("uq_dispute_reference")),
    )
    op.create_index("ix_dispute_deployment", "dispute", ["deployment_id", "day"], unique=False)
    op.create_index(
        "uq_dispute_open",
        "dispute",
        ["deployment_id", "day"],
        unique=True,
        postgresql_where=sa.text("settled_at IS NULL"),
    )
    op.create_table(
        "document",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("deployment_id", sa.BigInteger(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "kind IN ('letter', 'invitation', 'declaration', 'return')", name=op.f("ck_document_kind")
        ),
        sa.ForeignKeyConstraint(["deployment_id"], ["deployment.id"], name=op.f("fk_document_deployment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document")),
        sa.UniqueConstraint("deployment_id", "kind", name=op.f("uq_document_deployment_id_kind")),
        sa.UniqueConstraint("reference", name=op.f("uq_document_reference")),
    )
    op.create_table(
        "mark_event",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("deployment_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("present", sa.Boolean(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "channel IN ('ussd', 'sms', 'console', 'command')", name=op.f("ck_mark_event_channel")
        ),
        sa.ForeignKeyConstraint(
            ["deployment_id"], ["deployment.id"], name=op.f("fk_mark_event_deployment_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mark_event")),
        sa.UniqueConstraint("source", name=op.f("uq_mark_event_source")),
    )
    op.create_index(
        "ix_mark_event_absent",
        "mark_event",
        ["day", "deployment_id"],
        unique=False,
        postgresql_where=sa.text("NOT present"),
    )
    op.create_index("ix_mark_event_deployment", "mark_event", ["deployment_id", "day", "id"], unique=False)
    op.create_table(
        "pay_line",
        sa.Column("schedule_id", sa.BigInteger(), nullable=False),
        sa.Column("deployment_id", sa.BigInteger(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("ksh_per_day", sa.Integer(), nullable=True),
        sa.Column("ksh", sa.Integer(), nullable=True),
        sa.Column("refused", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["deployment_id"], ["deployment.id"], name=op.f("fk_pay_line_deployment_id")),
        sa.ForeignKeyConstraint(
            ["schedule_id"], ["pay_schedule.id"], name=op.f("fk_pay_line_schedule_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("schedule_id", "deployment_id", name=op.f("pk_pay_line")),
    )
    op.create_index("ix_pay_line_refused", "pay_line", ["schedule_id", "refused"], unique=False)
    op.create_table(
        "document_link",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("document_id", sa.BigInteger(), nullable=False),
        sa.Column("lang", sa.Text(), nullable=False),
        sa.Column("wrong", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_document_link_document_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document_link")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_document_link_token_hash")),
    )
    op.create_index(op.f("ix_document_link_document_id"), "document_link", ["document_id"], unique=False)
    op.add_column("account", sa.Column("centre_code", sa.Text(), nullable=True))
    op.drop_constraint(op.f("uq_account_phone"), "account", type_="unique")
    op.create_index(
        "ix_account_national_id",
        "account",
        ["national_id"],
        unique=False,
        postgresql_where=sa.text("national_id IS NOT NULL"),
    )
    op.create_unique_constraint(op.f("uq_account_centre_code"), "account", ["centre_code"])
    op.create_index(
        "uq_account_person_phone",
        "account",
        ["phone"],
        unique=True,
        postgresql_where=sa.text("centre_code IS NULL"),
    )
    op.create_foreign_key(op.f("fk_account_centre_code"), "account", "centre", ["centre_code"], ["code"])
    op.add_column("message", sa.Column("read_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_message_account",
        "message",
        ["account_id", "id"],
        unique=False,
        postgresql_where=sa.text("account_id IS NOT NULL"),
    )
    op.execute(APPEND_ONLY)
