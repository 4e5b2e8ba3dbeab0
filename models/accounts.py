"""Subscribers (phone lines), accounts, one-time password grants, consents and guesses."""

from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Moment, Number, Stamp, one_of

LANGUAGES = ("en", "sw")
CHANNELS = ("ussd", "sms", "console", "command")


class Subscriber(Base):
    """A phone line that has spoken to us: its language and what it does not want to hear."""

    __tablename__ = "subscriber"
    __table_args__ = (CheckConstraint(one_of("lang", LANGUAGES), "lang"),)

    phone: Mapped[str] = mapped_column(primary_key=True)
    lang: Mapped[str] = mapped_column(default="en")
    opted_out_at: Mapped[Moment | None]  # STOP: no campaigns; everything asked for still comes
    blocked_at: Mapped[Moment | None]  # the network refuses our sender for this line (406)
    created_at: Mapped[Stamp]


class Account(Base):
    """Who may sign in: a person, whose username is the number in the form 2547…, or a centre, by its code."""

    __tablename__ = "account"
    __table_args__ = (
        # A centre's account has the phone of whoever manages it, who has an account of their own too.
        Index("uq_account_person_phone", "phone", unique=True, postgresql_where=text("centre_code IS NULL")),
        Index("ix_account_national_id", "national_id", postgresql_where=text("national_id IS NOT NULL")),
    )

    id: Mapped[Number]
    username: Mapped[str] = mapped_column(unique=True)
    phone: Mapped[str] = mapped_column(ForeignKey("subscriber.phone"))  # where its credentials are sent
    centre_code: Mapped[str | None] = mapped_column(ForeignKey("centre.code"), unique=True)
    password_hash: Mapped[str | None]  # argon2id with a pepper; none until the first one is chosen
    password_set_at: Mapped[Moment | None]
    national_id: Mapped[str | None]
    form_id: Mapped[str | None] = mapped_column(unique=True)  # the journey that made it: a repeat finds it
    created_at: Mapped[Stamp]


class Consent(Base):
    """The data-protection words a person agreed to: which version, when, and how."""

    __tablename__ = "consent"
    __table_args__ = (
        CheckConstraint(one_of("channel", CHANNELS), "channel"),
        UniqueConstraint("account_id", "version"),
    )

    id: Mapped[Number]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    version: Mapped[str]
    channel: Mapped[str]
    given_at: Mapped[Stamp]


class Grant(Base):
    """A one-time password; its 8 digits are derived from this row's id and never stored."""

    __tablename__ = "grant_password"
    __table_args__ = (
        CheckConstraint(one_of("channel", CHANNELS), "channel"),
        Index("ix_grant_live", "account_id", postgresql_where=text("used_at IS NULL")),
    )

    id: Mapped[Number]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    channel: Mapped[str]
    created_at: Mapped[Stamp]
    expires_at: Mapped[Moment]
    used_at: Mapped[Moment | None]


class PasswordRequest(Base):
    """One asking for a one-time password, counted against its hourly and daily limits."""

    __tablename__ = "password_request"
    __table_args__ = (Index("ix_password_request_recent", "account_id", "channel", "asked_at"),)

    id: Mapped[Number]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    channel: Mapped[str]  # of a phone that asked; `director`, `staff` where the office did
    asked_at: Mapped[Stamp]


class GuessCount(Base):
    """Wrong guesses in a window, by scope: a pair of account and phone, a phone, or everybody."""

    __tablename__ = "guess_count"
    __table_args__ = (CheckConstraint(one_of("scope", ("pair", "phone", "all")), "scope"),)

    scope: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    wrong: Mapped[int]
    window_began_at: Mapped[Moment]
    locked_until: Mapped[Moment | None]


class Confirmation(Base):
    """An act asked for by SMS that waits for `YES <code>`; the code is derived from the row's id."""

    __tablename__ = "confirmation"
    __table_args__ = (Index("ix_confirmation_live", "phone", postgresql_where=text("used_at IS NULL")),)

    id: Mapped[Number]
    phone: Mapped[str]
    act: Mapped[str]
    details: Mapped[dict[str, Any]]
    wrong: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[Stamp]
    expires_at: Mapped[Moment]
    used_at: Mapped[Moment | None]
