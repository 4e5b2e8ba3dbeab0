"""Messages: what the tree may name of them."""

from menus.functions import messages
from menus.vocabulary import Action, Blank, Source, Values, Vocabulary

PART = Vocabulary(
    actions={
        # Reading twice changes nothing, so one may go back to the list behind it.
        "messages.read": Action(messages.read, ("read", "gone"), repeatable=True),
    },
    sources={
        "messages.list": Source(messages.listed, longest="16 Sept* You are deployed .."),
    },
    values={
        "messages.news": Values(messages.news, ("news", "unread")),
        "messages.text": Values(messages.text, ("message_when", "message_text")),
    },
    blanks={
        "news": Blank("new messages: 999"),
        "unread": Blank("999"),
        "message_id": Blank("1234567890"),
        "message_when": Blank("16 Sept 2026"),
        "message_text": Blank("KNEC CP2 " * 51),  # three segments: more than any sentence may take
        "message_newest": Blank("KNEC CP2 " * 24),
    },
)
