"""What the office can do: a module a noun, a function a verb. Never commits, never talks to the outside."""
