"""The vocabulary in parts, a module a noun; `menus.table` joins them."""
