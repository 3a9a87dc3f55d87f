//! Offices with an Exchange server of their own, and EWS in Microsoft 365, met over the wire.

use std::collections::BTreeMap;
use std::time::Duration;

use moxi_onboard::domain::cause::Remedy;
use moxi_onboard::domain::causes;
use moxi_onboard::simulator::{Sample, Simulator};
use reqwest::{Method, Response};

use super::visitor::{Visitor, stage};

/// What a client of today's usual TLS library meets on its way through each office, where it is stopped: the step, and
/// how what stopped it begins.
const MET: &[(&str, &str)] = &[
    ("exchange-adfs", "greeting: 302 https://sts.flintwell.example/adfs/ls/"),
    ("exchange-alias", "folders: 500 ErrorNonExistentMailbox"),
    ("exchange-anonymous", "greeting: 200 NoError"),
    ("exchange-app-broken", "greeting: 500"),
    ("exchange-bad-gateway", "greeting: 502"),
    ("exchange-bearer-only", "greeting: 401 Bearer client_id=\"00000002-0000-0ff1-ce00-000000000000\""),
    ("exchange-busy", "folders: 500 ErrorServerBusy"),
    ("exchange-certificate-chain", "greeting: invalid peer certificate: UnknownIssuer"),
    ("exchange-certificate-expired", "greeting: invalid peer certificate: certificate expired"),
    ("exchange-certificate-future", "greeting: invalid peer certificate: certificate not valid yet"),
    (
        "exchange-certificate-no-san",
        "greeting: invalid peer certificate: certificate not valid for name \"mail.hazeldene.example\"",
    ),
    ("exchange-certificate-private-ca", "greeting: invalid peer certificate: UnknownIssuer"),
    ("exchange-certificate-self-signed", "greeting: invalid peer certificate: UnknownIssuer"),
    (
        "exchange-certificate-wrong-name",
        "greeting: invalid peer certificate: certificate not valid for name \"mail.greenlane.example\"",
    ),
    ("exchange-client-certificate", "greeting: received fatal alert: CertificateRequired"),
    ("exchange-delete-refused", "delete: 200 ErrorCannotDeleteObject"),
    ("exchange-disabled", "sign-in: 500 ErrorAccountDisabled"),
    ("exchange-empty", "greeting: 200"),
    ("exchange-ews-off", "sign-in: 403"),
    ("exchange-folder-denied", "folders: 200 ErrorAccessDenied"),
    ("exchange-frontend", "greeting: 500"),
    ("exchange-gateway", "greeting: 302 /my.policy"),
    ("exchange-huge", "greeting: 200, and the answer broke off"),
    ("exchange-impersonation-broken", "folders: 500 ErrorImpersonationFailed"),
    ("exchange-locked", "sign-in: 401 Negotiate | NTLM | Basic realm=\"mail.vetchley.example\""),
    ("exchange-login-format", "sign-in: 401 Negotiate | NTLM | Basic realm=\"mail.ivorygate.example\""),
    ("exchange-login-page", "greeting: 200"),
    ("exchange-mailbox-unknown", "folders: 500 ErrorNonExistentMailbox"),
    ("exchange-moving", "folders: 200 ErrorMailboxMoveInProgress"),
    ("exchange-must-change", "sign-in: 500 ErrorPasswordChangeRequired"),
    ("exchange-no-backend", "greeting: 503"),
    ("exchange-no-cipher", "greeting: received fatal alert: HandshakeFailure"),
    ("exchange-no-method", "greeting: 401"),
    ("exchange-no-role", "folders: 500 ErrorImpersonateUserDenied"),
    ("exchange-not-published", "greeting: 404"),
    ("exchange-ntlm-only", "greeting: 401 Negotiate | NTLM"),
    ("exchange-old-ciphers", "greeting: received fatal alert: HandshakeFailure"),
    ("exchange-old-right", "folders: 500 ErrorImpersonationDenied"),
    ("exchange-other-host", "greeting: 301 https://webmail.hartsease.example/EWS/Exchange.asmx"),
    ("exchange-other-xml", "greeting: 200"),
    ("exchange-outage", "greeting: 302 /ews/genericerrorpage.htm"),
    ("exchange-outside-scope", "folders: 500 ErrorImpersonateUserDenied"),
    ("exchange-owa-redirect", "greeting: 302 /owa/auth/logon.aspx"),
    ("exchange-password-expired", "sign-in: 500 ErrorPasswordExpired"),
    ("exchange-pinned", "greeting: invalid peer certificate: UnknownIssuer"),
    ("exchange-plain-http", "greeting: received corrupt message of type InvalidContentType"),
    ("exchange-pool-stopped", "greeting: 503"),
    ("exchange-read-only", "contact: 200 ErrorCreateItemAccessDenied"),
    ("exchange-server-error", "folders: 500 ErrorInternalServerError"),
    ("exchange-silent", "greeting: nothing came"),
    ("exchange-static-site", "greeting: 405"),
    ("exchange-store-down", "folders: 200 ErrorMailboxStoreUnavailable"),
    ("exchange-tls-closed", "greeting: tls handshake eof"),
    ("exchange-tls-reset", "greeting: Connection reset by peer (os error 104)"),
    ("exchange-tls10", "greeting: received fatal alert: ProtocolVersion"),
    ("exchange-truncated", "folders: 200, and the answer broke off"),
    ("exchange-unknown-code", "folders: 500 ErrorSomethingNew"),
    ("exchange-waf", "greeting: 403"),
    ("exchange-wrong-password", "sign-in: 401 Negotiate | NTLM | Basic realm=\"mail.quailrun.example\""),
    ("exchange-wrong-path", "greeting: 404"),
];

const ENVELOPE: &str = "http://schemas.xmlsoap.org/soap/envelope/";
const MESSAGES: &str = "http://schemas.microsoft.com/exchange/services/2006/messages";
const TYPES: &str = "http://schemas.microsoft.com/exchange/services/2006/types";

/// A client of EWS that speaks plain text.
struct Caller {
    client: reqwest::Client,
    url: String,
    account: (String, String),
    mailbox: String,
}

/// An answer as far as it matters.
struct Heard {
    status: u16,
    body: String,
    told: String,
}

impl Caller {
    async fn of(simulator: &Simulator, sample: &Sample) -> Caller {
        let account = sample.account.clone().expect("a service account");
        let host = format!("mail.{}", sample.tenant_domain);
        let at: std::net::SocketAddr = simulator.addresses().offices.loopback.parse().expect("an address");
        let visitor = Visitor::with(simulator, |builder| {
            builder.resolve(&host, at).timeout(Duration::from_millis(900))
        });
        Caller {
            client: visitor.await.client,
            url: format!("https://{host}/ews/exchange.asmx"),
            account: (account.service_account, account.password),
            mailbox: sample.test_mailbox.clone(),
        }
    }

    /// One call; `acting` is for the test mailbox.
    async fn call(&self, signed: bool, acting: bool, body: &str) -> Result<Heard, String> {
        let sid = format!(
            "<t:ExchangeImpersonation><t:ConnectingSID><t:PrimarySmtpAddress>{}</t:PrimarySmtpAddress>\
             </t:ConnectingSID></t:ExchangeImpersonation>",
            self.mailbox
        );
        let sid = if acting { &sid } else { "" };
        let text = format!(
            "<s:Envelope xmlns:s=\"{ENVELOPE}\" xmlns:m=\"{MESSAGES}\" xmlns:t=\"{TYPES}\"><s:Header>\
             <t:RequestServerVersion Version=\"Exchange2013_SP1\"/>{sid}</s:Header><s:Body>{body}</s:Body></s:Envelope>"
        );
        let mut request = self.client.request(Method::POST, &self.url).body(text);
        if signed {
            request = request.basic_auth(&self.account.0, Some(&self.account.1));
        }
        heard(request.send().await).await
    }
}

async fn heard(response: reqwest::Result<Response>) -> Result<Heard, String> {
    let response = response.map_err(|error| reason(&error))?;
    let status = response.status().as_u16();
    let challenges: Vec<&str> =
        response.headers().get_all("www-authenticate").iter().filter_map(|one| one.to_str().ok()).collect();
    let told = ["location", "x-ews-policy-reason", "x-ms-diagnostics"];
    let told = told.iter().find_map(|name| response.headers().get(*name)?.to_str().ok());
    let told = told.map_or_else(|| challenges.join(" | "), str::to_owned);
    let body = response.text().await.map_err(|_| format!("{status}, and the answer broke off"))?;
    Ok(Heard { status, body, told })
}

/// The innermost reason why there was no answer.
fn reason(error: &reqwest::Error) -> String {
    let mut innermost: &dyn std::error::Error = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    if error.is_timeout() { "nothing came".to_owned() } else { innermost.to_string() }
}

impl Heard {
    /// The response code: that of the fault, else that of the first message.
    fn code(&self) -> &str {
        let at = self.body.find("ResponseCode").map_or("", |at| &self.body[at..]);
        at.split(['>', '<']).nth(1).unwrap_or_default()
    }

    fn is_good(&self) -> bool {
        self.status == 200 && self.code() == "NoError"
    }

    fn words(&self) -> String {
        let said = [self.code(), &self.told].into_iter().find(|said| !said.is_empty());
        format!("{} {}", self.status, said.unwrap_or("-")).trim_end_matches(" -").to_owned()
    }
}

const ZONES: &str = "<m:GetServerTimeZones ReturnFullTimeZoneData=\"false\"><m:Ids><t:Id>UTC</t:Id></m:Ids>\
                     </m:GetServerTimeZones>";
const FOLDERS: &str = "<m:GetFolder><m:FolderShape><t:BaseShape>IdOnly</t:BaseShape></m:FolderShape><m:FolderIds>\
                       <t:DistinguishedFolderId Id=\"contacts\"/><t:DistinguishedFolderId Id=\"calendar\"/>\
                       </m:FolderIds></m:GetFolder>";
const CONTACT: &str = "<m:CreateItem><m:SavedItemFolderId><t:DistinguishedFolderId Id=\"contacts\"/>\
                       </m:SavedItemFolderId><m:Items><t:Contact><t:ExtendedProperty><t:ExtendedFieldURI \
                       PropertySetId=\"C4A5D5C0-7A1B-4D0E-9A55-0D6F6D0F2B11\" PropertyName=\"Probe\" \
                       PropertyType=\"String\"/><t:Value>one</t:Value></t:ExtendedProperty><t:FileAs>safe to delete\
                       </t:FileAs></t:Contact></m:Items></m:CreateItem>";

/// The first thing that is not in order on the way through a mailbox.
async fn first_refusal(caller: &Caller) -> Option<String> {
    let step = |name: &str, result: Result<Heard, String>, good: fn(&Heard) -> bool| match result {
        Ok(heard) if good(&heard) => Ok(heard),
        Ok(heard) => Err(format!("{name}: {}", heard.words())),
        Err(reason) => Err(format!("{name}: {reason}")),
    };
    let asks = |heard: &Heard| heard.status == 401 && heard.told.to_lowercase().contains("basic realm=");
    let walk = async {
        step("greeting", caller.call(false, false, ZONES).await, asks)?;
        step("sign-in", caller.call(true, false, ZONES).await, Heard::is_good)?;
        step("folders", caller.call(true, true, FOLDERS).await, Heard::is_good)?;
        let made = step("contact", caller.call(true, true, CONTACT).await, Heard::is_good)?;
        let id =
            made.body.split("ItemId Id=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("an id");
        let gone = format!(
            "<m:DeleteItem DeleteType=\"HardDelete\"><m:ItemIds><t:ItemId Id=\"{id}\"/></m:ItemIds></m:DeleteItem>"
        );
        step("delete", caller.call(true, true, &gone).await, Heard::is_good)
    };
    walk.await.err()
}

#[tokio::test]
async fn every_office_meets_what_it_was_made_for() {
    let stage = stage().await;
    let mut met = BTreeMap::new();
    let offices = stage.simulator.samples().iter().filter(|sample| sample.kind == "exchange_basic");
    for sample in offices {
        let caller = Caller::of(&stage.simulator, sample).await;
        if let Some(refusal) = first_refusal(&caller).await {
            met.insert(sample.name.as_str(), refusal);
        }
        if sample.name != "exchange-delete-refused" {
            let left = stage.simulator.mailbox_items(&sample.test_mailbox);
            assert!(left.left_behind().is_empty(), "{}", sample.name);
        }
    }
    let expected: BTreeMap<&str, &str> = MET.iter().copied().collect();
    assert!(met.keys().eq(expected.keys()), "{met:#?}");
    for (name, met) in &met {
        assert!(met.starts_with(expected[name]), "{name}: {met}");
    }
    assert!(stage.simulator.sent_messages().is_empty());
}

#[tokio::test]
async fn every_samples_verdict_is_what_its_causes_remedy_makes_of_it() {
    let stage = stage().await;
    let mut wrong = Vec::new();
    for sample in stage.simulator.samples().iter().filter(|sample| sample.kind != "graph_secret") {
        let Some(id) = &sample.expected_cause else { continue };
        let Some(cause) = causes::find(id) else {
            wrong.push(format!("{}: no cause {id}", sample.name));
            continue;
        };
        let own = cause.own_server.filter(|_| sample.kind == "exchange_basic");
        let verdict = match own.map_or(cause.remedy, |own| own.remedy) {
            Remedy::Act | Remedy::ActThenWait => "failed",
            Remedy::Wait => "waiting_for_provider",
            Remedy::Retry | Remedy::Ours => "could_not_tell",
            Remedy::Advise => "passed_with_warnings",
        };
        if verdict != sample.expected_verdict {
            wrong.push(format!("{}: {id} makes it {verdict}, not {}", sample.name, sample.expected_verdict));
        }
        if !cause.scenarios.contains(&sample.name.as_str()) {
            wrong.push(format!("{}: {id} does not name it", sample.name));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    let names = causes::all().flat_map(|cause| cause.scenarios).filter(|name| !name.contains(':'));
    let missing: Vec<_> = names.filter(|name| stage.simulator.sample(name).is_none()).collect();
    assert!(missing.is_empty(), "causes name samples that are not there: {missing:?}");
}
