"""A refusal: a rule forbids this, and the person may be told."""


class Refusal(Exception):
    """A rule forbids this. `code` names the words (menus/words/refusals.yaml), `values` fill their blanks."""

    def __init__(self, code: str, **values: str) -> None:
        super().__init__(code)
        self.code = code
        self.values = values
