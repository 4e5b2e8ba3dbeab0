"""Commands: what can be asked for by SMS. Each function calls verbs and replies once."""
