"""The work of one check done with the exchangelib library, unmodified, so many times with so many threads.

Reads {"hosts": "ip:port", "ca_file": path, "login", "password", "server", "mailboxes", "threads", "count"} from
standard input and writes {"seconds", "cpu_seconds", "peak_kib", "peak_own_kib"}. Every name leads to the given socket.
"""

import concurrent.futures
import datetime
import json
import os
import resource
import socket
import sys
import time

from spent import own_kib

asked = json.load(sys.stdin)
os.environ["REQUESTS_CA_BUNDLE"] = asked["ca_file"]
real_getaddrinfo = socket.getaddrinfo


def mapped_getaddrinfo(host, port, *rest, **more):
    if not host.endswith(".example") or port != 443:
        raise OSError(f"{host}:{port} is not a host of the simulator")
    ip, mapped = asked["hosts"].rsplit(":", 1)
    return real_getaddrinfo(ip, int(mapped), *rest, **more)


socket.getaddrinfo = mapped_getaddrinfo

from exchangelib import (  # noqa: E402
    BASIC,
    IMPERSONATION,
    UTC,
    Account,
    CalendarItem,
    Configuration,
    Contact,
    Credentials,
    EWSDateTime,
    FailFast,
    Message,
)
from exchangelib.protocol import BaseProtocol, CachingProtocol  # noqa: E402

# As many connections as threads: else the library's own default of one session would be what is measured.
BaseProtocol.CONNECTIONS_PER_SESSION = 1
BaseProtocol.SESSION_POOLSIZE = asked["threads"]


def check(config, number=0):
    mailbox = asked["mailboxes"][number % len(asked["mailboxes"])]
    account = Account(mailbox, config=config, autodiscover=False, access_type=IMPERSONATION)
    day = EWSDateTime(2026, 11, 21, 0, 0, tzinfo=UTC)
    for _ in account.contacts.sync_items():
        pass
    account.calendar.view(day, day + datetime.timedelta(days=8)).count()
    contact = Contact(
        folder=account.contacts, given_name="MoxiEngage", surname="Connection test", display_name="Connection test"
    )
    contact.save()
    for _ in account.contacts.sync_items():
        pass
    contact.delete()
    event = CalendarItem(
        folder=account.calendar, subject="Connection test", start=day, end=day + datetime.timedelta(minutes=1)
    )
    event.save(send_meeting_invitations="SendToNone")
    event.delete(send_meeting_cancellations="SendToNone")
    draft = Message(folder=account.drafts, subject="Connection test")
    draft.save()
    draft.delete()


def configuration():
    credentials = Credentials(asked["login"], asked["password"])
    return Configuration(
        server=asked["server"],
        credentials=credentials,
        auth_type=BASIC,
        retry_policy=FailFast(),
        max_connections=asked["threads"],
    )


def cpu():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


config = configuration()
check(config)  # what is looked up once, such as the server's version, is not counted
began, used = time.monotonic(), cpu()
with concurrent.futures.ThreadPoolExecutor(asked["threads"]) as pool:
    for done in [pool.submit(check, config, number) for number in range(asked["count"])]:
        done.result()
seconds, spent = time.monotonic() - began, cpu() - used
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
# Read once, at the end: it hardly shrinks meanwhile, and a thread that looks all the time would slow the others down.
own = own_kib(os.getpid())
json.dump({"seconds": seconds, "cpu_seconds": spent, "peak_kib": peak, "peak_own_kib": own}, sys.stdout)
CachingProtocol.clear_cache()
