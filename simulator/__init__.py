"""A handset and a fake Africa's Talking: an independent witness that speaks only the wire."""
