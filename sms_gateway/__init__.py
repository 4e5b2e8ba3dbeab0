"""SMS in and out."""
