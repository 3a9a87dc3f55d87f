//! What our own people write to an office: made of the diagnosis, looked at as it goes out, sent once.

use moxi_onboard::domain::{connection::State, mail::MailKind, staff::StaffRole};

use super::pages::both;
use crate::{
    databases::on_both,
    running::{Portal, Submission},
    verification::lab::Lab,
};

const SECRET: &str = "Xq18Q~Needle.In_The-Haystack0123456789abc";
const HOSTILE: &str = "Look:\n</pre></textarea><script>alert(1)</script>\n{{7*7}} <img src=x onerror=alert(2)>\n\n.\n> From Dana";

/// A submission whose check failed, and whose worker has ended.
async fn failed(portal: &Portal, lab: &Lab) -> Submission {
    let worker = portal.worker();
    let of = portal.newcomer(&lab.sample("secret-wrong")).await;
    portal.settles(&of, State::Failed, None).await;
    worker.stop().await;
    of
}

/// The one message that was mailed, as it went out.
async fn mailed(portal: &Portal) -> String {
    portal
        .until("the message went out", async || {
            let sent = portal.mails.sent();
            let message = sent.iter().find(|mail| mail.kind == MailKind::Message)?;
            Some(String::from_utf8_lossy(&message.message).into_owned())
        })
        .await
}

on_both! {
    async fn a_text_is_made_of_the_cause_looked_at_and_sent_once(database) {
        let (portal, site, lab) = both(database).await;
        let of = failed(&portal, &lab).await;
        let item = format!("/connections/{}", of.connection);
        let dana = site.colleague("Dana Reyes", &[StaffRole::Reviewer]).await;
        let page = dana.opens(&item).await;
        page.must_say("The office mends it.");
        let write = dana.opens(&page.link("Write to the office")).await;
        let form = write.form_with("message");
        let proposal = form.value("message").expect("a text").to_owned();
        for words in ["Hello,", "attempt 1", "What to do:", "1. ", "Dana Reyes, "] {
            assert!(proposal.contains(words), "{words} is not in {proposal}");
        }
        let typed = form.clone().with("message", &format!("{proposal}\nCall me if it does not work."));
        let preview = dana.sends(&typed).await;
        assert_eq!((preview.status.as_u16(), preview.heading().as_str()), (200, "Send this mail?"));
        for words in ["About your connection: ", "Call me if it does not work.", "What to do:", "See how it stands"] {
            preview.must_say(words);
        }
        assert_eq!(database.count("mails WHERE kind = 'message'").await, 0, "a look sends nothing");
        let html = dana.opens(&format!("{}/html", preview.url)).await;
        html.must_say("Call me if it does not work.");
        // What was written can be changed before it goes out.
        dana.opens(&preview.link("Change it")).await.must_say("Write to the office");
        let changed = dana.opens(&preview.link("Change it")).await.form_with("message");
        assert!(changed.value("message").is_some_and(|text| text.contains("Call me")), "{changed:?}");
        // The same form again is the same message; its key with another text is refused.
        assert_eq!(dana.sends(&typed).await.url, preview.url);
        let other = dana.posts(&typed.clone().with("message", "Something else")).await;
        assert_eq!(other.status, 422);
        other.must_say("This form was sent before with other content");

        let send = preview.form_that_says("Send it");
        let (one, two) = tokio::join!(dana.posts(&send), dana.posts(&send));
        assert_eq!((one.status.as_u16(), two.status.as_u16()), (303, 303), "{} {}", one.text(), two.text());
        assert_eq!(database.count("mails WHERE kind = 'message'").await, 1);
        assert_eq!(database.count("audit WHERE verb = 'message.send' AND actor = 'staff'").await, 1);
        let worker = portal.worker();
        let mail = mailed(&portal).await;
        worker.stop().await;
        assert!(mail.contains("Call me if it does not work.") && mail.contains("References:"), "{mail}");
        let page = dana.opens(&item).await;
        page.must_say("Wrote to the office");
        page.must_say("Mail \"About your connection: ");
        let over = dana.opens(&preview.url).await;
        assert!(!over.html().forms().iter().any(|form| form.says("Send it")), "it was sent");
    }

    async fn a_secret_a_stale_form_and_whoever_may_not_send_nothing(database) {
        let (portal, site, lab) = both(database).await;
        let of = failed(&portal, &lab).await;
        let write = format!("/connections/{}/messages", of.connection);
        let dana = site.colleague("Dana Reyes", &[StaffRole::Reviewer]).await;
        let form = dana.opens(&write).await.form_with("message");
        let refused = dana.posts(&form.clone().with("message", &format!("Use {SECRET} instead"))).await;
        assert_eq!(refused.status, 422);
        refused.must_say("This looked like a client secret");
        assert!(!refused.source.contains(SECRET), "it is not shown again");
        for empty in ["", " \n "] {
            let refused = dana.posts(&form.clone().with("message", empty)).await;
            assert_eq!(refused.status, 422);
            refused.must_say("Enter what you write");
        }
        assert_eq!(dana.posts(&form.clone().with("message", &"x".repeat(2001))).await.status, 422);
        let stale = dana.posts(&form.clone().with("seen", "0").with("message", "Hello")).await;
        assert_eq!(stale.status, 409);
        stale.must_say("The connection changed since you began to write.");
        assert_eq!(database.count("messages").await, 0);

        let preview = dana.sends(&form.clone().with("message", "Hello")).await;
        // Nobody else opens or sends what she wrote, and an auditor writes to nobody.
        let lee = site.colleague("Lee Park", &[StaffRole::Support]).await;
        let ada = site.colleague("Ada Byrne", &[StaffRole::Auditor]).await;
        for path in [preview.url.clone(), format!("{}/html", preview.url)] {
            assert_eq!(lee.opens_once(&path).await.status, 404, "{path}");
            assert_eq!(ada.opens_once(&path).await.status, 403, "{path}");
        }
        assert_eq!(ada.opens_once(&write).await.status, 403);
        let send = preview.form_that_says("Send it");
        for (other, status) in [(&lee, 404), (&ada, 403)] {
            let token = other.opens("/account").await.form_that_says("Sign out").value("csrf").expect("a token").to_owned();
            assert_eq!(other.posts(&send.clone().with("csrf", &token)).await.status, status);
        }
        // What the text says is overtaken: the connection moved on after she wrote it.
        let again = dana.opens(&format!("/connections/{}", of.connection)).await.form_with("words");
        dana.sends(&again.with("reason", "our_side").with("words", "Only looking")).await;
        let late = dana.posts(&send).await;
        assert_eq!(late.status, 409, "{}", late.text());
        late.must_say("The connection changed since you began to write.");
        assert_eq!(database.count("mails WHERE kind = 'message'").await, 0);
    }

    async fn a_hostile_text_stays_text(database) {
        let (portal, site, lab) = both(database).await;
        let of = failed(&portal, &lab).await;
        let dana = site.colleague("Dana Reyes", &[StaffRole::Reviewer]).await;
        let form = dana.opens(&format!("/connections/{}/messages", of.connection)).await.form_with("message");
        let preview = dana.sends(&form.with("message", HOSTILE)).await;
        preview.must_say("<script>alert(1)</script>");
        let html = dana.opens(&format!("{}/html", preview.url)).await;
        for page in [&preview, &html] {
            assert!(!page.source.contains("<script>alert") && !page.source.contains("<img src=x"), "{}", page.source);
        }
        assert!(html.headers["content-security-policy"].to_str().expect("text").contains("sandbox"));
        dana.sends(&preview.form_that_says("Send it")).await;
        let worker = portal.worker();
        let mail = mailed(&portal).await;
        worker.stop().await;
        let (_, html) = mail.split_once("text/html").expect("an HTML part");
        // A line of the mail may end anywhere.
        let html = html.replace("=\r\n", "").replace("=\n", "");
        assert!(html.contains("{{7*7}}") && !html.contains("<script>alert") && !html.contains("<img src"), "{mail}");
    }
}
