//! What answers in place of EWS on the way to a customer's own server: gateways, sign-in pages, web sites, firewalls.

use super::{
    own_server::{OPEN_FIREWALL, OUTSIDE_NAME, RIGHT_URL, SERVICES, THEN_AGAIN},
    parts::{ANSWER, HOSTER, KEEP, RETRY, say},
};
use crate::domain::cause::{Cause, Mend, Who};

/// What a gateway has to do for EWS.
const PASS_THROUGH: Mend = say(
    "On the gateway in front of your Exchange server, publish the path /EWS/ without a sign-in of its own. The setting is often called \"pass-through\" or \"no pre-authentication\".",
);
const KEEP_HEADER: Mend =
    say("It must hand on the header \"Authorization\" unchanged and let requests of up to 1 MB through.");
const BROWSER_TEST: Mend = say(
    "To see that it works, open https://{host}/EWS/Exchange.asmx in a private browser window. The browser's own sign-in box has to appear, not a web page.",
);
const GATEWAY: &[Mend] = &[PASS_THROUGH, KEEP_HEADER, BROWSER_TEST, THEN_AGAIN];
const WAIT: Mend = say("We try again by ourselves in a few minutes. If it lasts:");
const POOLS: Mend = say(
    "On the server open IIS Manager > Application Pools. MSExchangeServicesAppPool has to say Started; if it does not, select it and then Start.",
);
const EVENTS: Mend = say(
    "Look in the server's Event Viewer under Windows Logs > Application for errors of \"MSExchange Web Services\" at the time of this check.",
);
const REPAIR: &[Mend] = &[WAIT, POOLS, SERVICES, EVENTS];
const BALANCER: &[Mend] = &[
    WAIT,
    say("Look in the load balancer or proxy whether it sees the Exchange server as working."),
    SERVICES,
];
const SERVER: Cause = Cause { who: Who::Admin, ..RETRY };
const PROXY: Cause = Cause { who: Who::HostingProvider, ..RETRY };

pub(super) const CAUSES: &[Cause] = &[
    Cause {
        id: "login_page_instead_of_ews",
        title: "A sign-in page stands in front of EWS",
        meaning: "We asked for EWS, the service that MoxiEngage uses, and got a web page with a sign-in form. A program cannot fill that in.",
        mend: GATEWAY,
        scenarios: &["exchange-login-page"],
        ..HOSTER
    },
    Cause {
        id: "preauth_forms",
        title: "EWS leads to the sign-in page of Outlook on the web",
        meaning: "The sign-in page that is meant for people in a browser also covers EWS. A program cannot get past it.",
        mend: GATEWAY,
        scenarios: &["exchange-owa-redirect"],
        ..HOSTER
    },
    Cause {
        id: "preauth_federated",
        title: "EWS leads to your company's sign-in service",
        meaning: "Before it lets anybody reach EWS, your gateway sends them to AD FS or Microsoft Entra. A service account with a password cannot get past it.",
        mend: &[
            say(
                "In the Web Application Proxy or in Entra application proxy, open the entry that publishes /EWS/ and set \"Preauthentication\" to Pass-through.",
            ),
            KEEP_HEADER,
            BROWSER_TEST,
            THEN_AGAIN,
        ],
        scenarios: &["exchange-adfs"],
        ..HOSTER
    },
    Cause {
        id: "preauth_gateway",
        title: "An access gateway covers EWS",
        meaning: "A gateway such as F5 or Citrix asks for a sign-in of its own before it lets anybody reach EWS.",
        mend: GATEWAY,
        scenarios: &["exchange-gateway"],
        ..HOSTER
    },
    Cause {
        id: "preauth_uag_misconfigured",
        title: "The gateway in front of your server reports a fault of its own",
        meaning: "A Microsoft gateway (UAG or TMG) sent us to its page of errors instead of to EWS.",
        mend: GATEWAY,
        scenarios: &["fault:preauth_uag_misconfigured"],
        ..HOSTER
    },
    Cause {
        id: "preauth_session_expired",
        title: "The gateway in front of your server says that a session has ended",
        meaning: "There was no session. That answer comes from a sign-in page which also covers EWS.",
        mend: GATEWAY,
        scenarios: &["fault:preauth_session_expired"],
        ..HOSTER
    },
    Cause {
        id: "ews_redirected_host",
        title: "EWS is on another server",
        meaning: "The server {host} sent us to another host, which the step names. We do not take a password to a host that you have not named.",
        mend: &[
            say("Look at the host in the step. Is it yours, or your hosting provider's?"),
            say(
                "If it is, start a new attempt and enter https://, that host and /EWS/Exchange.asmx as \"EWS URL\". All names stay as they are.",
            ),
            say("If you do not know it, ask whoever runs your server first."),
        ],
        scenarios: &["exchange-other-host"],
        ..ANSWER
    },
    Cause {
        id: "ews_not_published",
        title: "EWS cannot be reached from outside",
        meaning: "Something answered at {host}, but it is not Exchange. The gateway does not pass on the path /EWS/, or the name is that of your web site.",
        mend: &[OUTSIDE_NAME, PASS_THROUGH, KEEP_HEADER, BROWSER_TEST, THEN_AGAIN],
        scenarios: &["exchange-not-published"],
        ..HOSTER
    },
    Cause {
        id: "ews_wrong_path",
        title: "Your Exchange server has no EWS at this address",
        meaning: "Exchange answered, but says that there is nothing under /EWS/Exchange.asmx. EWS was removed or moved.",
        mend: &[
            OUTSIDE_NAME,
            say(
                "In IIS Manager on the server look whether \"Default Web Site\" holds the directory EWS. If it is gone, ask whoever runs the server to make it again with New-WebServicesVirtualDirectory.",
            ),
            THEN_AGAIN,
        ],
        scenarios: &["exchange-wrong-path"],
        ..KEEP
    },
    Cause {
        id: "ews_method_not_allowed",
        title: "A web site answers in place of EWS",
        meaning: "What answers at {host} only shows pages and takes no requests of programs. It is a web site or a proxy, not Exchange.",
        mend: &[OUTSIDE_NAME, RIGHT_URL, PASS_THROUGH, THEN_AGAIN],
        scenarios: &["exchange-static-site"],
        ..HOSTER
    },
    Cause {
        id: "waf_blocked",
        title: "A web application firewall blocks us",
        meaning: "A protection service in front of your server took our request for an attack and refused it. Exchange itself never saw it.",
        mend: &[
            say("In the firewall service, allow the path /EWS/ for our addresses: {egress}."),
            say("Its log names the rule that blocked us, at the time of this check."),
            THEN_AGAIN,
        ],
        scenarios: &["exchange-waf"],
        ..HOSTER
    },
    Cause {
        id: "waf_rate_limited",
        title: "A protection service limits how often we may call",
        meaning: "Something in front of your server says that too many requests came. We slow down and try again.",
        mend: &[WAIT, OPEN_FIREWALL],
        scenarios: &["fault:waf_rate_limited"],
        ..PROXY
    },
    Cause {
        id: "ews_requires_ssl_mismatch",
        title: "Your server thinks that we came without encryption",
        meaning: "A load balancer ends the encryption and speaks to Exchange without it, while Exchange demands it.",
        mend: &[
            say(
                "Let the load balancer speak to Exchange with encryption as well. Or in IIS Manager > Default Web Site > EWS > SSL Settings clear \"Require SSL\".",
            ),
            THEN_AGAIN,
        ],
        scenarios: &["fault:ews_requires_ssl_mismatch"],
        ..KEEP
    },
    Cause {
        id: "iis_client_cert_required",
        title: "Your server's web service wants a certificate from us",
        meaning: "IIS lets in only programs that show a certificate of their own. MoxiEngage signs in with the service account's password instead.",
        mend: &[
            say(
                "In IIS Manager on the server open Default Web Site > EWS > SSL Settings, set \"Client certificates\" to Ignore, and select Apply.",
            ),
            THEN_AGAIN,
        ],
        scenarios: &["fault:iis_client_cert_required"],
        ..KEEP
    },
    Cause {
        id: "proxy_host_mismatch",
        title: "The proxy in front of your server does not know this name",
        meaning: "Something answered at {host} and said that it serves no such host, or that our request is too long.",
        mend: &[OUTSIDE_NAME, PASS_THROUGH, BROWSER_TEST, THEN_AGAIN],
        scenarios: &["fault:proxy_host_mismatch"],
        ..HOSTER
    },
    Cause {
        id: "proxy_body_rule",
        title: "The proxy in front of your server refuses our requests",
        meaning: "It says that a request is too long or has no length. Requests to EWS are longer than those of web pages.",
        mend: &[KEEP_HEADER, THEN_AGAIN],
        scenarios: &["fault:proxy_body_rule"],
        ..HOSTER
    },
    Cause {
        id: "proxy_bad_gateway",
        title: "The proxy in front of your server cannot reach Exchange",
        meaning: "The proxy or load balancer answered, but Exchange behind it did not.",
        mend: BALANCER,
        scenarios: &["exchange-bad-gateway"],
        ..PROXY
    },
    Cause {
        id: "proxy_no_backend",
        title: "The load balancer has no working server behind it",
        meaning: "The load balancer answered that no Exchange server can take our request at the moment.",
        mend: BALANCER,
        scenarios: &["exchange-no-backend"],
        ..PROXY
    },
    Cause {
        id: "iis_app_pool_stopped",
        title: "EWS is stopped on your server",
        meaning: "Windows on your server answers, but the part of Exchange that serves EWS (its application pool) does not run.",
        mend: REPAIR,
        scenarios: &["exchange-pool-stopped"],
        ..SERVER
    },
    Cause {
        id: "ews_app_broken",
        title: "EWS does not start on your server",
        meaning: "The server reports \"Server Error in '/EWS' Application\". Often an update ended halfway, or the server is overloaded.",
        mend: REPAIR,
        scenarios: &["exchange-app-broken"],
        ..SERVER
    },
    Cause {
        id: "exchange_frontend_error",
        title: "Your Exchange server could not pass our request on",
        meaning: "The front of Exchange took the request and then failed. The step shows what it said.",
        mend: REPAIR,
        scenarios: &["exchange-frontend"],
        ..SERVER
    },
    Cause {
        id: "ews_backend_outage",
        title: "Exchange is up, but its EWS is not",
        meaning: "The front of Exchange sent us to its page of errors, because EWS behind it does not answer.",
        mend: REPAIR,
        scenarios: &["exchange-outage"],
        ..SERVER
    },
    Cause {
        id: "exchange_overloaded",
        title: "Your Exchange server is overloaded or under maintenance",
        meaning: "It answered that it cannot serve us now. That has nothing to do with your answers.",
        mend: &[WAIT, SERVICES, say("Look whether the server has free disk space and memory.")],
        scenarios: &["fault:exchange_overloaded"],
        ..SERVER
    },
    Cause {
        id: "not_soap",
        title: "Something other than Exchange answered",
        meaning: "The answer has a form that programs use, but it is none of EWS. Another service stands at this address.",
        mend: &[OUTSIDE_NAME, RIGHT_URL, THEN_AGAIN],
        scenarios: &["exchange-other-xml"],
        ..KEEP
    },
    Cause {
        id: "empty_response",
        title: "Your mail server's answer was empty",
        meaning: "The server said that all is well and sent nothing. A proxy on the way probably swallowed the answer.",
        mend: &[WAIT, KEEP_HEADER, SERVICES],
        scenarios: &["exchange-empty"],
        ..PROXY
    },
];
