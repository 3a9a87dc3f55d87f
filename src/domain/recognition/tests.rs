use super::*;

fn domain() -> MailDomain {
    MailDomain::parse("lakeshore.example").expect("a domain")
}

fn mail_at(hosts: &[&str]) -> Seen {
    Seen { mail_hosts: hosts.iter().map(|host| (*host).to_owned()).collect(), ..Seen::default() }
}

fn system(seen: &Seen) -> (MailSystem, bool) {
    let recognised = recognise(&domain(), seen);
    (recognised.system, recognised.sure)
}

#[test]
fn where_the_mail_goes_decides() {
    let microsoft = mail_at(&["lakeshore-example.mail.protection.outlook.com"]);
    assert_eq!(system(&microsoft), (MailSystem::Microsoft365, true));
    assert_eq!(system(&mail_at(&["smtp.google.com"])), (MailSystem::GoogleWorkspace, true));
    assert_eq!(system(&mail_at(&["mx1.emailsrvr.com"])), (MailSystem::Hosted("Rackspace"), true));
    // The mail counts more than a tenant that nobody uses for it.
    let google = Seen { tenant: Some("x".to_owned()), ..mail_at(&["smtp.google.com"]) };
    assert_eq!(system(&google), (MailSystem::GoogleWorkspace, true));
}

#[test]
fn behind_a_filter_outlook_knows_the_way() {
    let filtered = mail_at(&["us-smtp-inbound-1.mimecast.com"]);
    assert_eq!(system(&filtered), (MailSystem::Unknown, false));
    assert_eq!(recognise(&domain(), &filtered).filter, Some("Mimecast"));
    let alias = Seen { autodiscover_alias: Some("autodiscover.outlook.com".to_owned()), ..filtered.clone() };
    assert_eq!(system(&alias), (MailSystem::Microsoft365, false));
    let service =
        Seen { autodiscover_service: Some("mail.lakeshore.example".to_owned()), ..filtered.clone() };
    assert_eq!(system(&service), (MailSystem::OwnServer, false));
    let tenant = Seen { tenant: Some("x".to_owned()), ..filtered.clone() };
    assert_eq!(system(&tenant), (MailSystem::Microsoft365, false));
    let sender = Seen { senders: vec!["_spf.google.com".to_owned()], ..filtered };
    assert_eq!(system(&sender), (MailSystem::GoogleWorkspace, false));
}

#[test]
fn a_server_of_ones_own_is_told_by_its_names() {
    let own = mail_at(&["mail.lakeshore.example"]);
    assert_eq!(system(&own), (MailSystem::OwnServer, false));
    let hybrid = Seen { autodiscover_answers: true, tenant: Some("x".to_owned()), ..own.clone() };
    let recognised = recognise(&domain(), &hybrid);
    assert_eq!((recognised.system, recognised.also_tenant), (MailSystem::OwnServer, true));
    // With nothing that leads Outlook to it, a tenant is the better guess.
    let moved = Seen { tenant: Some("x".to_owned()), ..own };
    assert_eq!(system(&moved), (MailSystem::Microsoft365, false));
    // An address under every name is no sign by itself.
    let wildcard = Seen { autodiscover_answers: true, ..mail_at(&["mx.elsewhere.example"]) };
    assert_eq!(system(&wildcard), (MailSystem::Unknown, false));
}

#[test]
fn a_reseller_is_told_by_who_may_send() {
    let senders = vec!["secureserver.net".to_owned(), "spf.protection.outlook.com".to_owned()];
    let bought = Seen { senders, ..mail_at(&["lakeshore-example.mail.protection.outlook.com"]) };
    let recognised = recognise(&domain(), &bought);
    assert_eq!((recognised.system, recognised.reseller), (MailSystem::Microsoft365, Some("GoDaddy")));
}

#[test]
fn a_kind_is_suggested_that_leads_there_and_has_a_future() {
    let recognised = recognise(&domain(), &mail_at(&["lakeshore-example.mail.protection.outlook.com"]));
    assert_eq!(recognised.suggested(AccessKind::ALL), Some(AccessKind::GraphCertificate));
    assert_eq!(
        recognised.suggested(&[AccessKind::EwsSecret, AccessKind::GraphSecret]),
        Some(AccessKind::GraphSecret)
    );
    assert_eq!(recognised.suggested(&[AccessKind::EwsSecret, AccessKind::GoogleDelegated]), None);
    let google = recognise(&domain(), &mail_at(&["smtp.google.com"]));
    assert_eq!(google.suggested(AccessKind::ALL), Some(AccessKind::GoogleDelegated));
    let hosted = recognise(&domain(), &mail_at(&["smtp.secureserver.net"]));
    assert_eq!(hosted.suggested(AccessKind::ALL), None);
}

proptest::proptest! {
    #[test]
    fn whatever_was_seen_is_recognised_as_something(
        hosts in proptest::collection::vec("[a-z.-]{0,40}", 0..4),
        alias in proptest::option::of("[a-z.-]{0,40}"),
        service in proptest::option::of("[a-z.-]{0,40}"),
        senders in proptest::collection::vec("[a-z._-]{0,40}", 0..4),
        (tenant, answers) in (proptest::option::of("[0-9a-f-]{36}"), proptest::bool::ANY),
    ) {
        let seen = Seen {
            mail_hosts: hosts, autodiscover_alias: alias, autodiscover_service: service, senders,
            autodiscover_answers: answers, tenant, silent: false,
        };
        let recognised = recognise(&domain(), &seen);
        if let Some(kind) = recognised.suggested(AccessKind::ALL) {
            proptest::prop_assert!(recognised.system.fits(kind));
        }
    }
}
