"""Tables and constraints, a module a noun; whoever needs all of them imports `models.tables`."""
