//! What a request must be before any page sees it.

use super::world::World;

#[tokio::test]
async fn every_answer_carries_the_security_headers() {
    let world = World::open().await;
    let cases = [
        ("/", 200),
        ("/nowhere", 404),
        ("/refused/conflict", 409),
        ("/refused/fields", 422),
        ("/refused/often", 429),
        ("/refused/away", 503),
        ("/refused/fault", 500),
        ("/panic", 500),
        ("/mine", 303),
        ("/livez", 200),
    ];
    for (path, status) in cases {
        let answer = world.get(path, "").await;
        assert_eq!(answer.status, status, "{path}: {answer:?}");
        let policy = answer.header("content-security-policy");
        for part in
            ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "trusted-types 'none'"]
        {
            assert!(policy.contains(part), "{path}: {policy}");
        }
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
            ("cache-control", "no-store"),
            ("strict-transport-security", ""),
            ("server", ""),
        ] {
            assert_eq!(answer.header(name), value, "{path} {name}");
        }
    }
    let odd = world.say("TRACE / HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
    assert!(odd.header("content-security-policy").contains("default-src 'none'"), "{odd:?}");
}

#[tokio::test]
async fn only_our_own_names_are_answered() {
    let world = World::open().await;
    let port = world.address.port();
    for host in
        ["localhost", "LOCALHOST", "localhost:80", &format!("127.0.0.1:{port}"), &format!("[::1]:{port}")]
    {
        let answer =
            world.say(&format!("GET /help HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")).await;
        assert_eq!(answer.status, 200, "{host}");
    }
    for host in [
        "evil.example",
        "localhost.evil.example",
        "localhost:81",
        "",
        "localhost, evil.example",
        "user@localhost",
    ] {
        let answer = world.say(&format!("GET /help HTTP/1.1\r\nHost: {host}\r\n\r\n")).await;
        assert_eq!(answer.status, 421, "{host}");
        assert!(!answer.body.contains("evil"), "nothing of the request comes back: {answer:?}");
    }
    let probe = world.say("GET /livez HTTP/1.1\r\nHost: 10.0.0.9\r\nConnection: close\r\n\r\n").await;
    assert_eq!((probe.status, probe.body.as_str()), (200, "ok\n"));
}

#[tokio::test]
async fn odd_requests_are_refused_and_the_connection_ends() {
    let world = World::open().await;
    let body = "csrf=x";
    for (name, request, status) in [
        ("no host", "GET / HTTP/1.1\r\n\r\n".to_owned(), 400),
        ("two hosts", "GET / HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n".to_owned(), 400),
        ("a whole address", "GET http://localhost/ HTTP/1.1\r\nHost: localhost\r\n\r\n".to_owned(), 400),
        ("a foreign address", "GET http://evil.example/ HTTP/1.1\r\nHost: localhost\r\n\r\n".to_owned(), 400),
        ("an asterisk", "OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n".to_owned(), 400),
        ("trace", "TRACE / HTTP/1.1\r\nHost: localhost\r\n\r\n".to_owned(), 405),
        ("connect", "CONNECT localhost:80 HTTP/1.1\r\nHost: localhost\r\n\r\n".to_owned(), 405),
        ("an unknown method", "BREW / HTTP/1.1\r\nHost: localhost\r\n\r\n".to_owned(), 405),
        (
            "an upgrade",
            "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n".to_owned(),
            400,
        ),
        ("length then chunks", smuggled("Content-Length: 6\r\nTransfer-Encoding: chunked", body), 411),
        ("chunks then length", smuggled("Transfer-Encoding: chunked\r\nContent-Length: 6", body), 411),
        ("chunks in disguise", smuggled("Content-Length: 6\r\nTransfer-Encoding: xchunked", body), 400),
        ("chunks and more", smuggled("Transfer-Encoding: chunked, identity", body), 400),
        ("two lengths", smuggled("Content-Length: 6\r\nContent-Length: 7", body), 400),
        ("a length with a sign", smuggled("Content-Length: +6", body), 400),
        ("a space before the colon", smuggled("Content-Length : 6", body), 400),
        ("a folded line", smuggled("Content-Length: 6\r\nX-A: b\r\n c: d", body), 400),
        ("a bare return", "GET / HTTP/1.1\r\nHost: localhost\rX: y\r\n\r\n".to_owned(), 400),
        ("an old version", "GET /\r\n\r\n".to_owned(), 400),
    ] {
        // What follows must never be answered: it is what a smuggler wants a victim to get.
        let follower = "GET /help HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        let answer = world.say(&(request + follower)).await;
        assert_eq!(answer.status, status, "{name}: {answer:?}");
        assert!(!answer.body.contains("HTTP/1.1 "), "{name} was answered twice: {answer:?}");
    }
}

fn smuggled(lengths: &str, body: &str) -> String {
    format!(
        "POST /form HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: same-origin\r\n\
         Content-Type: application/x-www-form-urlencoded\r\n{lengths}\r\n\r\n{body}"
    )
}

#[tokio::test]
async fn headers_have_a_size_and_a_number() {
    let world = World::open().await;
    let many: String = (0..101).map(|number| format!("X-{number}: y\r\n")).collect();
    assert_eq!(world.get("/help", &many).await.status, 431);
    let long = format!("X-Long: {}\r\n", "y".repeat(33 * 1024));
    assert_eq!(world.get("/help", &long).await.status, 431);
    let cookie = format!("Cookie: a={}\r\n", "b".repeat(8 * 1024));
    assert_eq!(world.get("/help", &cookie).await.status, 200, "an eight-kilobyte cookie is only odd");
    assert_eq!(world.get(&format!("/{}", "a".repeat(40 * 1024)), "").await.status, 431);
}

#[tokio::test]
async fn a_proxy_is_believed_only_when_it_is_named() {
    let forged =
        "X-Forwarded-For: 198.51.100.1\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: evil.example\r\n";
    let direct = World::open().await;
    assert_eq!(direct.get("/peer", forged).await.body, "127.0.0.1 false");

    let portal = "public_url = \"https://localhost\"\ntrusted_proxies = [\"127.0.0.1\"]";
    let proxied = World::with(portal, Default::default()).await;
    let answer = proxied.get("/peer", forged).await;
    assert_eq!(answer.body, "198.51.100.1 true");
    assert_eq!(answer.header("strict-transport-security"), "max-age=63072000; includeSubDomains; preload");

    let clear = proxied.get("/help?a=b", "X-Forwarded-Proto: http\r\n").await;
    assert_eq!((clear.status, clear.header("location")), (308, "https://localhost/help?a=b"));
    let clear = proxied.post("/form", "", "company=x").await;
    assert_eq!(clear.status, 403, "a form in the clear is refused");
}
