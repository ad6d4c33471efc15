"""`make demo`: a service from nothing, and what it answers."""
