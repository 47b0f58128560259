"""Telling the author of a new comment: by mail or webhook, from a thread of its own, so that no reader waits for it."""

import json
import logging
import smtplib
import ssl
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from queue import Full, Queue
from typing import Any
from urllib.parse import urlsplit

from cuaderno.site.comments.secrets import Mailbox, Secrets
from cuaderno.site.words import TEXT

TIMEOUT = 10  # seconds for the mail server or the webhook to answer
TRIES = (0, 5, 60)  # seconds before each
MOST_WAITING = 100
LONGEST_SUBJECT = 120
log = logging.getLogger("cuaderno.comments")


@dataclass(frozen=True)
class News:
    """A comment as its author's friend would tell it: who, where, what, and what to do about it."""

    id: int
    title: str
    page: str
    moderate: str
    author: str
    email: str
    text: str
    waiting: bool
    changed: bool = False

    def subject(self, lang: str) -> str:
        words = TEXT[lang]
        title = " ".join(self.title.split())
        return words["comments_mail_changed" if self.changed else "comments_mail"].format(title=title)[:LONGEST_SUBJECT]

    def body(self, lang: str) -> str:
        words = TEXT[lang]
        who = " ".join((self.author or words["comments_nobody"]).split())
        who += f" <{' '.join(self.email.split())}>" if self.email else ""
        what = words["comments_mail_waiting" if self.waiting else "comments_mail_shown"]
        return f"{who}:\n\n{self.text}\n\n--\n{self.page}\n\n{what}\n{self.moderate}\n"

    def as_json(self, lang: str) -> dict[str, Any]:
        comment = {name: getattr(self, name) for name in ("id", "title", "page", "moderate", "author", "email", "text")}
        comment["state"] = "waiting" if self.waiting else "shown"
        event = "comment changed" if self.changed else "comment"
        return {"event": event, "text": f"{self.subject(lang)}\n{self.moderate}", "comment": comment}


class Messenger:
    """Sends news one after the other. What cannot be sent is logged, without a secret, and the comment stays safe."""

    def __init__(self, secrets: Secrets, lang: str, tries: tuple[float, ...] = TRIES):
        self.lang, self.tries = lang, tries
        self.ways: list[tuple[str, Callable[[News], None]]] = []
        if secrets.mailbox:
            mailbox = secrets.mailbox
            self.ways.append((f"mail over {mailbox.host}", lambda news: send_mail(mailbox, news, lang)))
        if secrets.webhook:
            hook = secrets.webhook
            self.ways.append((f"the webhook at {urlsplit(hook).hostname}", lambda news: call(hook, news, lang)))
        self._queue: Queue[News] = Queue(MOST_WAITING)
        self._started = threading.Lock()

    def tell(self, news: News) -> None:
        """Put it on the way and return at once."""
        if not self.ways:
            return
        try:
            self._queue.put_nowait(news)
        except Full:
            log.warning("comment %d: nobody was told, too many wait to be sent", news.id)
        if self._started.acquire(blocking=False):
            threading.Thread(target=self._work, daemon=True, name="comments").start()

    def _work(self) -> None:
        while True:
            news = self._queue.get()
            for name, send in self.ways:
                self._try(name, send, news)
            self._queue.task_done()

    def _try(self, name: str, send: Callable[[News], None], news: News) -> None:
        fault = ""
        for pause in self.tries:
            time.sleep(pause)
            try:
                send(news)
            except Exception as error:  # nothing that a server answers may end this thread
                fault = _said(error)
            else:
                return
        log.warning("comment %d: nobody was told by %s: %s. See: cuaderno comments", news.id, name, fault)


def _said(error: Exception) -> str:
    """What went wrong, without what was sent: an address or an answer may hold a secret."""
    code = getattr(error, "smtp_code", None) or getattr(error, "code", None)
    reason = getattr(error, "reason", None)
    kind = type(reason).__name__ if isinstance(reason, Exception) else type(error).__name__
    return f"{kind} {code}" if isinstance(code, int) else kind


def send_mail(mailbox: Mailbox, news: News, lang: str) -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = mailbox.sender, mailbox.recipient, news.subject(lang)
    message["Date"], message["Message-ID"] = formatdate(), make_msgid(domain=mailbox.sender.rsplit("@", 1)[-1])
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(news.body(lang), cte="quoted-printable")  # any server takes it
    context = ssl.create_default_context()
    if mailbox.security == "ssl":
        client: smtplib.SMTP = smtplib.SMTP_SSL(mailbox.host, mailbox.port, timeout=TIMEOUT, context=context)
    else:
        client = smtplib.SMTP(mailbox.host, mailbox.port, timeout=TIMEOUT)
    with client:
        if mailbox.security == "starttls":
            client.starttls(context=context)
        if mailbox.user:
            client.login(mailbox.user, mailbox.password)
        client.send_message(message)


class _Stay(urllib.request.HTTPRedirectHandler):
    """A webhook that sends us elsewhere is not followed: the news is for nobody else."""

    def redirect_request(self, *arguments: Any) -> None:
        return None


def call(address: str, news: News, lang: str) -> None:
    body = json.dumps(news.as_json(lang), ensure_ascii=False).encode()
    request = urllib.request.Request(address, body, {"Content-Type": "application/json", "User-Agent": "Cuaderno"})
    opener = urllib.request.build_opener(_Stay)
    try:
        with opener.open(request, timeout=TIMEOUT) as answer:
            answer.read(1)
    except urllib.error.HTTPError as error:
        error.close()
        raise
