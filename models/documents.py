"""Documents: the number by which each can be checked, the links that open them, and who asked."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Moment, Number, Stamp, one_of

DOCUMENTS = ("letter", "invitation", "declaration", "return")


class Document(Base):
    """A document that was issued; anyone who holds its number may ask whether it is genuine."""

    __tablename__ = "document"
    __table_args__ = (
        CheckConstraint(one_of("kind", DOCUMENTS), "kind"),
        UniqueConstraint("deployment_id", "kind"),
    )

    id: Mapped[Number]
    reference: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    deployment_id: Mapped[int] = mapped_column(ForeignKey("deployment.id"))
    issued_at: Mapped[Stamp]
    revoked_at: Mapped[Moment | None]


class Link(Base):
    """A link to a document, by the hash of its 80-bit token; too many wrong digits and it is dead."""

    __tablename__ = "document_link"

    id: Mapped[Number]
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    document_id: Mapped[int] = mapped_column(ForeignKey("document.id"), index=True)
    lang: Mapped[str]
    wrong: Mapped[int] = mapped_column(default=0, server_default="0")
    created_at: Mapped[Stamp]
    expires_at: Mapped[Moment]
    opened_at: Mapped[Moment | None]


class DocumentCheck(Base):
    """One asking whether a document is genuine, counted by who asks."""

    __tablename__ = "document_check"
    __table_args__ = (Index("ix_document_check_asker", "asker", "asked_at"),)

    id: Mapped[Number]
    asker: Mapped[str]  # a phone, or a keyed hash of a browser's address
    asked_at: Mapped[Stamp]
