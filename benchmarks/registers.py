"""The registers of a measured morning: centres, people and posts by SQL, and each word as it is posted."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final
from urllib.parse import urlencode, urlsplit

from benchmarks import morning
from benchmarks.figure import Wrong
from benchmarks.ground import Ground
from benchmarks.handset import SERVICE_CODE
from benchmarks.morning import Word
from benchmarks.talks import Post, Talk
from operations import attendance_codes, duties, passwords
from operations import office as offices
from operations.office import Office
from sms_gateway.offices import office_of

PASSWORD = "kituo2026"
FIRST_CENTRE, FIRST_PHONE = 40_000_000, 10_000_000
AGAIN: Final = 0.1  # the share of posts that the network makes twice
# The officers of a centre have phones that follow each other: the manager's first, then the deputy's.
SEASON = """
INSERT INTO series (exam, year, starts, ends, rules)
SELECT 'KCSE', 2099, min(d)::date, max(d)::date, jsonb_build_object('exam_days', jsonb_agg(d::date))
FROM generate_series(CAST(:day AS date) - 7, CAST(:day AS date) + 7, INTERVAL '1 day') AS d;
INSERT INTO centre (code, name, sub_county_id, level)
SELECT (:centre + n)::text, 'Centre ' || n, (SELECT min(id) + n % 300 FROM sub_county), 'secondary'
FROM generate_series(0, CAST(:centres AS bigint) - 1) AS n;
INSERT INTO subscriber (phone, lang) SELECT '+2547' || (:phone + n), 'en'
FROM generate_series(0, CAST(:centres AS bigint) * :officers - 1) AS n;
INSERT INTO account (username, phone, national_id) SELECT substr(phone, 2), phone, substr(phone, 6)
FROM subscriber;
INSERT INTO account (username, phone, centre_code, password_hash, password_set_at)
SELECT (:centre + n)::text, '+2547' || (:phone + n * :officers), (:centre + n)::text, :hash, now()
FROM generate_series(0, CAST(:centres AS bigint) - 1) AS n;
INSERT INTO profile (account_id, kind, full_name, gender)
SELECT id, 'teacher', 'Christopher Wamalwa ' || id, 'male' FROM account WHERE centre_code IS NULL;
INSERT INTO deployment (reference, account_id, series_id, centre_code, position, roster_no, reporting_at,
    first_day, last_day, report_to, carry, state, answered_at)
SELECT 'DP-' || n, a.id, s.id, (:centre + n / :officers)::text,
    CASE n % :officers WHEN 0 THEN 'centre_manager' WHEN 1 THEN 'supervisor'
        WHEN 2 THEN 'security_officer' ELSE 'invigilator' END,
    1 + n % :officers, now(), s.starts, s.ends, 'SCDE', 'ID', 'accepted', now()
FROM generate_series(0, CAST(:centres AS bigint) * :officers - 1) AS n
JOIN account a ON a.username = '2547' || (:phone + n) JOIN series s ON s.year = 2099;
INSERT INTO centre_phone (centre_code, phone, enrolled_by)
SELECT (:centre + n)::text, '+2547' || (:phone + n * :officers + which), 'bench'
FROM generate_series(0, CAST(:centres AS bigint) - 1) AS n, generate_series(0, 1) AS which;
INSERT INTO register_day (series_id, centre_code, day, code_sent_at)
SELECT s.id, c.code, :day, now() FROM series s, centre c WHERE s.year = 2099;
ANALYZE
"""


@dataclass(frozen=True)
class Place:
    """Where and when the morning is: what a post needs beside its words."""

    ground: Ground
    office: Office
    series_id: int
    began: datetime  # by the database's clock
    officers: int

    @property
    def day(self) -> date:
        """The day that is marked."""
        return duties.local(self.began)

    def phone(self, centre: int, which: int) -> str:
        """One of a centre's phones."""
        return f"+2547{FIRST_PHONE + centre * self.officers + which}"

    def path(self, webhook: str) -> str:
        """The path of a webhook."""
        return f"{urlsplit(self.ground.webhooks).path}/{webhook}"


def fill(ground: Ground, centres: int, officers: int) -> Place:
    """The centres, people and posts of a series that examines today."""
    with ground.stores.transaction() as db:
        began = offices.now(db)
    if duties.local(began - timedelta(seconds=morning.FIRST)) != duties.local(began):
        raise Wrong(f"the day has just begun in Nairobi; again in {morning.FIRST} s")
    office = office_of(ground.settings)
    sizes = {"day": duties.local(began), "centres": centres, "officers": officers, "centre": FIRST_CENTRE}
    sizes |= {"phone": FIRST_PHONE, "hash": passwords.hashed(office, PASSWORD)}
    for statement in SEASON.split(";\n"):
        ground.sql(statement, **{name: value for name, value in sizes.items() if f":{name}" in statement})
    series = int(ground.sql("SELECT id FROM series WHERE year = 2099")[0][0])
    return Place(ground, office, series, began, officers)


# -- what is posted -----------------------------------------------------------------------------------


def asked(place: Place, centres: int) -> list[Talk]:
    """Centres that only ask how to mark."""
    return [[sms(place, f"ask-{centre}", place.phone(centre, 0), "ATT")] for centre in range(centres)]


def posted(place: Place, said: Sequence[Sequence[Word]], chance: random.Random) -> list[Talk]:
    """Every word as it is posted, in any order; of some the network posts the last request twice."""
    found: list[Talk] = []
    for centre, words in enumerate(said):
        for number, word in enumerate(words):
            talk = text(place, centre, number, word) if word.by_sms else dialogue(place, centre, word)
            found += again(talk, word) if chance.random() < AGAIN else [talk]
    chance.shuffle(found)
    return found


def again(talk: Talk, word: Word) -> list[Talk]:
    """The same once more: an SMS whenever it comes, the last hop of a session at once."""
    return [talk, talk] if word.by_sms else [[*talk, talk[-1]]]


def text(place: Place, centre: int, number: int, word: Word) -> Talk:
    """A word as an SMS with the centre's code of the day."""
    code = attendance_codes.code(place.office, place.series_id, str(FIRST_CENTRE + centre), place.day)
    sent = (place.began - timedelta(seconds=word.ago)).astimezone(UTC)
    date = f"{sent:%Y-%m-%d %H:%M:%S}"
    phone = place.phone(centre, word.phone)
    return [sms(place, f"in-{centre}-{number}", phone, f"ATT {code} {word.text}", date=date)]


def sms(place: Place, provider_id: str, phone: str, words: str, **more: str) -> Post:
    """An SMS as Africa's Talking posts it."""
    form = {"id": provider_id, "from": phone, "to": place.office.short_code, "text": words, **more}
    return Post("sms", place.path("sms"), urlencode(form), "")


def dialogue(place: Place, centre: int, word: Word) -> Talk:
    """A word by USSD: another account than the phone's own, the centre's password, today's register."""
    code = str(FIRST_CENTRE + centre)
    some = (("2", "roster numbers"), (word.text, "Is this right?"))
    signing_in = (("2", "username"), (code, "Enter the password"), (PASSWORD, f"Centre {code}"))
    marking = some if word.text else (("1", "Is this right?"),)
    steps = (("", "Welcome back"), *signing_in, ("1", "All present"), *marking, ("1", "Marked."))
    typed, phone = [step for step, _ in steps], place.phone(centre, word.phone)
    shared = {"sessionId": f"ATUid_{centre:032x}", "phoneNumber": phone}
    shared |= {"networkCode": "63902", "serviceCode": SERVICE_CODE}
    return [
        Post(
            "sign" if step == PASSWORD else "hop",
            place.path("ussd"),
            urlencode({**shared, "text": "*".join(typed[1 : n + 1])}),
            answer,
        )
        for n, (step, answer) in enumerate(steps)
    ]
