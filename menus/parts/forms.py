"""Unfinished forms: the blanks of their reminders."""

from menus.vocabulary import Blank, Vocabulary

PART = Vocabulary(blanks={"form_post": Blank("Mkaguzi (Invigilator)"), "form_code": Blank("1234567")})
