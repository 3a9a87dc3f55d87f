//! Whether a process can work, and how all stands: what a load balancer and Prometheus read.

use std::time::Duration;

use moxi_onboard::{
    actions::invite_admin::{TypedInvitation, invite_admin},
    domain::{connection::State, staff::StaffRole},
};
use reqwest::Method;

use crate::{
    databases::on_both,
    office::fresh_key,
    review::{pages::both, staff},
    staff_site::StaffSite,
};

async fn asks(site: &StaffSite, path: &str) -> (u16, String) {
    let answer = site.visitor().request(Method::GET, path).send().await.expect("an answer");
    (answer.status().as_u16(), answer.text().await.expect("a text"))
}

on_both! {
    async fn readiness_says_what_is_wrong_and_only_a_lost_database_takes_it_away(database) {
        let (portal, site, _lab) = both(database).await;
        let (status, said) = asks(&site, "/readyz").await;
        assert_eq!((status, said.as_str()), (200, "ready, but\nworker: none has ever started\n"));
        let worker = portal.worker();
        portal.until("a worker was seen", async || (asks(&site, "/readyz").await.1 == "ready\n").then_some(())).await;
        worker.stop().await;
        // A mail that nobody hands over, and its line of the audit that nobody seals: there is no key here.
        let dana = staff(database, 9, "Dana Reyes", StaffRole::Reviewer).await;
        let typed = TypedInvitation {
            company: "Elm Realty".to_owned(),
            contact: "Ida Berg".to_owned(),
            address: "ida@elm.example".to_owned(),
            connection: None,
        };
        invite_admin(&portal.app, &dana, None, &typed, &fresh_key()).await.expect("invited");
        assert_eq!(asks(&site, "/readyz").await.1, "ready\n", "all of it is a moment old");
        portal.app.clock.advance(Duration::from_secs(11 * 60));
        let (status, said) = asks(&site, "/readyz").await;
        assert_eq!(status, 200, "the site answers all the same");
        for trouble in ["worker: none has taken a job for 6", "mails: a mail has not been taken for 660 s", "audit: a line has not been sealed for 660 s"] {
            assert!(said.contains(trouble), "{trouble} in {said}");
        }
        assert!(!said.contains("Elm") && !said.contains('@'), "{said}");
        portal.app.store.close().await;
        let (status, said) = asks(&site, "/readyz").await;
        assert_eq!((status, said.as_str()), (503, "the database is away\n"));
        assert_eq!(asks(&site, "/livez").await.0, 200);
        let (status, numbers) = asks(&site, "/metrics").await;
        assert_eq!(status, 200, "what the process counted itself is told all the same");
        assert!(numbers.contains("moxi_jobs_total{kind=\"sweep\""), "{numbers}");
        assert!(!numbers.contains("moxi_audit_head") && !numbers.contains("_oldest_"), "nothing was read: {numbers}");
    }

    async fn what_was_done_and_what_waits_stands_in_the_metrics(database) {
        let (portal, site, lab) = both(database).await;
        let sample = lab.sample("healthy");
        let scope = portal.office(&sample.tenant_domain).await;
        let of = portal.submit(&scope, &sample).await;
        let waits = asks(&site, "/metrics").await.1;
        for line in ["moxi_jobs_open{kind=\"run_check\",state=\"due\"} 1", "moxi_mails_open{state=\"pending\"}"] {
            assert!(waits.contains(line), "{line} in\n{waits}");
        }
        let worker = portal.worker();
        portal.settles(&of, State::Verified, None).await;
        let taken = "moxi_mails_total{kind=\"verified\",outcome=\"accepted\"} 1";
        portal.until("its mail is counted", async || asks(&site, "/metrics").await.1.contains(taken).then_some(())).await;
        let done = asks(&site, "/metrics").await.1;
        for line in [
            "moxi_checks_total{kind=\"graph_secret\",verdict=\"passed",
            "moxi_jobs_total{kind=\"run_check\",outcome=\"done\"} 1",
            "moxi_jobs_open{kind=\"sweep\",state=\"waiting\"} 1",
            "moxi_audit_unsealed ",
        ] {
            assert!(done.contains(line), "{line} in\n{done}");
        }
        for never in ["@", "con_", "Lakeshore", sample.tenant_id.as_str(), sample.test_mailbox.as_str()] {
            assert!(!done.contains(never), "{never} in\n{done}");
        }
        worker.stop().await;
    }
}
