"""Eligibility: what the tree may name of them."""

from menus.vocabulary import Vocabulary

PART = Vocabulary()
