"""The shop as a WSGI application, for gunicorn and uWSGI."""

import ctypes
import logging
import os
import time
from urllib.parse import parse_qs

STATUS_TEXT = {200: "OK", 500: "Internal Server Error", 502: "Bad Gateway", 503: "Service Unavailable"}
log = logging.getLogger("shop")


def application(environ, start_response):
    query = parse_qs(environ.get("QUERY_STRING", ""))

    def number(name, default):
        return float(query.get(name, [default])[0])

    headers = [("Content-Type", "text/plain")]
    status = 200
    path = environ["PATH_INFO"]
    if path == "/slow":
        time.sleep(number("seconds", 8))
    elif path == "/report":
        ctypes.string_at(16)  # a broken native extension follows a wild pointer
    elif path == "/memory":
        hoard = [b"x" * 1024 * 1024 for _ in range(512)]
        log.info("hoarding %d MiB", len(hoard))
    elif path == "/headers":
        headers.append(("X-Session", "c" * int(number("bytes", 6000))))
    elif path == "/unavailable":
        status = int(number("status", 503))
    if os.environ.get("SHOP_POSTGRES"):
        import psycopg2

        try:
            psycopg2.connect(os.environ["SHOP_POSTGRES"], connect_timeout=3).close()
        except psycopg2.OperationalError as error:
            log.error("django.db.utils.OperationalError: %s", error)
            status = 503
    start_response(f"{status} {STATUS_TEXT[status]}", headers)
    return [b"shop ok\n"]
