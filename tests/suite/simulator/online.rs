//! EWS in Microsoft 365 and the ways to find a server, met over the wire.

use hickory_resolver::proto::rr::RecordType;
use moxi_onboard::simulator::{Sample, Simulator};
use serde_json::{Value, json};

use super::visitor::{Visitor, look_up, stage};

const EWS: &str = "https://outlook.office365.com/EWS/Exchange.asmx";

/// A token for the service that the scope names.
async fn token(visitor: &Visitor, sample: &Sample, resource: &str) -> String {
    let scope = format!("https://{resource}/.default");
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", sample.client_id.as_str()),
        ("client_secret", sample.client_secret.as_str()),
        ("scope", scope.as_str()),
    ];
    let url = format!("https://login.microsoftonline.com/{}/oauth2/v2.0/token", sample.tenant_id);
    let response = visitor.client.post(url).form(&form).send().await.expect("an answer");
    let body: Value = response.json().await.expect("JSON");
    body["access_token"].as_str().expect("a token").to_owned()
}

/// The status, what the headers say of it, and the body.
async fn folders(visitor: &Visitor, token: &str, mailbox: &str, acting: bool) -> (u16, String, String) {
    let sid = format!(
        "<t:ExchangeImpersonation><t:ConnectingSID><t:PrimarySmtpAddress>{mailbox}</t:PrimarySmtpAddress>\
         </t:ConnectingSID></t:ExchangeImpersonation>"
    );
    let sid = if acting { &sid } else { "" };
    let body = format!(
        "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\" \
         xmlns:m=\"http://schemas.microsoft.com/exchange/services/2006/messages\" \
         xmlns:t=\"http://schemas.microsoft.com/exchange/services/2006/types\"><s:Header>{sid}</s:Header><s:Body>\
         <m:GetFolder><m:FolderShape><t:BaseShape>IdOnly</t:BaseShape></m:FolderShape><m:FolderIds>\
         <t:DistinguishedFolderId Id=\"contacts\"/></m:FolderIds></m:GetFolder></s:Body></s:Envelope>"
    );
    let request = visitor.client.post(EWS).bearer_auth(token).header("X-AnchorMailbox", mailbox).body(body);
    let response = request.send().await.expect("an answer");
    let said = |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok());
    let told = said("x-ews-policy-reason").or(said("x-ms-diagnostics")).unwrap_or_default().to_owned();
    (response.status().as_u16(), told, response.text().await.expect("a body"))
}

#[tokio::test]
async fn each_organisation_meets_what_it_was_made_for() {
    let stage = stage().await;
    let visitor = Visitor::new(&stage.simulator).await;
    let expected = [
        ("ews-healthy", 200, "", "<m:ResponseCode>NoError</m:ResponseCode>"),
        ("ews-large-office", 200, "", "<m:ResponseCode>NoError</m:ResponseCode>"),
        ("ews-disabled", 403, "EWS is disabled for this user or tenant", ""),
        ("ews-not-allowed", 403, "EWS is blocked by policy for this user or tenant", ""),
        ("ews-no-permission", 403, "", ""),
        ("ews-rbac", 500, "", "[RAOP] : Blocked by tenant configured AppOnly AccessPolicy settings."),
        ("ews-token-rejected", 401, "2000001;reason=", ""),
        ("ews-mailbox-unknown", 500, "", ">ErrorNonExistentMailbox<"),
        ("ews-hybrid", 500, "", ">ErrorNonExistentMailbox<"),
        ("ews-scope-kept", 200, "", "<m:ResponseCode>NoError</m:ResponseCode>"),
        ("ews-scope-open", 200, "", "<m:ResponseCode>NoError</m:ResponseCode>"),
    ];
    for (name, status, told, body) in expected {
        let sample = stage.simulator.sample(name).expect("a sample").clone();
        let token = token(&visitor, &sample, "outlook.office365.com").await;
        let heard = folders(&visitor, &token, &sample.test_mailbox, true).await;
        assert!(
            heard.0 == status && heard.1.starts_with(told) && heard.2.contains(body),
            "{name}: {heard:?}"
        );
        assert_eq!(heard.1.is_empty(), told.is_empty(), "{name}: {heard:?}");
    }
    let known = stage.simulator.samples().iter().filter(|sample| sample.kind == "ews_secret").count();
    assert_eq!(known, expected.len(), "every sample is here");
}

#[tokio::test]
async fn a_token_is_good_for_its_own_service_and_only_on_somebodys_behalf() {
    let stage = stage().await;
    let visitor = Visitor::new(&stage.simulator).await;
    let sample = stage.simulator.sample("ews-healthy").expect("a sample").clone();
    let graph = token(&visitor, &sample, "graph.microsoft.com").await;
    let heard = folders(&visitor, &graph, &sample.test_mailbox, true).await;
    assert!(heard.0 == 401 && heard.1.starts_with("2000003;"), "{heard:?}");
    let ours = token(&visitor, &sample, "outlook.office365.com").await;
    let (status, _) = visitor.get(&ours, &format!("/users/{}/contacts", sample.test_mailbox)).await;
    assert_eq!(status, 401, "nor does the mailbox service take the other one");
    let heard = folders(&visitor, &ours, &sample.test_mailbox, false).await;
    assert!(heard.0 == 500 && heard.2.contains(">ErrorImpersonationRequired<"), "{heard:?}");
    let seen = stage.simulator.requests();
    assert!(seen.iter().all(|seen| seen.scheme.as_deref() != Some("Basic") && seen.secured));
}

/// Status, where it sends on to, and body.
async fn autodiscover(simulator: &Simulator, name: &str, part: &str) -> (u16, String, String) {
    let sample = simulator.sample(name).expect("a sample");
    let account = sample.account.clone().expect("a service account");
    let host = format!("{part}.{}", sample.tenant_domain);
    let at: std::net::SocketAddr = simulator.addresses().offices.loopback.parse().expect("an address");
    let visitor = Visitor::with(simulator, |builder| builder.resolve(&host, at)).await;
    let body = format!(
        "<Autodiscover xmlns=\"http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006\">\
         <Request><EMailAddress>{}</EMailAddress></Request></Autodiscover>",
        sample.test_mailbox
    );
    let url = format!("https://{host}/Autodiscover/Autodiscover.xml");
    let request =
        visitor.client.post(url).basic_auth(account.service_account, Some(account.password)).body(body);
    let response = request.send().await.expect("an answer");
    let location =
        response.headers().get("location").and_then(|to| to.to_str().ok()).unwrap_or_default().to_owned();
    (response.status().as_u16(), location, response.text().await.expect("a body"))
}

#[tokio::test]
async fn autodiscover_leads_where_each_office_says() {
    let stage = stage().await;
    let expected = [
        (
            "exchange-autodiscover",
            "autodiscover",
            200,
            "",
            "https://mail.fernbrook.example/EWS/Exchange.asmx",
        ),
        ("exchange-srv", "mail", 200, "", "https://mail.windmere.example/EWS/Exchange.asmx"),
        ("exchange-http-redirect", "mail", 200, "", "https://mail.silverlea.example/EWS/Exchange.asmx"),
        ("exchange-autodiscover-loop", "mail", 302, "https://autodiscover.umberleigh.example/", ""),
        ("exchange-autodiscover-loop", "autodiscover", 302, "https://mail.umberleigh.example/", ""),
        ("exchange-autodiscover-hoster", "autodiscover", 302, "https://elsewhere.simulator.example/", ""),
        ("exchange-autodiscover-insecure", "autodiscover", 302, "http://mail.wrenfield.example/", ""),
        ("exchange-autodiscover-unknown", "autodiscover", 200, "", "<ErrorCode>500</ErrorCode>"),
        ("exchange-autodiscover-no-url", "autodiscover", 200, "", "<Action>settings</Action>"),
        (
            "exchange-autodiscover-internal",
            "autodiscover",
            200,
            "",
            "https://ex01.corp.local/EWS/Exchange.asmx",
        ),
        ("exchange-in-cloud", "autodiscover", 200, "", "@coltsfoot.mail.onmicrosoft.com</RedirectAddr>"),
        ("exchange-autodiscover-nothing", "mail", 404, "", ""),
    ];
    for (name, part, status, location, body) in expected {
        let heard = autodiscover(&stage.simulator, name, part).await;
        let right = heard.0 == status && heard.1.starts_with(location) && heard.2.contains(body);
        assert!(right && heard.1.is_empty() == location.is_empty(), "{name}: {heard:?}");
    }
    let (_, _, body) = autodiscover(&stage.simulator, "exchange-autodiscover-no-url", "autodiscover").await;
    assert!(!body.contains("EwsUrl"), "{body}");
}

#[tokio::test]
async fn microsoft_365_tells_anybody_whose_mailboxes_it_has() {
    let stage = stage().await;
    let visitor = Visitor::new(&stage.simulator).await;
    let url = |host: &str| json!(format!("https://{host}/EWS/Exchange.asmx"));
    for (name, expected) in [
        ("ews-healthy", url("outlook.office365.com")),
        ("ews-hybrid", url("mail.woodbine.example")),
        ("exchange-in-cloud", url("outlook.office365.com")),
        ("exchange-healthy", Value::Null),
    ] {
        let mailbox = &stage.simulator.sample(name).expect("a sample").test_mailbox;
        let ask = format!(
            "https://outlook.office365.com/autodiscover/autodiscover.json?Email={mailbox}&Protocol=Ews"
        );
        let response = visitor.client.get(ask).send().await.expect("an answer");
        let body: Value = response.json().await.expect("JSON");
        assert_eq!(body["Url"], expected, "{name}: {body}");
    }
}

#[tokio::test]
async fn names_of_offices_lead_where_their_scripts_say() {
    let stage = stage().await;
    let simulator = &stage.simulator;
    let offices = simulator.addresses().offices.public.clone();
    let mail = async |name: &str| {
        let domain = &simulator.sample(name).expect("a sample").tenant_domain;
        look_up(simulator, &format!("mail.{domain}"), RecordType::A).await
    };
    assert_eq!(mail("exchange-healthy").await, Ok(vec![offices]));
    assert_eq!(mail("exchange-private-address").await, Ok(vec!["10.20.0.5".to_owned()]));
    assert_eq!(mail("exchange-loopback").await, Ok(vec!["127.0.0.1".to_owned()]));
    for name in ["exchange-no-name", "exchange-no-address", "exchange-dns-broken"] {
        assert!(mail(name).await.is_err(), "{name}");
    }
    let service = look_up(simulator, "_autodiscover._tcp.windmere.example", RecordType::SRV).await;
    assert_eq!(service, Ok(vec!["0 0 443 mail.windmere.example.".to_owned()]));
    let at = async |name: &str| {
        let public = mail(name).await.expect("an address").remove(0);
        let local = simulator.addresses().dial[&format!("{public}:443")].clone();
        let connecting = tokio::net::TcpStream::connect(local);
        tokio::time::timeout(std::time::Duration::from_millis(300), connecting).await
    };
    assert!(at("exchange-port-closed").await.is_ok_and(|refused| refused.is_err()), "refused at once");
    assert!(at("exchange-firewall").await.is_err(), "nothing comes back");
    assert!(at("exchange-healthy").await.is_ok_and(|connected| connected.is_ok()));
}
