//! People, Calendar and Gmail: what they keep, what they tell again, and how they refuse.

use std::time::Duration;

use super::caller::{Caller, EVENTS, GMAIL, NOON, PEOPLE, a_contact, an_event, raw, reason};
use crate::simulator::visitor::stage;
use reqwest::Method;
use serde_json::{Value, json};

const LIST: &str = "https://people.googleapis.com/v1/people/me/connections?personFields=names,metadata";

#[tokio::test]
async fn contacts_page_to_their_end_and_go_on_from_there() {
    let stage = stage().await;
    let caller = Caller::of(&stage.simulator, "google-healthy-large").await;
    let token = caller.token("contacts").await;
    let (mut url, mut names, mut pages) = (format!("{LIST}&requestSyncToken=true"), Vec::new(), 0);
    let sync = loop {
        let (status, page) = caller.get(&token, &url).await;
        assert_eq!((status, &page["totalPeople"]), (200, &json!(230)), "{page}");
        pages += 1;
        names.extend(
            page["connections"].as_array().expect("people").iter().map(|one| one["resourceName"].clone()),
        );
        match page["nextPageToken"].as_str() {
            Some(next) => url = format!("{LIST}&requestSyncToken=true&pageToken={next}"),
            None => break page["nextSyncToken"].as_str().expect("a sync token").to_owned(),
        }
    };
    assert_eq!((names.len(), pages), (230, 3));
    names.dedup();
    assert_eq!(names.len(), 230);

    let create = format!("{PEOPLE}/people:createContact");
    let (_, made) = caller.call(&token, Method::POST, &create, Some(a_contact())).await;
    let name = made["resourceName"].as_str().expect("a name").to_owned();
    assert_eq!(made["names"][0]["displayName"], "MoxiEngage Connection test");
    let (_, changed) = caller.get(&token, &format!("{LIST}&syncToken={sync}")).await;
    assert_eq!(changed["connections"][0]["resourceName"], json!(name));
    let sync = changed["nextSyncToken"].as_str().expect("a sync token");
    assert_eq!(stage.simulator.mailbox_items(&caller.mailbox).left_behind().len(), 1);
    let gone = caller.call(&token, Method::DELETE, &format!("{PEOPLE}/{name}:deleteContact"), None).await;
    assert_eq!(gone, (200, json!({})));
    let (_, changed) = caller.get(&token, &format!("{LIST}&syncToken={sync}")).await;
    assert_eq!(changed["connections"][0]["metadata"]["deleted"], true, "{changed}");
    let again = caller.call(&token, Method::DELETE, &format!("{PEOPLE}/{name}:deleteContact"), None).await;
    assert_eq!((again.0, &again.1["error"]["status"]), (404, &json!("NOT_FOUND")));

    let (_, part) = caller
        .get(&token, &format!("{LIST}&pageSize=2&fields=connections(resourceName),nextPageToken"))
        .await;
    assert_eq!(part["connections"][0].as_object().map(serde_json::Map::len), Some(1), "{part}");
    assert!(part["nextPageToken"].is_string() && part["totalPeople"].is_null(), "{part}");
    let (status, body) = caller.get(&token, &format!("{PEOPLE}/people/me/connections")).await;
    assert_eq!((status, &body["error"]["status"]), (400, &json!("INVALID_ARGUMENT")));
    assert!(
        body["error"]["message"]
            .as_str()
            .is_some_and(|text| text.starts_with("personFields mask is required."))
    );

    stage.hands.advance(Duration::from_secs(3600));
    let (status, body) = caller.get(&token, LIST).await;
    assert_eq!((status, reason(&body).as_str()), (401, "ACCESS_TOKEN_EXPIRED"), "{body}");
    stage.hands.advance(Duration::from_secs(8 * 24 * 3600 - 3600));
    let claims = caller.claims(&["contacts"], Some(&caller.mailbox), "2026-11-29T09:00:00Z");
    let (_, fresh) = caller.hands_in(&caller.statement(&claims)).await;
    let fresh = fresh["access_token"].as_str().expect("a token");
    let (status, body) = caller.get(fresh, &format!("{LIST}&syncToken={sync}")).await;
    assert_eq!((status, reason(&body).as_str()), (400, "EXPIRED_SYNC_TOKEN"), "{body}");
}

#[tokio::test]
async fn a_calendar_keeps_what_is_written_and_tells_what_was_taken_away() {
    let stage = stage().await;
    let caller = Caller::of(&stage.simulator, "google-healthy").await;
    let token = caller.token("calendar").await;
    let (_, first) = caller.get(&token, &format!("{EVENTS}?maxResults=2")).await;
    assert_eq!(first["items"].as_array().map(Vec::len), Some(2), "{first}");
    assert_eq!(first["items"][0]["start"]["dateTime"], "2026-11-21T09:00:00Z");
    let next = first["nextPageToken"].as_str().expect("a further page");
    let (_, last) = caller.get(&token, &format!("{EVENTS}?maxResults=2&pageToken={next}")).await;
    let sync = last["nextSyncToken"].as_str().expect("a sync token");

    let (status, made) = caller.call(&token, Method::POST, EVENTS, Some(an_event())).await;
    assert_eq!(
        (status, &made["transparency"], &made["status"]),
        (200, &json!("transparent"), &json!("confirmed"))
    );
    let id = made["id"].as_str().expect("an id");
    let (_, same) = caller.get(&token, &format!("{EVENTS}/{id}")).await;
    assert_eq!(same["summary"], "safe to delete");
    let (_, changed) = caller.get(&token, &format!("{EVENTS}?syncToken={sync}")).await;
    assert_eq!(changed["items"][0]["id"], json!(id), "{changed}");
    let sync = changed["nextSyncToken"].as_str().expect("a sync token").to_owned();
    assert_eq!(
        caller.call(&token, Method::DELETE, &format!("{EVENTS}/{id}"), None).await,
        (204, Value::Null)
    );
    let (_, changed) = caller.get(&token, &format!("{EVENTS}?syncToken={sync}")).await;
    assert_eq!(
        (&changed["items"][0]["id"], &changed["items"][0]["status"]),
        (&json!(id), &json!("cancelled"))
    );
    let again = caller.call(&token, Method::DELETE, &format!("{EVENTS}/{id}"), None).await;
    assert_eq!((again.0, reason(&again.1).as_str()), (410, "deleted"));
    let never = caller.call(&token, Method::DELETE, &format!("{EVENTS}/abcdef"), None).await;
    assert_eq!((never.0, reason(&never.1).as_str()), (404, "notFound"));

    for (body, expected) in [
        (json!({"end": {"date": "2026-11-22"}}), (400, "required")),
        (
            json!({"start": {"dateTime": "2026-11-22T09:00:00"}, "end": {"date": "2026-11-22"}}),
            (400, "required"),
        ),
        (json!({"start": {"date": "2026-11-22"}, "end": {"date": "2026-11-21"}}), (400, "timeRangeEmpty")),
        (
            json!({"id": id, "start": {"date": "2026-11-22"}, "end": {"date": "2026-11-23"}}),
            (409, "duplicate"),
        ),
        (
            json!({"id": "Not An Id", "start": {"date": "2026-11-22"}, "end": {"date": "2026-11-23"}}),
            (400, "invalid"),
        ),
    ] {
        let heard = caller.call(&token, Method::POST, EVENTS, Some(body)).await;
        assert_eq!((heard.0, reason(&heard.1).as_str()), expected, "{}", heard.1);
    }
    let foreign = EVENTS.replace("primary", "outside%40beaconhill.example");
    assert_eq!(caller.get(&token, &foreign).await.0, 404);
    let narrow = format!("{EVENTS}?timeMin=2026-11-21T15:00:00Z&timeMax=2026-11-21T18:00:00Z");
    assert_eq!(caller.get(&token, &narrow).await.1["items"].as_array().map(Vec::len), Some(1));
    let stale = caller.get(&token, &format!("{EVENTS}?syncToken=cy45OS4wLjAuMA==")).await;
    assert_eq!((stale.0, reason(&stale.1).as_str()), (410, "fullSyncRequired"), "{}", stale.1);
    assert!(stage.simulator.mailbox_items(&caller.mailbox).left_behind().is_empty());
}

#[tokio::test]
async fn people_hear_of_an_entry_only_when_they_are_to() {
    let stage = stage().await;
    let caller = Caller::of(&stage.simulator, "google-healthy").await;
    let token = caller.token("calendar").await;
    let mut event = an_event();
    event["attendees"] = json!([{"email": "guest@elsewhere.example"}]);
    for how in ["", "?sendUpdates=none"] {
        assert_eq!(
            caller.call(&token, Method::POST, &format!("{EVENTS}{how}"), Some(event.clone())).await.0,
            200
        );
    }
    assert!(stage.simulator.sent_messages().is_empty());
    caller.call(&token, Method::POST, &format!("{EVENTS}?sendUpdates=all"), Some(event)).await;
    let sent = stage.simulator.sent_messages();
    assert_eq!((sent.len(), sent[0].to.as_slice()), (1, &["guest@elsewhere.example".to_owned()][..]));
}

#[tokio::test]
async fn gmail_sends_for_the_user_who_was_named_and_nobody_else() {
    let stage = stage().await;
    let caller = Caller::of(&stage.simulator, "google-healthy").await;
    let token = caller.token("gmail.send").await;
    let send = |user: &str| format!("{GMAIL}/{user}/messages/send");
    let heard =
        caller.call(&token, Method::POST, &send("me"), Some(raw("Subject: x\r\n\r\nTo: a@x.example"))).await;
    assert_eq!(heard.0, 400);
    assert_eq!(heard.1["error"]["errors"][0]["reason"], "invalidArgument");
    assert_eq!(heard.1["error"]["message"], "Recipient address required");
    let other = caller
        .call(&token, Method::POST, &send("outside%40beaconhill.example"), Some(raw("To: a@x.example")))
        .await;
    assert_eq!(
        (other.0, &other.1["error"]["message"]),
        (403, &json!("Delegation denied for agent@beaconhill.example"))
    );
    for body in [json!({}), json!({"raw": "%%%"})] {
        assert_eq!(caller.call(&token, Method::POST, &send("me"), Some(body)).await.0, 400);
    }
    let settings = caller.get(&token, &format!("{GMAIL}/me/settings/sendAs")).await;
    assert_eq!((settings.0, reason(&settings.1).as_str()), (403, "insufficientPermissions"));
    assert!(stage.simulator.sent_messages().is_empty());
    let mail = raw("To: A <a@x.example>\r\nCc: b@x.example\r\nSubject: hello\r\n\r\nwords");
    let heard = caller.call(&token, Method::POST, &send("agent%40beaconhill.example"), Some(mail)).await;
    assert_eq!((heard.0, &heard.1["labelIds"]), (200, &json!(["SENT"])));
    let sent = stage.simulator.sent_messages();
    assert_eq!((sent[0].to.len(), sent[0].subject.as_str()), (2, "hello"));
}

#[tokio::test]
async fn without_a_person_the_account_has_its_own_contacts_and_no_mail() {
    let stage = stage().await;
    let caller = Caller::of(&stage.simulator, "google-key-healthy").await;
    let alone = async |scope: &str| {
        let claims = caller.claims(&[scope], None, NOON);
        let (_, body) = caller.hands_in(&caller.statement(&claims)).await;
        body["access_token"].as_str().expect("a token").to_owned()
    };
    let token = alone("contacts").await;
    assert_eq!(caller.people(&token).await, (200, json!({})));
    caller.call(&token, Method::POST, &format!("{PEOPLE}/people:createContact"), Some(a_contact())).await;
    assert!(stage.simulator.mailbox_items(&caller.mailbox).contacts.is_empty(), "not in the user's mailbox");
    let account = caller.claims(&["contacts"], None, NOON)["iss"].as_str().expect("an address").to_owned();
    assert_eq!(stage.simulator.mailbox_items(&account).left_behind().len(), 1);
    let token = alone("gmail.send").await;
    let probe = Some(raw("Subject: x\r\n\r\n"));
    let heard = caller.call(&token, Method::POST, &format!("{GMAIL}/me/messages/send"), probe).await;
    assert_eq!((heard.0, reason(&heard.1).as_str()), (400, "failedPrecondition Precondition check failed."));
}

#[tokio::test]
async fn each_api_refuses_in_its_own_shape() {
    let stage = stage().await;
    let caller = Caller::of(&stage.simulator, "google-healthy").await;
    let calendar = caller.token("calendar").await;
    let (status, body) = caller.people(&calendar).await;
    assert_eq!((status, &body["error"]["errors"]), (403, &Value::Null), "People has no older list");
    assert_eq!(body["error"]["details"][0]["reason"], "ACCESS_TOKEN_SCOPE_INSUFFICIENT");
    let (status, body) = caller.get("ya29.nothing", EVENTS).await;
    assert_eq!((status, &body["error"]["status"]), (401, &json!("UNAUTHENTICATED")));
    assert_eq!(body["error"]["errors"][0]["reason"], "authError");
    let response = caller.visitor.client.get(EVENTS).send().await.expect("an answer");
    assert_eq!(response.status(), 401);
    assert!(response.headers().contains_key("www-authenticate"));
    let (status, body) = caller.get(&calendar, "https://www.googleapis.com/drive/v3/files").await;
    assert_eq!(status, 404);
    assert!(body.as_str().is_some_and(|page| page.starts_with("<!DOCTYPE html>")), "{body}");
    let off = Caller::of(&stage.simulator, "google-calendar-off").await;
    let (_, body) = off.get(&off.token("calendar").await, EVENTS).await;
    assert_eq!(
        body,
        json!({"error": {
            "code": 403,
            "message": "The user must be signed up for Google Calendar.",
            "errors": [{
                "domain": "calendar",
                "reason": "notACalendarUser",
                "message": "The user must be signed up for Google Calendar.",
            }],
        }})
    );
    let disabled = Caller::of(&stage.simulator, "google-key-api-disabled").await;
    let (_, body) = disabled.get(&disabled.token("calendar").await, EVENTS).await;
    let details = body["error"]["details"].as_array().expect("details");
    assert_eq!(details[1]["metadata"]["service"], "calendar-json.googleapis.com");
    assert!(
        details[1]["metadata"]["consumer"].as_str().is_some_and(|consumer| consumer.starts_with("projects/"))
    );
}
