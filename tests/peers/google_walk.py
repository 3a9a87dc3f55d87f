"""Signs in as a service account with the google-auth library, unmodified, and calls simulated APIs of Google.

Reads {"hosts": {name: "ip:port"}, "ca_file": path, "cases": [...]} from standard input and writes one result per
case. Names lead to the given sockets and nowhere else: any other name is an error, so this never leaves the machine.
"""

import base64
import json
import os
import socket
import sys

asked = json.load(sys.stdin)
os.environ["REQUESTS_CA_BUNDLE"] = asked["ca_file"]
hosts = asked["hosts"]
real_getaddrinfo = socket.getaddrinfo


def mapped_getaddrinfo(host, port, *rest, **more):
    if host not in hosts:
        raise OSError(f"{host} is not a host of the simulator")
    ip, mapped = hosts[host].rsplit(":", 1)
    return real_getaddrinfo(ip, int(mapped), *rest, **more)


socket.getaddrinfo = mapped_getaddrinfo

from google.auth import exceptions
from google.auth.transport.requests import AuthorizedSession, Request
from google.oauth2 import service_account

PEOPLE = "https://people.googleapis.com/v1"
EVENTS = "https://www.googleapis.com/calendar/v3/calendars/primary/events"
SEND = "https://gmail.googleapis.com/gmail/v1/users/me/messages/send"


def session(case, *scopes):
    full = ["https://www.googleapis.com/auth/" + scope for scope in scopes]
    signed = service_account.Credentials.from_service_account_info(json.loads(case["key"]), scopes=full)
    return AuthorizedSession(signed.with_subject(case["mailbox"]) if case.get("mailbox") else signed)


def contacts(case):
    people = session(case, "contacts")
    names, page = [], {"nextPageToken": None}
    while "nextPageToken" in page:
        query = {"personFields": "names", "requestSyncToken": "true", "pageToken": page["nextPageToken"]}
        answer = people.get(PEOPLE + "/people/me/connections", params=query)
        answer.raise_for_status()
        page = answer.json()
        names += [person["resourceName"] for person in page.get("connections", [])]
    body = {"names": [{"givenName": "Piet", "familyName": "Probe"}]}
    made = people.post(PEOPLE + "/people:createContact", json=body).json()
    query = {"personFields": "names", "syncToken": page["nextSyncToken"]}
    changed = people.get(PEOPLE + "/people/me/connections", params=query).json()
    gone = people.delete(f"{PEOPLE}/{made['resourceName']}:deleteContact")
    return {
        "listed": len(set(names)),
        "created": made["names"][0]["displayName"],
        "changed": [person["resourceName"] == made["resourceName"] for person in changed["connections"]],
        "deleted": gone.status_code,
    }


def calendar(case):
    events = session(case, "calendar")
    listed = events.get(EVENTS, params={"singleEvents": "true"}).json()["items"]
    day = {"date": "2026-11-22"}
    made = events.post(EVENTS, params={"sendUpdates": "none"}, json={"summary": "Probe", "start": day, "end": day})
    gone = events.delete(f"{EVENTS}/{made.json()['id']}")
    return {"events": len(listed), "made": made.status_code, "gone": gone.status_code}


def send(case):
    raw = base64.urlsafe_b64encode(b"Subject: Probe\r\n\r\n").decode()
    answer = session(case, "gmail.send").post(SEND, json={"raw": raw})
    return {"send": answer.status_code, "words": answer.json()["error"]["message"]}


def alone(case):
    own = session({**case, "mailbox": None}, "contacts")
    answer = own.get(PEOPLE + "/people/me/connections", params={"personFields": "names"})
    return {"alone": answer.status_code, "own": answer.json()}


def result(case):
    try:
        if case.get("everything"):
            return {**contacts(case), **calendar(case), **send(case), **alone(case)}
        for scope in ["contacts", "calendar", "gmail.send"]:
            session(case, scope).credentials.refresh(Request())
        for scope, url in [("contacts", PEOPLE + "/people/me/connections?personFields=names"), ("calendar", EVENTS)]:
            answer = session(case, scope).get(url)
            if answer.status_code != 200:
                error = answer.json()["error"]
                listed = [one["reason"] for one in error.get("errors", []) + error.get("details", []) if "reason" in one]
                return {"status": answer.status_code, "reason": listed[0]}
        return send(case)
    except exceptions.GoogleAuthError as error:
        told = error.args[1] if len(error.args) > 1 else None
        return {"error": type(error).__name__, "told": told, "text": str(error)}
    except (KeyError, ValueError) as error:
        return {"error": type(error).__name__, "text": str(error)}


json.dump([result(case) for case in asked["cases"]], sys.stdout)
