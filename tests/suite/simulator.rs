//! The simulated outside world, met as clients meet it: names by DNS messages, everything else by HTTPS.

mod certificates;
mod faults;
mod google;
mod offices;
mod online;
mod states;
mod visitor;

use std::time::Duration;

use hickory_resolver::proto::rr::RecordType;
use moxi_onboard::simulator::{ALWAYS, Fault, Operation, Scenarios, StartError, Target, start};
use reqwest::Method;
use serde_json::json;

use visitor::{Folder, Hands, Visitor, a_contact, first_refusal, look_up, stage, typed};

#[tokio::test]
async fn names_lead_to_public_addresses_and_through_the_dial_map_to_loopback() {
    let stage = stage().await;
    let addresses = stage.simulator.addresses();
    for name in ["login.microsoftonline.com", "graph.microsoft.com"] {
        let found = look_up(&stage.simulator, name, RecordType::A).await.expect("an address");
        assert_eq!(found, [addresses.hosts[name].public.clone()]);
        let public: std::net::Ipv4Addr = found[0].parse().expect("an address");
        assert!(!public.is_private() && !public.is_loopback() && !public.is_documentation());
        assert!(addresses.dial[&format!("{public}:443")].starts_with("127.0.0.1:"));
    }
    let mail = look_up(&stage.simulator, "lakeshore.example", RecordType::MX).await.expect("a mail host");
    assert_eq!(mail, ["0 lakeshore-example.mail.protection.outlook.com."]);
    let unknown = look_up(&stage.simulator, "nobody.example", RecordType::A).await.expect_err("no such name");
    assert!(unknown.contains("no records found") || unknown.to_lowercase().contains("nxdomain"), "{unknown}");
}

#[tokio::test]
async fn a_tenant_is_found_by_id_and_by_domain_in_either_case() {
    let stage = stage().await;
    let visitor = Visitor::new(&stage.simulator).await;
    let sample = stage.simulator.sample("healthy").expect("a sample");
    let ask = async |tenant: &str| {
        let url = format!("https://login.microsoftonline.com/{tenant}/v2.0/.well-known/openid-configuration");
        let response = visitor.client.get(url).send().await.expect("an answer");
        (response.status(), response.json::<serde_json::Value>().await.expect("JSON"))
    };
    for name in [&sample.tenant_id, &sample.tenant_domain, &sample.tenant_domain.to_uppercase()] {
        let (status, body) = ask(name).await;
        assert_eq!(status, 200);
        let issuer = format!("https://login.microsoftonline.com/{}/v2.0", sample.tenant_id);
        assert_eq!(body["issuer"], json!(issuer));
        assert_eq!(body["msgraph_host"], "graph.microsoft.com");
    }
    for (name, code) in
        [("b7f3c1a2-0000-4000-8000-000000000001", 90002), ("nobody.example", 90002), ("what is it", 900023)]
    {
        let (status, body) = ask(name).await;
        assert_eq!((status.as_u16(), &body["error_codes"]), (400, &json!([code])), "{body}");
        assert!(
            body["error_description"]
                .as_str()
                .is_some_and(|text| text.starts_with(&format!("AADSTS{code}: ")))
        );
    }
    let (_, government) = ask("capitolgrove.example").await;
    assert_eq!(government["msgraph_host"], "graph.microsoft.us");
}

#[tokio::test]
async fn the_whole_way_through_a_healthy_tenant_leaves_nothing_behind() {
    let stage = stage().await;
    let visitor = Visitor::new(&stage.simulator).await;
    let sample = stage.simulator.sample("healthy").expect("a sample").clone();
    let before = {
        let token = visitor.ticket(&typed(&sample)).await;
        visitor.get(&token, &format!("/users/{}/contacts", sample.test_mailbox)).await;
        stage.simulator.mailbox_items(&sample.test_mailbox)
    };
    assert_eq!(first_refusal(&visitor, &typed(&sample)).await, None);
    let after = stage.simulator.mailbox_items(&sample.test_mailbox);
    assert!(!before.contacts.is_empty() && !before.events.is_empty());
    assert_eq!(before, after);
    assert!(after.left_behind().is_empty());
    assert!(stage.simulator.sent_messages().is_empty());
    assert_eq!(stage.simulator.token_requests("healthy"), 2);
    let seen = stage.simulator.requests();
    assert!(seen.iter().any(|seen| seen.operation == Operation::SendMail && seen.status == Some(400)));
    assert!(seen.iter().all(|seen| seen.authorised && seen.tenant.as_deref() == Some("healthy")));
}

#[tokio::test]
async fn the_change_feed_pages_to_its_end_and_goes_on_from_there() {
    let stage = stage().await;
    let visitor = Visitor::new(&stage.simulator).await;
    let sample = stage.simulator.sample("healthy-large").expect("a sample").clone();
    let token = visitor.ticket(&typed(&sample)).await;
    let contacts = format!("/users/{}/contacts", sample.test_mailbox);
    let (_, one) = visitor.get(&token, &format!("{contacts}?$top=1&$select=id,parentFolderId")).await;
    assert!(
        one["@odata.nextLink"].is_string() && one["value"].as_array().is_some_and(|items| items.len() == 1)
    );
    let folder = one["value"][0]["parentFolderId"].as_str().expect("a folder");
    let (_, made) = visitor.graph(&token, Method::POST, &contacts, Some(a_contact())).await;
    let id = made["id"].as_str().expect("an id");

    let mut next =
        format!("/users/{}/contactFolders/{folder}/contacts/delta?$select=id", sample.test_mailbox);
    let (mut ids, mut pages) = (Vec::new(), 0);
    let delta = loop {
        let (status, page) = visitor.get(&token, &next).await;
        assert_eq!(status, 200, "{page}");
        pages += 1;
        ids.extend(page["value"].as_array().expect("items").iter().map(|item| item["id"].clone()));
        match page["@odata.nextLink"].as_str() {
            Some(link) => next = link.to_owned(),
            None => break page["@odata.deltaLink"].as_str().expect("a delta link").to_owned(),
        }
    };
    assert_eq!((ids.len(), pages), (231, 24));
    assert!(ids.contains(&json!(id)));

    visitor.graph(&token, Method::DELETE, &format!("{contacts}/{id}"), None).await;
    let (_, page) = visitor.get(&token, &delta).await;
    assert_eq!(page["value"], json!([{"id": id, "@removed": {"reason": "deleted"}}]));
    let (status, body) = visitor.get(&token, &format!("{delta}x!")).await;
    assert_eq!((status.as_u16(), &body["error"]["code"]), (400, &json!("BadRequest")));
}

#[tokio::test]
async fn authority_and_mailboxes_outlive_a_restart() {
    let (hands, folder) = (Hands::new(), Folder::new());
    let simulator = start(hands.settings(&folder.0)).await.expect("a start");
    let authority = std::fs::read(&simulator.addresses().ca_file).expect("a file");
    let sample = simulator.sample("healthy").expect("a sample").clone();
    let visitor = Visitor::new(&simulator).await;
    let token = visitor.ticket(&typed(&sample)).await;
    let path = format!("/users/{}/contacts", sample.test_mailbox);
    let (status, _) = visitor.graph(&token, Method::POST, &path, Some(a_contact())).await;
    assert_eq!(status, 201);
    let kept = simulator.mailbox_items(&sample.test_mailbox);
    simulator.shutdown().await;

    let again = start(hands.settings(&folder.0)).await.expect("a second start");
    assert_eq!(std::fs::read(&again.addresses().ca_file).expect("a file"), authority);
    assert_eq!(again.mailbox_items(&sample.test_mailbox), kept);
    assert_eq!(kept.left_behind().len(), 1);
    let visitor = Visitor::new(&again).await;
    let (status, body) = visitor.get(&token, &path).await;
    assert_eq!((status.as_u16(), &body["error"]["code"]), (401, &json!("InvalidAuthenticationToken")));
    again.shutdown().await;
    use std::os::unix::fs::PermissionsExt;
    let key = std::fs::metadata(folder.0.join("ca-key.pem")).expect("a key");
    assert_eq!(key.permissions().mode() & 0o777, 0o600);
}

#[tokio::test]
async fn damaged_files_and_foreign_addresses_stop_a_start_with_a_sentence() {
    let (hands, folder) = (Hands::new(), Folder::new());
    std::fs::create_dir_all(&folder.0).expect("a folder");
    std::fs::write(folder.0.join("mailboxes.json"), "{\"mailboxes\": 7").expect("written");
    let damaged = start(hands.settings(&folder.0)).await.err().expect("refused").to_string();
    assert!(damaged.contains("mailboxes.json is damaged") && damaged.contains("Delete it"), "{damaged}");
    std::fs::remove_file(folder.0.join("mailboxes.json")).expect("removed");
    std::fs::write(folder.0.join("ca.pem"), "nothing").expect("written");
    let alone = start(hands.settings(&folder.0)).await.err().expect("refused").to_string();
    assert!(alone.contains("ca.pem is damaged (its key ca-key.pem is missing)"), "{alone}");
    std::fs::remove_file(folder.0.join("ca.pem")).expect("removed");

    let mut settings = hands.settings(&folder.0);
    settings.control = Some("0.0.0.0:0".parse().expect("an address"));
    assert!(matches!(start(settings).await, Err(StartError::NotLoopback(_))));
    let mut settings = hands.settings(&folder.0);
    settings.scenarios = Scenarios::Text("[[tenant]]\nname = 1\n".into());
    assert!(matches!(start(settings).await, Err(StartError::Scenario { line: 2, .. })));
}

#[tokio::test]
async fn a_scenario_file_adds_tenants_of_ones_own() {
    let (hands, folder) = (Hands::new(), Folder::new());
    std::fs::create_dir_all(&folder.0).expect("a folder");
    let file = folder.0.join("mine.toml");
    let text = r#"
        [[tenant]]
        name = "mine"
        title = "A tenant of my own"
        domain = "mine.example"
        id = "11111111-2222-4333-8444-555555555555"
        company = "Mine Realty"
        person = "Myself"
        sample = { verdict = "failed", cause = "graph_transient", mailbox = "me" }
        [[tenant.app]]
        name = "MyApp"
        secret = "my-own-secret-of-the-right-length-000000"
        [[tenant.mailbox]]
        name = "me"
        contacts = 0
        [[tenant.fault]]
        operation = "calendar_view"
        fault = { status = { code = 500, headers = { X-Mine = "1" }, body = '{"error":{"code":"UnknownError"}}' } }
    "#;
    std::fs::write(&file, text).expect("written");
    let mut settings = hands.settings(&folder.0);
    settings.scenarios = Scenarios::File(file);
    let simulator = start(settings).await.expect("a start");
    let sample = simulator.sample("mine").expect("a sample");
    assert_eq!(sample.tenant_id, "11111111-2222-4333-8444-555555555555");
    assert_eq!(sample.test_mailbox, "me@mine.example");
    let visitor = Visitor::new(&simulator).await;
    assert_eq!(first_refusal(&visitor, &typed(sample)).await.as_deref(), Some("calendar: 500 UnknownError"));
    assert!(look_up(&simulator, "mine.example", RecordType::A).await.is_ok());
    assert_eq!(first_refusal(&visitor, &typed(simulator.sample("healthy").expect("a sample"))).await, None);
}

#[tokio::test]
async fn both_versions_of_http_are_spoken_and_connections_are_kept() {
    let stage = stage().await;
    let old = Visitor::with(&stage.simulator, reqwest::ClientBuilder::http1_only).await;
    let new = Visitor::new(&stage.simulator).await;
    for (visitor, version) in [(old, reqwest::Version::HTTP_11), (new, reqwest::Version::HTTP_2)] {
        for _ in 0..3 {
            let url =
                "https://login.microsoftonline.com/lakeshore.example/v2.0/.well-known/openid-configuration";
            let response = visitor.client.get(url).send().await.expect("an answer");
            assert_eq!((response.status().as_u16(), response.version()), (200, version));
            response.bytes().await.expect("a body");
        }
    }
    // A fault that hits new connections only is not met by one that was kept.
    let kept = Visitor::new(&stage.simulator).await;
    let credential = typed(stage.simulator.sample("healthy").expect("a sample"));
    kept.token(&credential).await;
    stage.simulator.inject(Target::Host("login.microsoftonline.com".into()), Fault::HandshakeClose, ALWAYS);
    assert_eq!(kept.token(&credential).await.0, 200);
}

#[tokio::test]
async fn other_programs_reach_it_through_the_control_endpoint() {
    let (hands, folder) = (Hands::new(), Folder::new());
    let mut settings = hands.settings(&folder.0);
    settings.control = Some("127.0.0.1:0".parse().expect("an address"));
    let simulator = start(settings).await.expect("a start");
    let visitor = Visitor::new(&simulator).await;
    let base = format!("http://{}", simulator.addresses().control.as_deref().expect("an address"));
    let get = async |path: &str| {
        let response = visitor.client.get(format!("{base}{path}")).send().await.expect("an answer");
        response.json::<serde_json::Value>().await.expect("JSON")
    };
    assert_eq!(get("/addresses").await["dns"], json!(simulator.addresses().dns));
    let samples = get("/samples").await;
    assert_eq!(samples.as_array().map(Vec::len), Some(simulator.samples().len()));

    let fault = json!({"target": {"operation": "contacts_list"}, "fault": {"throttled": "7"}, "times": 1});
    let planned = visitor.client.post(format!("{base}/faults")).json(&fault).send().await.expect("an answer");
    assert_eq!(planned.status(), 204);
    let sample = simulator.sample("healthy").expect("a sample");
    let token = visitor.ticket(&typed(sample)).await;
    let path = format!("/users/{}/contacts", sample.test_mailbox);
    assert_eq!(visitor.get(&token, &path).await.0, 429);
    assert_eq!(visitor.get(&token, &path).await.0, 200);
    assert_eq!(get("/requests").await[1]["status"], 429);
    assert!(get(&format!("/mailboxes/{}", sample.test_mailbox)).await["contacts"].is_array());

    let heal = json!({"tenant": "waiting"});
    let healed = visitor.client.post(format!("{base}/heal")).json(&heal).send().await.expect("an answer");
    assert_eq!(healed.status(), 204);
    assert_eq!(first_refusal(&visitor, &typed(simulator.sample("waiting").expect("a sample"))).await, None);
    let page = visitor.client.get(format!("{base}/samples")).header("origin", "https://evil.example");
    assert_eq!(page.send().await.expect("an answer").status(), 403);
    let renamed = visitor.client.get(format!("{base}/samples")).header("host", "evil.example");
    assert_eq!(renamed.send().await.expect("an answer").status(), 403);
}

#[tokio::test]
async fn a_test_can_wait_for_a_request_instead_of_asking_again_and_again() {
    let stage = stage().await;
    let visitor = Visitor::new(&stage.simulator).await;
    let sample = stage.simulator.sample("healthy").expect("a sample");
    let credential = typed(sample);
    let (seen, _) = tokio::join!(
        stage.simulator.wait_for(|seen| seen.operation == Operation::Token),
        visitor.token(&credential),
    );
    assert_eq!((seen.host.as_str(), seen.status), ("login.microsoftonline.com", Some(200)));
    stage.simulator.clear_requests();
    assert!(stage.simulator.requests().is_empty());
    stage.simulator.set_latency(Duration::from_millis(120));
    let begun = std::time::Instant::now();
    visitor.token(&credential).await;
    assert!(begun.elapsed() >= Duration::from_millis(120));
}
