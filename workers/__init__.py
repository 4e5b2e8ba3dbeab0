"""The processes behind the web: one for each queue of jobs, and the clock."""
