"""Takes tokens with the msal library, unmodified, from a simulated sign-in service.

Reads {"hosts": {name: "ip:port"}, "ca_file": path, "credentials": [...]} from standard input and writes one result
per credential. Names lead to the given sockets and nowhere else: any other name is an error, so this never leaves
the machine.
"""

import json
import socket
import sys

import msal

asked = json.load(sys.stdin)
hosts = asked["hosts"]
real_getaddrinfo = socket.getaddrinfo


def mapped_getaddrinfo(host, port, *rest, **more):
    if host not in hosts:
        raise OSError(f"{host} is not a host of the simulator")
    ip, mapped = hosts[host].rsplit(":", 1)
    return real_getaddrinfo(ip, int(mapped), *rest, **more)


socket.getaddrinfo = mapped_getaddrinfo


def with_a_password(credential):
    """As a service account: the client asks about the account's realm first, as it does with the real service."""
    app = msal.PublicClientApplication(
        credential["client_id"],
        authority="https://login.microsoftonline.com/" + credential["tenant_id"],
        verify=asked["ca_file"],
        instance_discovery=False,
    )
    scopes = ["https://outlook.office365.com/EWS.AccessAsUser.All"]
    answer = app.acquire_token_by_username_password(credential["login"], credential["password"], scopes=scopes)
    return {
        "token": answer.get("access_token"),
        "expires_in": answer.get("expires_in"),
        "error": answer.get("error"),
        "error_codes": answer.get("error_codes"),
    }


def result(credential):
    try:
        if "password" in credential:
            return with_a_password(credential)
        app = msal.ConfidentialClientApplication(
            credential["client_id"],
            authority="https://login.microsoftonline.com/" + credential["tenant_id"],
            # A text is a client secret; an object holds a private key and what its certificate is known by.
            client_credential=credential["proof"],
            verify=asked["ca_file"],
            instance_discovery=credential.get("instance_discovery", False),
        )
        scopes = ["https://graph.microsoft.com/.default"]
        answer = app.acquire_token_for_client(scopes=scopes)
        again = app.acquire_token_for_client(scopes=scopes)
    except ValueError as error:
        return {"refused": str(error)}
    return {
        "token": answer.get("access_token"),
        "expires_in": answer.get("expires_in"),
        "cached": again.get("token_source") == "cache",
        "error": answer.get("error"),
        "error_codes": answer.get("error_codes"),
    }


json.dump([result(credential) for credential in asked["credentials"]], sys.stdout)
