"""Pay schedules: the register and the pay of 10,000 officers, from every word that was said of them."""

import time
from collections.abc import Iterator
from datetime import datetime
from statistics import median

from sqlalchemy import select
from sqlalchemy.orm import Session

from benchmarks.figure import Figure, Wrong
from benchmarks.ground import Ground, open_ground
from models.centres import Return
from models.series import Series
from operations import payroll_lines, payrolls, return_sheets
from operations.office import NAIROBI, Actor

TARGET = 5.0
EACH = 8  # officers of a centre: a manager, a supervisor, four invigilators, two security officers
AFTER = datetime(2031, 1, 10, 9, tzinfo=NAIROBI)
PREPARED, FIRST = Actor("staff:bench", "command"), "90000001"
# KCSE as long as it is: the rehearsal and 25 days, each marked once, every ninth word a correction.
SEASON = """
INSERT INTO series (exam, year, rehearsal, starts, ends) VALUES ('KCSE', 2030, '2030-10-18',
    '2030-10-21', '2030-11-22');
INSERT INTO rate (year, exam, position, region, ksh_per_day, days) SELECT 2030, 'KCSE', position, 'All',
    550, 16 FROM unnest(ARRAY['centre_manager', 'supervisor', 'invigilator', 'security_officer']) AS position;
INSERT INTO centre (code, name, sub_county_id, level) SELECT (:first + n)::text, 'Centre ' || n, (SELECT
    min(id) + n % 300 FROM sub_county), 'secondary' FROM generate_series(0, :centres - 1) AS n;
INSERT INTO subscriber (phone, lang) SELECT '+2547' || lpad(n::text, 8, '0'), 'en' FROM
    generate_series(1, :officers) AS n;
INSERT INTO account (username, phone, national_id) SELECT '2547' || lpad(n::text, 8, '0'), '+2547' ||
    lpad(n::text, 8, '0'), (20000000 + n)::text FROM generate_series(1, :officers) AS n;
INSERT INTO profile (account_id, kind, full_name, mpesa_name, employment_no, service_no) SELECT id,
    'teacher', 'Christopher Wamalwa Simiyu ' || id, 'SIMIYU CHRISTOPHER WAMALWA ' || id, (500000 +
    id)::text, (90000 + id)::text FROM account;
INSERT INTO deployment (reference, account_id, series_id, centre_code, position, roster_no,
    reporting_at, first_day, last_day, report_to, carry, state, answered_at) SELECT 'DP-' || id, id, (SELECT
    id FROM series WHERE exam = 'KCSE' AND year = 2030), (:first + (id - low) / :each)::text,
    (ARRAY['centre_manager', 'supervisor', 'invigilator', 'invigilator', 'invigilator', 'invigilator',
    'security_officer', 'security_officer'])[1 + (id - low) % :each], 1 + (id - low) % :each,
    '2030-10-18 07:00+03', '2030-10-18', '2030-11-22', 'SCDE', 'ID', 'accepted', now()
    FROM account, (SELECT min(id) AS low FROM account) AS lowest;
INSERT INTO mark_event (deployment_id, day, present, source, channel, actor, said_at) SELECT p.id,
    d::date, (p.id + extract(day FROM d)::int) % 13 <> 0 OR again = 1, concat_ws(':', p.id, d::date, again),
    'ussd', 'phone:+254715000001', (d::date + TIME '05:05') + again * INTERVAL '20 minutes' FROM deployment
    p, generate_series(DATE '2030-10-18', '2030-11-22', INTERVAL '1 day') AS d, generate_series(0, 1) AS
    again WHERE extract(isodow FROM d) < 6 AND (again = 0 OR p.id % 9 = 0);
INSERT INTO register_return (series_id, centre_code, reference, digest, submitted_at, submitted_by,
    received_at) SELECT DISTINCT series_id, centre_code, 'DC-' || centre_code, '', now(), 'bench', now()
    FROM deployment;
ANALYZE
"""


def measure(*, rounds: int = 3, officers: int = 10_000) -> Iterator[Figure]:
    """Seconds for the register and pay of so many officers, and with every line written down."""
    with open_ground() as ground:
        series = fill(ground, officers)
        computed = [timed(ground, series, officers) for _ in range(rounds)]
        written = [prepared(ground, series, officers) for _ in range(rounds)]
        sheet = [drawn(ground, series) for _ in range(5 * rounds)]
    took, events = median(computed), officers * 26
    note = f"register and pay of {officers:,} officers from {events:,} words and more; target below"
    yield Figure("payroll", took, "s", TARGET, took / TARGET, note)
    yield Figure("payroll.prepare", median(written), "s", None, None, "the same, every line written down")
    note = f"the whole register of one centre, {EACH} officers by 26 days"
    yield Figure("payroll.sheet", 1000 * median(sheet), "ms", None, None, note)


def fill(ground: Ground, officers: int) -> int:
    """A season with every day marked; the number of its series."""
    sizes = {"officers": officers, "centres": -(-officers // EACH), "each": EACH, "first": int(FIRST)}
    for statement in SEASON.split(";\n"):
        known = {name: value for name, value in sizes.items() if f":{name}" in statement}
        ground.sql(statement, **known)
    hand_in(ground)
    return int(ground.sql("SELECT id FROM series WHERE exam = 'KCSE' AND year = 2030")[0][0])


def hand_in(ground: Ground) -> None:
    """Every centre's return says the hash of its register as it stands."""
    with ground.stores.transaction() as db:
        for each in db.scalars(select(Return)).all():
            each.digest = return_sheets.of(db, each.centre_code, named(db, each.series_id), now=AFTER).digest
    ground.sql("ANALYZE register_return")


def timed(ground: Ground, series: int, officers: int) -> float:
    """Seconds to compute every line once; wrong unless every one of them is paid."""
    with ground.stores.transaction() as db:
        began = time.perf_counter()
        found = [line for chunk in payroll_lines.compute(db, named(db, series), now=AFTER) for line in chunk]
        took = time.perf_counter() - began
    if len(found) != officers or any(line.refused for line in found):
        raise Wrong(f"{len(found)} lines, refused: {sorted({str(line.refused) for line in found})}")
    return took


def prepared(ground: Ground, series: int, officers: int) -> float:
    """Seconds to prepare the whole schedule and commit it."""
    began = time.perf_counter()
    with ground.stores.transaction() as db:
        schedule = payrolls.prepare(db, series, by=PREPARED, now=AFTER)
        if payrolls.summary(db, schedule.id).paid != officers:
            raise Wrong("not every line is paid")
    return time.perf_counter() - began


def drawn(ground: Ground, series: int) -> float:
    """Seconds for the register of one centre."""
    began = time.perf_counter()
    with ground.stores.transaction() as db:
        return_sheets.of(db, FIRST, named(db, series), now=AFTER)
    return time.perf_counter() - began


def named(db: Session, series: int) -> Series:
    """The series of this number."""
    return db.get_one(Series, series)
