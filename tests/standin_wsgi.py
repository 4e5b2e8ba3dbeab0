"""What `wsgi.py` is, around a stand-in application."""

from runtime import children
from tests.standins import page

children.die_with_server()
app = page
