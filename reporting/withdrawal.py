"""Taking a thread back: asked first, and only where the school allows it. What becomes of it: retention."""

from dataclasses import replace

from reporting import retention, token
from reporting.deps import PublicDeps
from reporting.errors import NoThreadError, NotOurTokenError
from reporting.form import locale
from reporting.thread import Answer, Thread
from reporting.views import Step, Views


class Withdrawal:
    """POST /thread/withdraw, with the token of a thread; with ``sure`` it is done."""

    def __init__(self, deps: PublicDeps, views: Views, thread: Thread) -> None:
        self._deps = deps
        self._views = views
        self._thread = thread

    def ask(self) -> Answer:
        """The question, or the thread with what the answer came to."""
        fields = self._thread.fields()
        try:
            receipt = token.unseal(self._deps.secrets.form, self._deps.wall(), fields.get("token"))
            opened = self._thread.opened(receipt)
            if not opened.school.withdrawal or opened.withdrawn:
                return self._thread.show(opened, Step())
            if fields.get("sure") != "yes":
                sealed = token.seal(self._deps.secrets.form, self._deps.wall(), receipt)
                return self._views.withdraw(locale(), sealed)
            clock, lookup_id = self._deps.clock, opened.origin.lookup_id
            self._deps.database.insist(lambda it: retention.withdraw(it, clock.now(it), lookup_id))
            return self._thread.show(replace(opened, withdrawn=True), Step())
        except (NotOurTokenError, NoThreadError):
            return self._views.check(locale(), problem="expired")
        except Exception as error:  # noqa: BLE001 - whatever failed, the reporter must hear that nothing was done
            self._thread.alarm(error)
            return self._views.check(locale(), problem="not_stored"), 503
