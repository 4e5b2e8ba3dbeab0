"""What is spoken with each SMS provider, and what its answers mean."""
