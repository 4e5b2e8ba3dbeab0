"""The Flask application: factory, USSD webhook, session store, and the operators' commands."""
