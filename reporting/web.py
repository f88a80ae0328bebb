"""The public web application: the form, the thread, the text line, and nothing else. No cookies at all."""

from functools import partial

from flask import Flask, Response
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from reporting.carrier import Carrier
from reporting.deps import PublicDeps
from reporting.form import Form, leave, locale
from reporting.headers import protect
from reporting.thread import Thread
from reporting.views import Views
from reporting.withdrawal import Withdrawal


def public_app(deps: PublicDeps) -> Flask:
    """The WSGI application of the public process."""
    app = Flask("reporting", static_folder=None, template_folder=None)
    views = Views(deps.schools)
    form = Form(deps, views)
    app.add_url_rule("/", "form", form.show, methods=["GET"])
    # An address of its own for sending: a post to "/" makes browsers forget the form that Back shows.
    app.add_url_rule("/send", "send", form.send, methods=["POST"])
    app.add_url_rule("/send", "unsent", partial(begin, "/"), methods=["GET"])
    app.add_url_rule("/", "send", form.send, methods=["POST"])
    thread = Thread(deps, views)
    app.add_url_rule("/check", "check", thread.check, methods=["GET"])
    app.add_url_rule("/thread", "open", thread.open, methods=["POST"])
    app.add_url_rule("/thread/write", "write", thread.write, methods=["POST"])
    app.add_url_rule("/thread/withdraw", "withdraw", Withdrawal(deps, views, thread).ask, methods=["POST"])
    # A phone that puts its open pages back asks for what was sent before; a sealed thread needs its receipt.
    unopened = partial(begin, "/check")
    for path in ("/thread", "/thread/write", "/thread/withdraw"):
        app.add_url_rule(path, "unopened", unopened, methods=["GET"])
    app.register_error_handler(404, lambda _: (views.nowhere(locale()), 404))
    carrier = Carrier(deps)
    app.add_url_rule("/carrier/sms", "sms", carrier.sms, methods=["POST"])
    for path in ("/carrier/voice/<attempt_id>", "/carrier/voice/<attempt_id>/digits"):
        app.add_url_rule(path, "voice", carrier.voice, methods=["POST"])
    for path in ("/carrier/status", "/carrier/status/<attempt_id>"):
        app.add_url_rule(path, "status", carrier.status, methods=["POST"])
    app.add_url_rule("/leave", "leave", lambda: leave(deps.settings.exit_url), methods=["GET"])
    app.add_url_rule("/healthz", "healthz", lambda: Response("ok\n", mimetype="text/plain"), methods=["GET"])
    app.add_url_rule("/readyz", "readyz", lambda: ready(deps), methods=["GET"])
    app.wsgi_app = protect(app.wsgi_app)  # type: ignore[assignment,method-assign]  # where Flask has wrappers put
    return app


def begin(path: str) -> Response:
    """To ``path``, in the language of this request."""
    return leave(f"{path}?lang={locale()}")


def ready(deps: PublicDeps) -> Response:
    """200 while the database answers and pages leave, else 503. The form is there either way."""
    try:
        with deps.database.reading() as session:
            session.execute(text("SELECT 1"))
        found = (503, "paging is impaired\n") if deps.paging_impaired() else (200, "ready\n")
    except SQLAlchemyError:
        found = 503, "no database\n"
    return Response(found[1], found[0], mimetype="text/plain")
