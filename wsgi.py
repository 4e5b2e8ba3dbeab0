"""`app` for a WSGI server; `python wsgi.py` runs everything on one machine."""

import gc
import os

from runtime import children, logs, settings

if __name__ == "__main__":
    from runtime import supervisor

    raise SystemExit(supervisor.main())

from ussd_app.factory import create_app

children.die_with_server()
try:
    app = create_app(settings.read(os.environ))
except settings.BadSettings as fault:
    raise SystemExit(f"Bad settings: {fault}") from None
# What was imported stays. To go through it all again and again would stop a hop for 150 ms each time.
gc.freeze()
logs.tell_of_threads()
