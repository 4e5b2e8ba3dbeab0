"""The Python that the menu tree may call, a module a noun; `menus.table` writes out every name."""
