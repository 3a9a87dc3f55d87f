//! The outbox through the front door: what of a mail our own people see, what they never see, and a mail that is sent once
//! more.

use moxi_onboard::{
    actions::invite_admin::{TypedInvitation, invite_admin},
    domain::{connection::State, mail::MailKind, staff::StaffRole},
};

use super::pages::both;
use crate::{databases::on_both, office::fresh_key, running::Submission, world::Page};

fn body_of(message: &[u8]) -> String {
    String::from_utf8_lossy(message).split_once("\r\n\r\n").expect("a body").1.to_owned()
}

/// The policy of an answer.
fn policy(page: &Page) -> String {
    page.headers["content-security-policy"].to_str().expect("plain").to_owned()
}

on_both! {
    async fn a_mail_is_seen_as_it_was_sent_and_sent_once_more(database) {
        let (portal, site, lab) = both(database).await;
        let worker = portal.worker();
        let sample = lab.sample("roles-arrive-later");
        let scope = portal.office(&sample.tenant_domain).await;
        let of: Submission = portal.submit(&scope, &sample).await;
        portal.until("it failed", async || {
            (portal.standing(&of).await.0.state == State::Failed).then_some(())
        }).await;
        let failed = async || {
            let sent = portal.mails.sent();
            sent.into_iter().filter(|mail| mail.kind == MailKind::Failed).collect::<Vec<_>>()
        };
        portal.until("its mail was handed over", async || (failed().await.len() == 1).then_some(())).await;
        let dana = site.colleague("Dana Reyes", &[StaffRole::Reviewer]).await;
        portal.until("it is noted", async || {
            dana.opens("/mails?state=accepted").await.says("Not connected yet").then_some(())
        }).await;
        let list = dana.opens("/mails").await;
        for words in ["Accepted", "Lakeshore Realty", "@"] {
            list.must_say(words);
        }
        let page = dana.opens(&list.link("Not connected: ")).await;
        assert!(policy(&page).contains("frame-src 'self'"), "{}", policy(&page));
        let html = dana.opens(&page.link("The HTML part by itself")).await;
        assert_eq!(policy(&html), "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'");
        let sent = failed().await.remove(0);
        let read = moxi_onboard::notify::parts::parts(&sent.message).expect("a mail of ours");
        assert_eq!(html.source, read.html, "what is shown is what was sent");
        page.must_say(&read.subject);
        let shown = page.html().inside("pre").expect("the text");
        assert_eq!(shown.split_whitespace().collect::<Vec<_>>(), read.text.split_whitespace().collect::<Vec<_>>());

        let form = page.form_with("reason");
        let refused = dana.posts(&form).await;
        assert_eq!(refused.status, 422);
        refused.must_say("Choose a reason");
        let form = form.with("reason", "not_come");
        let new = dana.sends(&form).await;
        new.must_say("Written once more, as the mail on this page. It goes out if what it tells is still so.");
        assert_ne!(new.url, page.url);
        let same = dana.sends(&form).await;
        assert_eq!(same.url, new.url, "the same form twice is one mail");
        portal.until("it was handed over once more", async || (failed().await.len() == 2).then_some(())).await;
        let again = failed().await.remove(1);
        assert_eq!(body_of(&again.message), body_of(&sent.message), "the same words to the last byte");
        assert_ne!(again.message, sent.message, "and a mail of its own");
        let page = dana.opens(&page.url).await;
        page.must_say("Sent once more");
        page.must_say("by Dana Reyes");
        dana.opens("/mails?state=accepted").await.must_say("sent once more");

        let ada = site.colleague("Ada Byrne", &[StaffRole::Auditor]).await;
        let hers = ada.opens(&page.url).await;
        assert!(!hers.html().forms().iter().any(|form| form.has("reason")), "an auditor changes nothing");
        let token = hers.form_that_says("Sign out").value("csrf").expect("a token").to_owned();
        assert_eq!(ada.posts(&form.with("csrf", &token)).await.status, 403);
        for unknown in ["/mails/mail_00000000000000000000000000", "/mails/x", "/mails?state=x", "/mails?kind=x", "/mails/kinds/x"] {
            assert_eq!(dana.opens(unknown).await.status, 404, "{unknown}");
        }
        worker.stop().await;
    }

    async fn the_list_is_narrowed_to_whom_what_and_when(database) {
        let (portal, site, _lab) = both(database).await;
        let dana = site.colleague("Dana Reyes", &[StaffRole::Reviewer]).await;
        let mia = crate::access::colleague(&portal.app, "Mia Chen", StaffRole::Reviewer).await;
        crate::access::colleague(&portal.app, "Noor Haddad", StaffRole::Reviewer).await;
        for (company, address) in [("Elm Realty", "ida@elm.example"), ("Elm & Oak", "tom@oak.example"), ("Fir Homes", "ada@fir.example")] {
            let typed = TypedInvitation {
                company: company.to_owned(),
                contact: "Ida Larsen".to_owned(),
                address: address.to_owned(),
                connection: None,
            };
            invite_admin(&portal.app, &mia, None, &typed, &fresh_key()).await.expect("invited");
        }
        // A need of a connection of one of them: a mail to our own people, listed with what it is about.
        let scope = crate::office::office(&portal.app, "lakeshore.example").await;
        let connection = portal.connection(&scope, "Main office").await;
        let worker = portal.worker();
        portal.until("we are told", async || (database.count("mails WHERE kind = 'staff_need' AND state = 'accepted'").await == 2).then_some(())).await;
        let page = dana.opens(&format!("/connections/{connection}")).await;
        page.must_say("Mail \"To accept: Lakeshore Realty, Main office\" to 2 of our people");
        assert_eq!(page.text().matches("Mail \"").count(), 1, "one line: {}", page.text());
        let sees = async |path: &str, found: &[&str]| {
            let page = dana.opens(path).await;
            for address in ["ida@elm.example", "tom@oak.example", "ada@fir.example", "mia@moxiworks.example"] {
                assert_eq!(page.source.contains(&format!("<div>{address}")), found.contains(&address), "{address} on {path}: {}", page.text());
            }
            page
        };
        let form = dana.opens("/mails").await.form_with("to");
        let page = dana.sends(&form.clone().with("to", "IDA@elm.example")).await;
        assert_eq!(page.url.split('?').next(), Some("/mails"));
        sees(&page.url, &["ida@elm.example"]).await;
        sees("/mails?to=oak.example", &["tom@oak.example"]).await;
        sees("/mails?to=@fir.example&kind=invitation", &["ada@fir.example"]).await;
        sees("/mails?to=fir.example&kind=failed", &[]).await;
        sees("/mails?to=nobody@fir.example", &[]).await;
        sees("/mails?brokerage=elm", &[]).await.must_say("Several brokerages are called that.");
        let page = dana.opens("/mails?brokerage=elm").await;
        sees(&page.link("Elm Realty"), &["ida@elm.example"]).await.must_say("Only those for Elm Realty.");
        sees("/mails?brokerage=FIR%20h", &["ada@fir.example"]).await;
        let page = sees("/mails?brokerage=Lakeshore", &["mia@moxiworks.example"]).await;
        page.must_say("To accept: Lakeshore Realty, Main office");
        page.must_say("LKS-0001");
        sees("/mails?kind=staff_need", &["mia@moxiworks.example"]).await;
        sees("/mails?kind=invitation&from=2026-11-21&until=2026-11-21", &["ida@elm.example", "tom@oak.example", "ada@fir.example"]).await;
        sees("/mails?from=2026-11-22", &[]).await;
        sees("/mails?until=2026-11-20", &[]).await;
        for (odd, says) in [("to=nobody%20at", "Enter a whole address"), ("from=yesterday", "Enter days as"), ("brokerage=zzz", "No brokerage has a name")] {
            sees(&format!("/mails?{odd}"), &[]).await.must_say(says);
        }
        assert_eq!(dana.opens("/mails?kind=x").await.status, 404);
        worker.stop().await;
    }

    async fn what_lets_somebody_in_is_never_seen(database) {
        let (portal, site, _lab) = both(database).await;
        let dana = site.colleague("Dana Reyes", &[StaffRole::Owner]).await;
        let scope = crate::review::staff(database, 9, "Omar Haddad", StaffRole::Reviewer).await;
        let typed = TypedInvitation {
            company: "Elm Realty".to_owned(),
            contact: "Ida Berg".to_owned(),
            address: "ida@elm.example".to_owned(),
            connection: None,
        };
        invite_admin(&portal.app, &scope, None, &typed, &fresh_key()).await.expect("invited");
        let worker = portal.worker();
        let invitations = async || {
            portal.mails.sent().into_iter().filter(|mail| mail.kind == MailKind::Invitation).collect::<Vec<_>>()
        };
        portal.until("the invitation left", async || (invitations().await.len() == 1).then_some(())).await;
        worker.stop().await;
        let sent = moxi_onboard::notify::parts::parts(&invitations().await[0].message).expect("ours");
        let token = sent.text.split_once("/invitation/").expect("a link").1;
        let token: String = token.chars().take_while(|letter| !letter.is_whitespace()).collect();
        let page = dana.opens(&dana.opens("/mails").await.link("Invitation")).await;
        let html = dana.opens(&page.link("The HTML part by itself")).await;
        assert!(token.len() > 20 && !page.source.contains(&token) && !html.source.contains(&token));
        page.must_say("is not shown here");
        assert!(!page.html().forms().iter().any(|form| form.has("reason")));
    }

    async fn each_kind_of_mail_is_there_with_invented_names(database) {
        let (_portal, site, _lab) = both(database).await;
        let ada = site.colleague("Ada Byrne", &[StaffRole::Auditor]).await;
        let list = ada.opens("/mails/kinds").await;
        for kind in MailKind::ALL {
            let page = ada.opens(&format!("/mails/kinds/{}", kind.as_str())).await;
            assert_eq!(page.status, 200, "{kind:?}");
            let html = ada.opens(&page.link("The HTML part by itself")).await;
            assert!(policy(&html).starts_with("sandbox;"), "{kind:?}");
        }
        list.must_say("Kinds of mail");
        let nobody = site.visitor().opens_once("/mails/kinds").await;
        assert_eq!(nobody.status, 303);
    }
}
