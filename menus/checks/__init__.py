"""What a tree must hold before it is published, a module a kind of fault; `menus.compiler` runs them all."""
