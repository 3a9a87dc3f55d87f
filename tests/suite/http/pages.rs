//! What a reader gets: refusals as pages, assets for ever, compression where it helps.

use super::world::World;

#[tokio::test]
async fn every_refusal_is_a_page_with_a_way_out() {
    let world = World::open().await;
    for (path, status, words) in [
        ("/nowhere", 404, "Page not found"),
        ("/number/many", 400, "We could not read that"),
        ("/refused/missing", 404, "Page not found"),
        ("/refused/fields", 422, "Enter the company"),
        ("/refused/conflict", 409, "Somebody else did it."),
        ("/refused/forbidden", 403, "Only owners may."),
        ("/refused/often", 429, "21 November 2026, 10:44 UTC"),
        ("/refused/away", 503, "nothing was saved"),
        ("/refused/unsure", 503, "could not tell whether this was saved"),
        ("/refused/fault", 500, "<code>k3v9</code>"),
        ("/refused/bare", 500, "Something went wrong on our side"),
        ("/panic", 500, "Something went wrong on our side"),
        ("/assets/app.0000000000000000.css", 404, "Page not found"),
        ("//evil.example/..;/", 404, "Page not found"),
        ("/help/", 404, "Page not found"),
        ("/theme", 405, "This page cannot be opened this way"),
    ] {
        let answer = world.get(path, "").await;
        assert_eq!(answer.status, status, "{path}");
        assert!(answer.body.contains(words), "{path}: {}", answer.body);
        assert!(answer.body.contains("class=\"btn\" href=\"/"), "{path} has a way out: {}", answer.body);
        assert!(!answer.body.contains("hunter2"), "{path}");
        assert_eq!(answer.header("content-type"), "text/html; charset=utf-8", "{path}");
    }
    let often = world.get("/refused/often", "").await;
    assert_eq!(often.header("retry-after"), "90");
    let panic = world.get("/panic", "").await;
    assert!(panic.body.contains(panic.header("x-request-id")), "the reference is the request's name");
    assert_eq!(world.get("/theme", "").await.header("allow"), "POST");
}

#[tokio::test]
async fn assets_are_kept_for_ever_under_their_hash() {
    let world = World::open().await;
    let page = world.get("/help", "").await.body;
    let mut names = 0;
    for ending in [".css\"", ".js\"", ".svg\""] {
        let end = page.find(ending).expect("linked") + ending.len() - 1;
        let start = page[..end].rfind("/assets/").expect("address");
        let asset = world.get(&page[start..end], "").await;
        assert_eq!(asset.status, 200);
        assert_eq!(asset.header("cache-control"), "public, max-age=31536000, immutable");
        assert_eq!(asset.headers("set-cookie").len(), 0);
        let tag = format!("If-None-Match: {}\r\n", asset.header("etag"));
        assert_eq!(world.get(&page[start..end], &tag).await.status, 304);
        names += 1;
    }
    assert_eq!(names, 3);
    for hostile in ["/assets/..%2f..%2fCargo.toml", "/assets/%2e%2e", "/assets/app.css"] {
        assert_eq!(world.get(hostile, "").await.status, 404, "{hostile}");
    }
}

#[tokio::test]
async fn whole_pages_are_compressed_and_streams_are_not() {
    let world = World::open().await;
    let gzip = "Accept-Encoding: gzip, br\r\n";
    assert_eq!(world.get("/long", gzip).await.header("content-encoding"), "gzip");
    assert_eq!(world.get("/long", "").await.header("content-encoding"), "");
    let stream = world.get("/dripping", gzip).await;
    assert_eq!(stream.header("content-encoding"), "");
    assert!(stream.body.contains("step 199"));
}

#[tokio::test]
async fn requests_are_counted_by_route_and_not_by_address() {
    let world = World::open().await;
    world.get("/number/17", "").await;
    world.get("/nowhere/secret-looking", "").await;
    let text = world.metrics.text(None);
    assert!(text.contains("moxi_http_requests_total{route=\"/number/{number}\",status=\"200\"} 1"), "{text}");
    assert!(text.contains("{route=\"none\",status=\"404\"} 1"), "{text}");
    assert!(!text.contains("secret-looking"), "{text}");
}
