//! Every field against what people paste and attackers try: a sentence, nothing lost, no fault of ours.

use super::house::House;
use crate::databases::on_both;

fn hostile() -> Vec<String> {
    let mut all: Vec<String> = [
        "",
        "   ",
        "\u{a0}\u{a0}",
        "\u{200b}\u{200b}",
        "Pine\u{202e}ytlaeR",
        "\u{1f3e1} Realty",
        "' or 1=1--",
        "{{7*7}}",
        "$(id)",
        "`id`",
        "*)(uid=*",
        "../../etc/passwd",
        "Pine\r\nBcc: evil@evil.example",
        "<script>alert(1)</script>",
        "%%%%",
        "\u{feff}Pine",
        "\u{fffd}",
    ]
    .map(str::to_owned)
    .to_vec();
    all.push(format!("e{}", "\u{301}".repeat(1000)));
    all.push("x".repeat(20_000));
    all
}

fn escaped(text: &str) -> String {
    text.replace('&', "&#38;")
        .replace('<', "&#60;")
        .replace('>', "&#62;")
        .replace('"', "&#34;")
        .replace('\'', "&#39;")
}

on_both! {
    async fn every_field_of_start_takes_or_refuses_in_words(database) {
        let house = House::open(database).await;
        let ida = house.proves("ida@lakeshore.example", 1).await;
        for field in ["company", "contact", "phone", "brand"] {
            for text in hostile() {
                let mut fields = vec![("company", "Lakeshore"), ("contact", ""), ("phone", "+1 555 0100"), ("brand", "Oak")];
                // One mistake of our own keeps the form from being taken.
                if field == "contact" {
                    fields[0].1 = "";
                }
                fields.iter_mut().filter(|(name, _)| *name == field).for_each(|(_, value)| *value = &text);
                let answer = ida.sends("/start", &fields).await;
                let short: String = text.chars().take(30).collect();
                assert_eq!(answer.status, 422, "{field} {short:?} {}", answer.body);
                assert!(answer.body.contains("There is a problem"), "{field} {short:?}");
                assert!(!answer.body.contains("<script>alert"), "{field}");
                if !text.contains('\r') {
                    let kept = answer.body.contains(&format!("value=\"{}\"", escaped(&text)));
                    assert!(kept, "{field} {short:?}: {}", answer.body);
                }
                assert!(answer.body.contains("value=\"Oak\"") || field == "brand", "{field} {short:?}");
            }
        }
        assert_eq!((database.count("brokerages").await, database.count("sessions").await), (0, 0));
    }

    async fn bytes_that_are_no_text_and_forms_too_long_are_refused(database) {
        let house = House::open(database).await;
        let ida = house.proves("ida@lakeshore.example", 1).await;
        let mut fields = vec![("company", "Lake\0shore"), ("contact", "Ida")];
        let answer = ida.sends("/start", &fields).await;
        assert!(answer.status == 422 && answer.body.contains("NUL"), "{answer:?}");
        let long = "x".repeat(1 << 20);
        fields[0].1 = &long;
        assert_eq!(ida.sends("/start", &fields).await.status, 413);
        let extra = [("company", ""), ("contact", "Ida"), ("role", "admin"), ("tenant_id", "x")];
        assert_eq!(ida.sends("/start", &extra).await.status, 422);
        let double = [("company", "a"), ("company", "b"), ("contact", "Ida")];
        assert_eq!(ida.sends("/start", &double).await.status, 422);
        assert_eq!(database.count("brokerages").await, 0);
    }

    async fn the_address_and_the_code_do_too(database) {
        let house = House::open(database).await;
        let mut browser = house.browser();
        browser.get("/sign-in").await;
        let mut all = hostile();
        all.extend(["ida@", "@x.example", "ida@localhost", "ida@127.0.0.1", "ida@l\u{e4}ke.example", "a@b@c.example",
            "ida@lakeshore.example\nBcc:x", "\"ida pine\"@lakeshore.example"].map(str::to_owned));
        for text in all {
            let answer = browser.sends("/sign-in", &[("email", &text)]).await;
            let short: String = text.chars().take(30).collect();
            assert_eq!(answer.status, 422, "{short:?} {answer:?}");
            assert!(answer.body.contains("There is a problem"), "{short:?}");
        }
        assert_eq!(database.count("sign_ins").await, 0);
        let ida = house.asks("ida@lakeshore.example").await;
        for text in hostile() {
            let answer = ida.sends("/sign-in/code", &[("code", &text)]).await;
            assert!(answer.status == 422 && answer.body.contains("8 letters and digits"), "{answer:?}");
        }
        assert_eq!(database.count("sign_ins WHERE tries_left = 5").await, 1);
    }
}
