"""A real mail server (aiosmtpd) that does what it is told, and tells what it got.

The one argument is JSON: {"mode": ..., "tls": "none" | "starttls" | "implicit", "cert": FILE, "key": FILE,
"user": ..., "password": ..., "ways": ["PLAIN"]}. The first line of output is {"port": N}; every message that came
in whole makes another line, also when the answer to it is a refusal or never comes. It ends when its input ends.
"""

import asyncio
import base64
import email
import email.policy
import json
import logging
import ssl
import sys
import warnings

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

# What goes wrong here is meant to; the tests say what must come of it.
logging.disable()
warnings.simplefilter("ignore")

PLAN = json.loads(sys.argv[1])
MODE = PLAN.get("mode", "accept")


def tell(line):
    print(json.dumps(line), flush=True)


def parsed(content):
    """What an independent parser makes of the message."""
    message = email.message_from_bytes(content, policy=email.policy.default)
    parts = {}
    for part in message.walk():
        if part.get_content_maintype() == "text":
            parts[part.get_content_type()] = part.get_content()
    return {
        "headers": [[name, str(value)] for name, value in message.items()],
        "defects": [repr(defect) for part in message.walk() for defect in part.defects],
        "flowed": [part.get_param("format") for part in message.walk()],
        "parts": parts,
    }


class Handler:
    async def handle_MAIL(self, server, session, envelope, address, options):
        if MODE == "sender_refused":
            return "550 5.7.1 You may not send from here"
        envelope.mail_from = address
        return "250 2.1.0 Sender ok"

    async def handle_RCPT(self, server, session, envelope, address, options):
        refusals = {
            "rcpt_450": "450 4.7.1 Greylisted, come again",
            "rcpt_421": "421 4.3.2 Closing for a moment",
            "rcpt_554": "554 5.1.1 No such person here",
        }
        if MODE in refusals:
            return refusals[MODE]
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Recipient ok"

    async def handle_DATA(self, server, session, envelope):
        content = envelope.original_content
        tell({
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "content": base64.b64encode(content).decode(),
            "tls": session.ssl is not None or PLAN.get("tls") == "implicit",
            "user": session.auth_data,
            **parsed(content),
        })
        if MODE == "end_drop":
            server.transport.abort()
        if MODE == "end_stall":
            await asyncio.Event().wait()
        return {
            "end_451": "451 4.3.0 Try later",
            "end_554": "554 5.7.1 Looks like spam\x1b[31m",
            "end_354": "354 Go on",
            "end_garbage": "what?",
        }.get(MODE, "250 2.0.0 Queued as 4711")


class Server(SMTP):
    async def _handle_client(self):
        if MODE == "greeting_stall":
            await asyncio.Event().wait()
        if MODE == "greeting_drop":
            self.transport.abort()
        await super()._handle_client()

    async def smtp_STARTTLS(self, arg):
        if MODE == "early_after_starttls":
            await self.push("220 Ready\r\n250 unprotected")
            return
        await super().smtp_STARTTLS(arg)

    async def smtp_DATA(self, arg):
        if MODE == "data_554":
            await self.push("554 5.3.4 Not today")
            return
        if MODE == "data_451":
            await self.push("451 4.3.1 Disk full")
            return
        if MODE == "body_drop":
            await self.push("354 Go on")
            await self._reader.readexactly(1000)
            self.transport.abort()
            return
        await super().smtp_DATA(arg)


def authenticate(server, session, envelope, mechanism, data):
    good = isinstance(data, LoginPassword) and [data.login.decode(), data.password.decode()] == [
        PLAN["user"],
        PLAN["password"],
    ]
    return AuthResult(success=good, handled=False, auth_data=PLAN["user"])


def server():
    tls = None
    if PLAN.get("tls") == "starttls":
        tls = context()
    options = {"hostname": "mx.lakeshore.example", "data_size_limit": 2**26, "tls_context": tls}
    if "user" in PLAN:
        unwanted = {"PLAIN", "LOGIN"} - set(PLAN.get("ways", ["PLAIN", "LOGIN"]))
        options |= {
            "authenticator": authenticate,
            "auth_required": True,
            "auth_require_tls": PLAN.get("tls") == "starttls",
            "auth_exclude_mechanism": unwanted,
        }
    return Server(Handler(), **options)


def context():
    made = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    made.load_cert_chain(PLAN["cert"], PLAN["key"])
    return made


async def main():
    loop = asyncio.get_running_loop()
    implicit = context() if PLAN.get("tls") == "implicit" else None
    listener = await loop.create_server(server, "127.0.0.1", 0, ssl=implicit)
    tell({"port": listener.sockets[0].getsockname()[1]})
    await loop.run_in_executor(None, sys.stdin.read)


asyncio.run(main())
