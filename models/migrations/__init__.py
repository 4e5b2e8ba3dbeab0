"""The schema's history: numbered, one transaction each."""
