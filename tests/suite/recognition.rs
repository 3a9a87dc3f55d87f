//! Which mail system a domain has: what the page of a new connection says, how a worker came to it, and what it costs.

use moxi_onboard::{
    actions::recognise::{Look, ask_recognition, known},
    domain::{address::MailDomain, refused::Refused, scope::Scope},
    simulator::{Fault, Target},
};

use crate::{
    databases::on_both,
    flow_pages::Browser,
    office::{office, portal_with},
    running::Portal,
    verification::lab::Lab,
};

fn domain(name: &str) -> MailDomain {
    MailDomain::parse(name).expect("a domain")
}

/// Presses "Look it up" and waits until the worker has looked.
async fn looks_up(portal: &Portal, person: &mut Browser, scope: &Scope, name: &str) -> String {
    person.look("/connections/new").await;
    let sent = person.send("/connections/new/domain", &[("domain", name)]).await;
    assert_eq!(sent.status, 303, "{}", sent.body);
    let at = domain(name.rsplit('@').next().expect("a domain"));
    portal
        .until("the worker has looked", async || {
            let known = known(&portal.app, &scope.brokerage, &at).await.expect("read");
            matches!(known, Look::Done(_)).then_some(())
        })
        .await;
    person.look(&sent.location).await.body
}

fn chosen(page: &str) -> Option<&str> {
    let (before, _) = page.split_once(" checked")?;
    before.rsplit_once("value=\"")?.1.split('"').next()
}

on_both! {
    async fn each_mail_system_is_told_with_its_reasons_and_chosen(database) {
        let lab = Lab::open().await;
        let portal = Portal::open(database).await.with(lab.verifier());
        let office = portal.office("lakeshore.example").await;
        let mut person = Browser::of(&portal.app, &office).await;
        let worker = portal.worker();
        let (microsoft, google, own) =
            (lab.sample("healthy"), lab.sample("google-healthy"), lab.sample("exchange-healthy"));
        for (name, says, because, kind) in [
            (microsoft.tenant_domain.as_str(), "looks like Microsoft 365", ".mail.protection.outlook.com", Some("graph_certificate")),
            (google.tenant_domain.as_str(), "looks like Google Workspace", "goes to smtp.google.com", Some("google_delegated")),
            (own.tenant_domain.as_str(), "may be Exchange on your own server", "goes to mail.", Some("exchange_basic")),
            ("quailridge.example", "It seems to be bought from GoDaddy", "GoDaddy may send mail", Some("graph_certificate")),
            ("it@stonegate.example", "may be Microsoft 365", "Mimecast looks at it first", Some("graph_certificate")),
            ("cedarhollow.example", "hosted by GoDaddy", "goes to smtp.secureserver.net", None),
            ("willowbend.example", "cannot tell which mail system", "goes to mx.hosting.example", None),
            ("nobody-has-this.example", "cannot tell which mail system", "No mail server is named", None),
        ] {
            let page = looks_up(&portal, &mut person, &office, name).await;
            assert!(page.contains(says) && page.contains(because), "{name}: {page}");
            assert_eq!(chosen(&page), kind, "{name}");
        }
        worker.stop().await;
    }

    async fn a_domain_is_looked_at_once_a_day_and_no_secret_is_near(database) {
        let lab = Lab::open().await;
        let portal = Portal::open(database).await.with(lab.verifier());
        let office = portal.office("lakeshore.example").await;
        let mut person = Browser::of(&portal.app, &office).await;
        let worker = portal.worker();
        looks_up(&portal, &mut person, &office, "quailridge.example").await;
        for _ in 0..3 {
            looks_up(&portal, &mut person, &office, "Quailridge.example ").await;
        }
        worker.stop().await;
        assert_eq!(database.count("jobs WHERE kind = 'recognise_domain'").await, 1);
        let calls = lab.simulator.requests();
        assert_eq!(calls.len(), 1, "only Microsoft is asked, once: {calls:?}");
    }

    async fn silent_name_servers_leave_the_choice_to_the_admin(database) {
        let lab = Lab::open().await;
        lab.simulator.inject(Target::Name("quailridge.example".to_owned()), Fault::DnsSilence, u32::MAX);
        let portal = Portal::open(database).await.with(lab.verifier());
        let office = portal.office("lakeshore.example").await;
        let mut person = Browser::of(&portal.app, &office).await;
        let worker = portal.worker();
        let page = looks_up(&portal, &mut person, &office, "quailridge.example").await;
        assert!(page.contains("The name servers did not say where mail for quailridge.example goes"), "{page}");
        worker.stop().await;
    }

    async fn what_is_no_domain_of_an_office_is_said_and_kept(database) {
        let portal = Portal::open(database).await;
        let office = portal.office("lakeshore.example").await;
        let mut person = Browser::of(&portal.app, &office).await;
        for (typed, says) in [
            ("", "Enter the part behind the @"),
            ("<script>", "Enter the part behind the @"),
            ("127.0.0.1", "Enter the part behind the @"),
            ("pat@gmail.com", "mail for private persons"),
        ] {
            person.look("/connections/new").await;
            let refused = person.send("/connections/new/domain", &[("domain", typed)]).await;
            assert_eq!(refused.status, 422, "{typed}");
            assert!(refused.body.contains(says), "{typed}: {}", refused.body);
            assert!(!refused.body.contains("<script>"), "{}", refused.body);
        }
        assert_eq!(database.count("jobs WHERE kind = 'recognise_domain'").await, 0);
    }

    async fn nobody_looks_at_the_domains_of_the_world_nor_sees_what_others_looked_at(database) {
        let portal = Portal::open(database).await;
        let office = portal.office("lakeshore.example").await;
        for number in 0..20 {
            let asked = ask_recognition(&portal.app, &office, &format!("n{number}.example")).await;
            assert!(asked.is_ok(), "{number}: {asked:?}");
        }
        let refused = ask_recognition(&portal.app, &office, "one-more.example").await;
        assert!(matches!(refused, Err(Refused::TooMany(_))), "{refused:?}");
        let other = portal.office("harborpine.example").await;
        let seen = known(&portal.app, &other.brokerage, &domain("n1.example")).await.expect("read");
        assert_eq!(seen, Look::NotAsked);
        assert_eq!(known(&portal.app, &office.brokerage, &domain("n1.example")).await.expect("read"), Look::UnderWay);
    }

    async fn our_addresses_are_there_for_programs_and_tips_for_people(database) {
        let app = portal_with(database, "[about]\negress_addresses = [\"20.1.2.3\", \"20.1.2.4\"]\n", true).await;
        let scope = office(&app, "lakeshore.example").await;
        let mut person = Browser::of(&app, &scope).await;
        let told: serde_json::Value =
            serde_json::from_str(&person.look("/addresses.json").await.body).expect("JSON");
        assert_eq!(told, serde_json::json!({ "addresses": ["20.1.2.3", "20.1.2.4"] }));
        let tips = person.look("/tips").await.body;
        let anchors: Vec<&str> = tips.split("href=\"#").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        assert!(anchors.len() > 7, "{tips}");
        assert!(anchors.iter().all(|anchor| tips.contains(&format!("id=\"{anchor}\""))), "{anchors:?}");
    }
}
