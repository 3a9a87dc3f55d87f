//! Forms: ours or not, readable or not, and what becomes of what was typed.

use super::world::World;

#[tokio::test]
async fn a_form_of_ours_is_taken_and_its_secret_is_not_kept() {
    let world = World::open().await;
    let mut visitor = world.visitor().await;
    let answer = visitor.send(&world, "/form", "company=Pine+%26+Oak&secret=hunter2&role=admin").await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert!(
        answer.body.starts_with("company=Pine & Oak kept=Pine & Oak secret=7 kept_secret=\"\" key=true"),
        "{}",
        answer.body
    );
    assert_eq!(world.sessions.count().await, 0, "anonymous visits write nothing");
}

#[tokio::test]
async fn the_fingerprint_tells_bodies_apart_but_not_secrets() {
    let world = World::open().await;
    let mut visitor = world.visitor().await;
    let mut print = async |fields: &str| {
        let body = visitor.send(&world, "/form", fields).await.body;
        body.split_once("print=").expect("print").1.to_owned()
    };
    let first = print("company=Pine&secret=hunter2").await;
    assert_eq!(print("secret=other&company=Pine").await, first);
    assert_ne!(print("company=Pin&secret=hunter2").await, first);
}

#[tokio::test]
async fn changes_come_only_from_our_own_pages() {
    let world = World::open().await;
    let visitor = world.visitor().await;
    let body = format!("csrf={}&company=x", visitor.token);
    let send = async |lines: &str| {
        let request = format!(
            "POST /form HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{lines}{}\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
            visitor.cookie_line(),
            body.len()
        );
        world.say(&request).await
    };
    for ours in [
        "Sec-Fetch-Site: same-origin\r\n",
        "Sec-Fetch-Site: none\r\n",
        "Origin: http://localhost\r\n",
        "Sec-Fetch-Site: same-origin\r\nOrigin: null\r\n",
    ] {
        assert_eq!(send(ours).await.status, 200, "{ours}");
    }
    for foreign in [
        "",
        "Sec-Fetch-Site: cross-site\r\n",
        "Sec-Fetch-Site: same-site\r\nOrigin: http://evil.localhost\r\n",
        "Sec-Fetch-Site: cross-site\r\nOrigin: http://localhost\r\n",
        "Origin: null\r\n",
        "Origin: http://evil.example\r\n",
        "Origin: https://localhost\r\n",
        "Referer: http://localhost/form\r\n",
        "Sec-Fetch-Site: cross-site\r\nX-HTTP-Method-Override: GET\r\n",
    ] {
        let answer = send(foreign).await;
        assert_eq!(answer.status, 403, "{foreign}");
        assert!(answer.body.contains("This did not come from our page"), "{foreign}");
    }
}

#[tokio::test]
async fn the_hidden_value_belongs_to_one_browser() {
    let world = World::open().await;
    let (mut visitor, other) = (world.visitor().await, world.visitor().await);
    assert_ne!(visitor.token, other.token);
    let first = visitor.token.clone();
    visitor.look(&world, "/form").await;
    assert_ne!(visitor.token, first, "masked anew on each page");
    let flipped: String = first.chars().rev().collect();
    for token in ["", "x", &other.token, &flipped, &first[..64], &format!("{first}00")] {
        let mut thief = visitor.clone();
        thief.token = token.to_owned();
        let answer = thief.send(&world, "/form", "company=Pine").await;
        assert_eq!(answer.status, 403, "{token}");
    }
    visitor.token = first;
    assert_eq!(
        visitor.send(&world, "/form", "company=Pine").await.status,
        200,
        "an older page's value still holds"
    );
    let mut tossed = visitor.clone();
    tossed.cookies.insert("a=1; __Host-visitor".to_owned(), "0".repeat(64));
    assert_eq!(
        tossed.send(&world, "/form", "company=Pine").await.status,
        403,
        "a planted second cookie counts for nothing"
    );
}

#[tokio::test]
async fn a_stale_form_keeps_what_was_typed_and_can_be_sent_again() {
    let world = World::open().await;
    let mut visitor = world.visitor().await;
    visitor.token = "0".repeat(128);
    let answer = visitor.send(&world, "/form", "company=%3Cb%3EPine&secret=hunter2").await;
    assert_eq!(answer.status, 403);
    assert!(answer.body.contains("Send your answers again"), "{}", answer.body);
    assert!(answer.body.contains("name=\"company\" value=\"&#60;b&#62;Pine\""), "{}", answer.body);
    assert!(!answer.body.contains("hunter2"), "{}", answer.body);
    // The visitor took the fresh value from that page.
    let again = visitor.send(&world, "/form", "company=%3Cb%3EPine").await;
    assert_eq!(again.status, 200);
}

#[tokio::test]
async fn forms_are_read_strictly() {
    let world = World::open().await;
    let mut visitor = world.visitor().await;
    let long = format!("company={}", "x".repeat(64 * 1024));
    let many: String = (0..100).map(|number| format!("f{number}=1&")).collect();
    for (fields, status) in [
        ("company=a&company=b", 422),
        ("company=a%00b", 422),
        ("company=%ff%fe", 422),
        ("company=%zz", 400),
        (long.as_str(), 413),
        (many.as_str(), 413),
        ("company[]=a&company[0]=b", 200),
        ("", 200),
        ("company=%E2%80%AE%F0%9F%98%80", 200),
    ] {
        let answer = visitor.send(&world, "/form", fields).await;
        assert_eq!(answer.status, status, "{}", &fields[..fields.len().min(60)]);
        if status != 200 {
            assert!(answer.body.contains("</html>"), "a page of ours: {answer:?}");
        }
    }
}

#[tokio::test]
async fn only_forms_are_read_as_forms() {
    let world = World::open().await;
    for kind in [
        "",
        "Content-Type: application/json\r\n",
        "Content-Type: text/plain\r\n",
        "Content-Type: multipart/form-data; boundary=x\r\n",
    ] {
        let request = format!(
            "POST /form HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nSec-Fetch-Site: same-origin\r\n{kind}Content-Length: 2\r\n\r\n{{}}"
        );
        let answer = world.say(&request).await;
        assert_eq!(answer.status, 415, "{kind}");
        assert!(answer.body.contains("We cannot read this kind of content"), "{kind}");
    }
    for method in ["PUT", "DELETE", "HEAD", "PATCH"] {
        let request = format!(
            "{method} /theme HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nSec-Fetch-Site: same-origin\r\n\r\n"
        );
        assert_eq!(world.say(&request).await.status, 405, "{method}");
    }
}

#[tokio::test]
async fn the_colours_are_kept_and_the_way_back_is_ours() {
    let world = World::open().await;
    let mut visitor = world.visitor().await;
    let answer = visitor.send(&world, "/theme", "theme=dark&back=/help").await;
    assert_eq!((answer.status, answer.header("location")), (303, "/help"));
    assert!(visitor.look(&world, "/help").await.body.contains("<html lang=\"en\" data-theme=\"dark\">"));
    assert!(
        visitor.look(&world, "/nowhere").await.body.contains("data-theme=\"dark\""),
        "on error pages, too"
    );
    for back in ["//evil.example", "https://evil.example", "/%5Cevil", "%0d%0aLocation:/x"] {
        let answer = visitor.send(&world, "/theme", &format!("theme=%22%3E&back={back}")).await;
        assert_eq!(answer.header("location"), "/", "{back}");
    }
    assert!(
        visitor.look(&world, "/help").await.body.contains("<html lang=\"en\">"),
        "an odd word means: as the device"
    );
}
