"""Walks through mailboxes with the exchangelib library, unmodified, on simulated Exchange servers.

Reads {"hosts": {name: "ip:port"}, "offices": "ip:port", "ca_file": path, "cases": [...]} from standard input and
writes one result per case: what was found, or the name of the error. Names lead to the given sockets and nowhere
else: any other name is an error, so this never leaves the machine.
"""

import datetime
import json
import os
import socket
import sys

asked = json.load(sys.stdin)
os.environ["REQUESTS_CA_BUNDLE"] = asked["ca_file"]
real_getaddrinfo = socket.getaddrinfo


def mapped_getaddrinfo(host, port, *rest, **more):
    at = asked["hosts"].get(host)
    if at is None and host.endswith(".example") and port == 443:
        at = asked["offices"]
    if at is None:
        raise OSError(f"{host}:{port} is not a host of the simulator")
    ip, mapped = at.rsplit(":", 1)
    return real_getaddrinfo(ip, int(mapped), *rest, **more)


socket.getaddrinfo = mapped_getaddrinfo

from exchangelib import (  # noqa: E402
    BASIC,
    IMPERSONATION,
    OAUTH2,
    UTC,
    Account,
    Configuration,
    Contact,
    Credentials,
    EWSDateTime,
    FailFast,
    FaultTolerance,
    Identity,
    OAuth2Credentials,
)


def configuration(case):
    retry = FaultTolerance(max_wait=30) if case.get("patient") else FailFast()
    if "tenant_id" in case:
        credentials = OAuth2Credentials(
            client_id=case["client_id"],
            client_secret=case["client_secret"],
            tenant_id=case["tenant_id"],
            identity=Identity(primary_smtp_address=case["mailbox"]),
        )
        server = "outlook.office365.com"
        return Configuration(server=server, credentials=credentials, auth_type=OAUTH2, retry_policy=retry)
    credentials = Credentials(case["login"], case["password"])
    auth_type = BASIC if case.get("basic", True) else None
    return Configuration(server=case["server"], credentials=credentials, auth_type=auth_type, retry_policy=retry)


def walk(case):
    account = Account(case["mailbox"], config=configuration(case), autodiscover=False, access_type=IMPERSONATION)
    start = EWSDateTime(2026, 11, 21, 0, 0, tzinfo=UTC)
    seen = {"version": account.version.api_version, "build": str(account.version.build)}
    seen["synced"] = sum(1 for _ in account.contacts.sync_items())
    seen["events"] = account.calendar.view(start, start + datetime.timedelta(days=7)).count()
    made = Contact(
        folder=account.contacts, given_name="Piet", surname="Probe", display_name="Piet Probe", company_name="X & Y"
    ).save(send_meeting_invitations="SendToNone")
    seen["changes"] = [(kind, item.display_name) for kind, item in account.contacts.sync_items()]
    seen["found"] = [(one.given_name, one.company_name) for one in account.contacts.all() if one.id == made.id]
    made.delete()
    seen["after"] = [kind for kind, _ in account.contacts.sync_items()]
    seen["listed"] = sum(1 for _ in account.contacts.all())
    if case.get("everything"):
        seen["folders"] = sorted(folder.name for folder in account.root.walk())
        seen["people"] = [one.email_address for one in account.protocol.resolve_names([case["mailbox"]])]
        seen["zones"] = [zone.id for zone in account.protocol.get_timezones()]
    return seen


def result(case):
    try:
        return walk(case)
    except Exception as error:  # the name is the result
        return {"error": type(error).__name__, "text": str(error)}


json.dump([result(case) for case in asked["cases"]], sys.stdout)
