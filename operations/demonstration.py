"""The demonstration season: invented people and places, for a laptop and for training."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.accounts import Account, Consent
from operations import accounts, contacts, passwords, subscribers
from operations.office import Office
from telephony import phones

# One person who has an account already; docs/demo.md says whom to dial as. The password is public.
KNOWN = ("+254722000111", "en", "mitihani7")
# Sub-counties of the demonstration; names and numbers are invented, the council's desk is KNEC's own.
DIRECTORS = ("Changamwe", "Dagoretti North", "Kisumu Central", "Likoni", "Mwingi Central", "Nakuru Town East")


def load(db: Session, office: Office, *, now: datetime) -> None:
    """Load what the demonstration needs; loading twice changes nothing."""
    contacts.keep(
        db, "council", "", "KNEC, New Mitihani House", "0720 741 001, 0732 333 860", "info@knec.ac.ke"
    )
    for n, area in enumerate(DIRECTORS, 1):
        contacts.keep(db, "director", area, f"SCDE {area}", f"0700 000 {n:03}", "scde@example.ke")
    phone, lang, password = KNOWN
    if db.scalar(select(Account.id).where(Account.phone == phone)) is None:
        subscribers.speak(db, phone, lang)
        person = Account(
            username=phones.username(phone),
            phone=phone,
            password_hash=passwords.hashed(office, password),
            password_set_at=now,
        )
        db.add(person)
        db.flush()
        db.add(Consent(account_id=person.id, version=accounts.CONSENT_VERSION, channel="command"))
