"""The author is told over real loopback servers; a reader never waits for it, and no log tells a secret."""

import email
import json
import logging
import socketserver
import threading
import time
from email import policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from cuaderno.lab.errors import CuadernoError
from cuaderno.site.comments import news
from cuaderno.site.comments.news import Messenger, News
from cuaderno.site.comments.secrets import Mailbox, Password, Secrets, read_secrets
from cuaderno.site.wsgi import make

from .conftest import OPEN, wait_for

NEWS = News(
    5, "Mazes\r\nBcc: everyone@example.org", "http://ada.example/posts/mazes/#isso-5", "http://ada.example/m/KEY",
    "Bo\nX-Header: 1", "bo@example.org", "Hello ñ 🐈\n.\nQUIT", True,
)  # fmt: skip
SECRET = "s3cret-of-the-webhook"


class MailServer(socketserver.StreamRequestHandler):
    """Just enough SMTP to take one mail; what it may say to a login is set by the test."""

    def handle(self):
        self.say(220)
        while line := self.rfile.readline().decode("latin-1").strip():
            word = line.upper().split()[0]
            if word == "EHLO":
                self.wfile.write(b"250-loopback\r\n250 AUTH PLAIN\r\n")
            elif word == "AUTH":
                self.say(self.server.answer_to_login)
            elif word == "DATA":
                self.say(354)
                lines = []
                while (line := self.rfile.readline()) != b".\r\n":
                    lines.append(line[1:] if line.startswith(b"..") else line)
                self.server.mails.append(b"".join(lines).decode())
                self.say(250)
            elif word == "QUIT":
                self.say(221)
                return
            else:
                self.say(250)

    def say(self, code):
        self.wfile.write(f"{code} {SECRET} all right\r\n".encode())


@pytest.fixture
def mail_server():
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), MailServer)
    server.daemon_threads, server.mails, server.answer_to_login = True, [], 235
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


class Hook(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        time.sleep(self.server.slowness)
        self.server.calls.append((self.path, self.headers["Content-Type"], json.loads(body)))
        self.send_response(self.server.answer)
        self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def hook():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hook)
    server.daemon_threads, server.calls, server.answer, server.slowness = True, [], 204, 0
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    server.address = f"http://127.0.0.1:{server.server_port}/{SECRET}"
    yield server
    server.shutdown()
    server.server_close()


def mailbox(server, **more) -> Mailbox:
    return Mailbox("127.0.0.1", "diary@ada.example", "ada@ada.example", "none", server.server_address[1], **more)


def test_a_mail_says_who_where_what_and_what_to_do(mail_server):
    news.send_mail(mailbox(mail_server, user="ada", password="x"), NEWS, "es")
    (mail,) = mail_server.mails
    head = mail.partition("\r\n\r\n")[0]
    assert "To: ada@ada.example" in head and "\r\nBcc:" not in head and "Auto-Submitted" in head
    message = email.message_from_string(mail, policy=policy.default)
    text = message.get_content().replace("\r\n", "\n")
    assert message["Subject"] == "Un comentario en «Mazes Bcc: everyone@example.org»"
    for part in ("Bo X-Header: 1 <bo@example.org>", "Hello ñ 🐈\n.\nQUIT", "http://ada.example/m/KEY"):
        assert part in text


def test_a_webhook_gets_json(hook):
    news.call(hook.address, NEWS, "en")
    ((path, kind, said),) = hook.calls
    assert path == f"/{SECRET}" and kind == "application/json" and said["event"] == "comment"
    assert said["comment"]["text"] == NEWS.text and said["comment"]["state"] == "waiting" and "http" in said["text"]


@pytest.mark.parametrize("answer", [302, 404, 500])
def test_what_fails_is_logged_without_its_secret(hook, mail_server, caplog, answer):
    hook.answer, mail_server.answer_to_login = answer, 535
    secrets = Secrets(None, mailbox(mail_server, user="ada", password="hunter2"), hook.address)
    assert SECRET not in repr(secrets) and "hunter2" not in repr(secrets)
    messenger = Messenger(secrets, "en", tries=(0, 0))
    with caplog.at_level(logging.WARNING, "cuaderno.comments"):
        messenger.tell(NEWS)
        wait_for(lambda: len(caplog.records) == 2)
    assert len(hook.calls) == 2 and not mail_server.mails, "tried twice, and not sent on to where it was redirected"
    assert "comment 5" in caplog.text and str(answer) in caplog.text and "535" in caplog.text
    assert not [secret for secret in (SECRET, "hunter2", "bo@example.org") if secret in caplog.text]


def test_nobody_listens_and_nothing_breaks(caplog):
    messenger = Messenger(Secrets(None, Mailbox("127.0.0.1", "a@b.example", "a@b.example", "none", 9)), "en", (0,))
    with caplog.at_level(logging.WARNING, "cuaderno.comments"):
        messenger.tell(NEWS)
        wait_for(lambda: caplog.records)
    assert "ConnectionRefused" in caplog.text


def test_a_slow_webhook_keeps_no_reader_waiting(diary, serve, hook):
    hook.slowness = 2
    folder = diary(OPEN.replace("[comments]", '[comments]\nnotify = ["webhook"]'))
    (folder / ".env").write_text(f"COMMENTS_WEBHOOK={hook.address}\n")
    site = serve(folder=folder)
    started = time.monotonic()
    assert site.post("Quick", author="Bo & Co")[0] == 201 and time.monotonic() - started < 1.8
    wait_for(lambda: hook.calls)
    comment = hook.calls[0][2]["comment"]
    assert comment["author"] == "Bo & Co" and comment["page"].endswith("/notebook/posts/mazes/#isso-1")
    key = comment["moderate"].split("/notebook/")[1]
    assert b"Quick" in site.ask(key)[2]


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ("", "lacks COMMENTS_SMTP_HOST, COMMENTS_MAIL_FROM, COMMENTS_MAIL_TO"),
        ("COMMENTS_SMTP_HOST=x\nCOMMENTS_MAIL_FROM=a@b.c\nCOMMENTS_MAIL_TO=hunter2", "COMMENTS_MAIL_TO .* one e-mail"),
        ("COMMENTS_SMTP_SECURITY=tls", "one of starttls, ssl, none"),
        ("COMMENTS_SMTP_PORT=hunter2", "must be a port"),
    ],
)
def test_what_env_lacks_is_named(diary, lines, says):
    folder = diary(OPEN.replace("[comments]", '[comments]\nnotify = ["mail"]'))
    whole = "COMMENTS_SMTP_HOST=x\nCOMMENTS_MAIL_FROM=a@b.c\nCOMMENTS_MAIL_TO=a@b.c\n"
    whole = whole if lines.startswith(("COMMENTS_SMTP_S", "COMMENTS_SMTP_P")) else ""
    (folder / ".env").write_text(whole + lines)
    with pytest.raises(CuadernoError, match=says) as caught:
        make(folder)
    assert "hunter2" not in str(caught.value)


def test_the_usual_ports_and_the_environment_before_the_file(diary, monkeypatch):
    from cuaderno.diary.comments import Comments

    folder = diary()
    (folder / ".env").write_text(
        "COMMENTS_SMTP_HOST=mail.example\nCOMMENTS_MAIL_FROM=a@b.c\nCOMMENTS_MAIL_TO=a@b.c\nCOMMENTS_SMTP_SECURITY=ssl\n"
        "COMMENTS_SMTP_PASSWORD=pa$$word=1\n"
    )
    monkeypatch.setenv("COMMENTS_SMTP_HOST", "other.example")
    found = read_secrets(folder, Comments("isso", notify=("mail",)))
    assert (found.mailbox.host, found.mailbox.port, found.mailbox.password) == ("other.example", 465, "pa$$word=1")
    assert found.password is None and found.webhook is None


def test_a_password_is_kept_only_as_a_hash():
    password = Password("the cat sat on it")
    assert password.is_right("the cat sat on it") and not password.is_right("the cat sat on it ")
    assert "the cat sat on it" not in repr(vars(password)) and password.seal == Password("the cat sat on it").seal
    assert password.seal != Password("another one, longer").seal
