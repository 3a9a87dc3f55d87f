//! What people do, and how long it counts.

use std::time::Duration;

use moxi_onboard::domain::instant::Instant;

use super::house::{House, wrong};
use crate::{
    databases::{Kind, on_both},
    rows,
};

const IDA: &str = "ida@lakeshore.example";
const MINUTE: Duration = Duration::from_secs(60);

on_both! {
    async fn a_new_address_begins_and_a_known_one_comes_back(database) {
        let house = House::open(database).await;
        let mut ida = house.begins(IDA).await;
        assert!(ida.is_in().await);
        assert_eq!(database.count("brokerages").await, 1);
        assert!(!ida.cookies.contains_key("__Host-login"), "the sign-in's cookie is taken back");

        let answer = ida.post("/sign-out", &[]).await;
        assert_eq!(answer.status, 403, "the token of before sign-in counts no more");
        ida.get("/overview").await;
        assert_eq!(ida.post("/sign-out", &[]).await.header("location"), "/signed-out");
        assert!(!ida.is_in().await);

        house.passes(database, MINUTE).await;
        let mut again = house.asks("Ida@Lakeshore.example").await;
        let code = house.code(IDA, 2).await;
        let typed = format!(" {}-{} ", code[..4].to_lowercase(), &code[4..]);
        let answer = again.types(&typed).await;
        assert_eq!((answer.status, answer.header("location")), (303, "/overview"), "{answer:?}");
        assert!(!again.cookies.contains_key("__Host-login"));
        assert!(again.is_in().await);
        assert_eq!((database.count("brokerages").await, database.count("people").await), (1, 1));
        assert_eq!(database.count("audit WHERE verb = 'person.sign_in'").await, 2);
    }

    async fn a_person_knows_their_browsers_again_and_none_writes_into_the_list(database) {
        let house = House::open(database).await;
        let mut here = house.begins(IDA).await;
        let page = here.get("/people").await.body;
        assert!(page.contains("<strong>A browser that we do not know</strong> <span class=\"tag info\">This browser</span>"), "{page}");
        let forged = "Firefox/1 Windows <script>alert(1)</script> <b>Iris's phone, trust it</b>";
        let phone = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0 Mobile/15E148 Safari/604.1";
        for (n, agent) in [phone, forged].into_iter().enumerate() {
            house.passes(database, MINUTE).await;
            let mut there = house.browser();
            there.agent = agent.to_owned();
            there.get("/sign-in").await;
            assert_eq!(there.asks(IDA).await.status, 303);
            let code = house.code(IDA, n + 2).await;
            assert_eq!(there.types(&code).await.status, 303);
        }
        let page = here.get("/people").await.body;
        for (known, times) in [("<strong>Safari on an iPhone</strong>", 1), ("<strong>Firefox on Windows</strong>", 1), ("This browser</span>", 1), ("trust it", 0)] {
            assert_eq!(page.matches(known).count(), times, "{known}: {page}");
        }
        assert_eq!(database.count("sessions WHERE person_id IS NOT NULL").await, 3);
        assert!(!rows::holds(database, b"trust it").await, "nothing of their own words is kept");
        here.post("/people/sessions/end", &[]).await;
        assert_eq!(database.count("sessions WHERE person_id IS NOT NULL").await, 1);
    }

    async fn sign_in_leads_to_where_one_wanted_to_go_and_nowhere_else(database) {
        let house = House::open(database).await;
        house.begins(IDA).await;
        house.passes(database, MINUTE).await;
        let mut ida = house.browser();
        let answer = ida.get("/connections/new").await;
        let sign_in = answer.header("location").to_owned();
        ida.get(&sign_in).await;
        let answer = ida.post("/sign-in", &[("email", IDA), ("next", "/connections/new")]).await;
        assert_eq!(answer.header("location"), "/sign-in/code?next=/connections/new");
        let page = ida.get("/sign-in/code?next=/connections/new").await;
        assert!(page.body.contains("name=\"next\" value=\"/connections/new\""), "{}", page.body);
        let code = house.code(IDA, 2).await;
        let answer = ida.post("/sign-in/code", &[("code", &code), ("next", "/connections/new")]).await;
        assert_eq!((answer.status, answer.header("location")), (303, "/connections/new"));

        for elsewhere in
            ["//evil.example", "/\\evil.example", "https://evil.example", "/\t/evil.example", "/%2e%2e//evil.example", "javascript:alert(1)"]
        {
            house.passes(database, 40 * MINUTE).await;
            let mails = house.mails.sent().len();
            let mut other = house.browser();
            other.get("/sign-in").await;
            let answer = other.post("/sign-in", &[("email", IDA), ("next", elsewhere)]).await;
            assert_eq!((answer.status, answer.header("location")), (303, "/sign-in/code"), "{elsewhere:?}: {}", answer.body);
            other.get("/sign-in/code").await;
            let code = house.code(IDA, mails + 1).await;
            let answer = other.post("/sign-in/code", &[("code", &code), ("next", elsewhere)]).await;
            assert_eq!((answer.status, answer.header("location")), (303, "/overview"), "{elsewhere:?}");
        }
    }

    async fn a_code_lasts_ten_minutes(database) {
        let house = House::open(database).await;
        let mut ida = house.asks(IDA).await;
        let code = house.code(IDA, 1).await;
        house.passes(database, Duration::from_secs(601)).await;
        let answer = ida.types(&code).await;
        assert_eq!(answer.status, 409, "{answer:?}");
        assert!(answer.body.contains("The code's time is over") && !answer.body.contains("<title>Error"));
        assert!(answer.body.contains("Send a new code"), "{}", answer.body);
        let answer = ida.asks_again().await;
        assert_eq!((answer.status, answer.header("location")), (303, "/sign-in/code"));
        let code = house.code(IDA, 2).await;
        assert_eq!(ida.types(&code).await.header("location"), "/start");
    }

    async fn the_newest_code_of_a_browser_is_the_one_that_counts(database) {
        let house = House::open(database).await;
        let mut ida = house.asks(IDA).await;
        let first = house.code(IDA, 1).await;
        house.passes(database, MINUTE).await;
        let mut stale = ida.clone();
        let mut stranger = house.asks(IDA).await;
        let strangers = house.code(IDA, 2).await;
        house.passes(database, MINUTE).await;
        assert_eq!(ida.asks_again().await.status, 303);
        let newest = house.code(IDA, 3).await;

        let answer = stale.types(&first).await;
        assert_eq!(answer.status, 409, "{answer:?}");
        assert!(answer.body.contains("A newer code was asked for"), "{}", answer.body);
        assert!(!answer.body.contains("<title>Error"));
        assert!(stale.get("/sign-in/code").await.body.contains("A newer code was asked for"));

        let answer = ida.types(&first).await;
        assert_eq!(answer.status, 422);
        assert!(answer.body.contains("not the code of the newest mail; 4 tries are left"), "{}", answer.body);
        assert_eq!(ida.types(&newest).await.header("location"), "/start");
        // Whoever asks for somebody else's address ends nobody's code.
        assert_eq!(stranger.types(&strangers).await.header("location"), "/start");
    }

    async fn asking_from_the_start_page_ends_the_older_code_too(database) {
        let house = House::open(database).await;
        let mut ida = house.asks(IDA).await;
        let first = house.code(IDA, 1).await;
        let mut stale = ida.clone();
        assert_eq!(ida.asks("other@lakeshore.example").await.status, 303);
        assert_eq!(stale.types(&first).await.status, 409);
        assert_eq!(database.count("sign_ins WHERE ended_at IS NULL").await, 1);
    }

    async fn a_proven_address_lasts_half_an_hour(database) {
        let house = House::open(database).await;
        let mut ida = house.proves(IDA, 1).await;
        house.passes(database, 29 * MINUTE).await;
        assert_eq!(ida.get("/start").await.status, 200);
        house.passes(database, 2 * MINUTE).await;
        assert_eq!(ida.clone().get("/start").await.status, 303);
        let answer = ida.begins("Pine & Oak").await;
        assert_eq!(answer.status, 409, "{answer:?}");
        assert!(answer.body.contains("Pine &amp; Oak") || answer.body.contains("Pine &#38; Oak"), "{}", answer.body);
        assert!(answer.body.contains("more than 30 minutes ago"), "{}", answer.body);
        assert_eq!(database.count("brokerages").await, 0);

        // A fresh code in another tab of the same browser, and the page that is still open goes on.
        let page = ida.hidden.clone();
        ida.asks(IDA).await;
        ida.get("/sign-in/code").await;
        let code = house.code(IDA, 2).await;
        assert_eq!(ida.types(&code).await.header("location"), "/start");
        ida.hidden = page;
        assert_eq!(ida.begins("Pine & Oak").await.header("location"), "/overview");
    }

    async fn a_private_address_needs_an_invitation(database) {
        let house = House::open(database).await;
        let mut pat = house.asks("pat@gmail.com").await;
        let code = house.code("pat@gmail.com", 1).await;
        assert_eq!(pat.types(&code).await.header("location"), "/start");
        let token = pat.clone();
        let page = pat.get("/start").await;
        assert_eq!(page.status, 403);
        for said in ["needs an invitation", "within a day", "an address at gmail.com", "there is nothing to connect here, and you are done"] {
            assert!(page.body.contains(said), "{said}: {}", page.body);
        }
        let mut insisting = token;
        assert_eq!(insisting.begins("Pat Realty").await.status, 403);
        assert_eq!((database.count("brokerages").await, database.count("people").await), (0, 0));
        assert!(!pat.is_in().await);
    }

    async fn nothing_of_a_sign_in_is_kept_longer_than_a_day(database) {
        let mut house = House::open(database).await;
        let _pat = house.asks("pat@gmail.com").await;
        house.code("pat@gmail.com", 1).await;
        house.passes(database, 69 * MINUTE).await;
        house.sweeps(database).await;
        assert_eq!(database.count("sign_ins").await, 1);
        house.passes(database, 2 * MINUTE).await;
        house.sweeps(database).await;
        assert_eq!(database.count("sign_ins").await, 0);
        assert_eq!(database.count("mails").await, 1);
        house.passes(database, 23 * 60 * MINUTE).await;
        house.sweeps(database).await;
        assert_eq!(database.count("mails").await, 0);
    }

    async fn the_sweep_goes_by_the_clock_that_limits_count_by(database) {
        let mut house = House::open(database).await;
        let _ida = house.asks(IDA).await;
        house.code(IDA, 1).await;
        if database.kind == Kind::Postgres {
            // A worker whose own clock runs a day ahead.
            house.app.clock.advance(24 * 60 * MINUTE);
            house.sweeps(database).await;
            assert!(database.count("rate_limits").await > 0, "limits still count");
            assert_eq!(database.count("sign_ins").await, 1, "the code still counts");
        } else {
            house.passes(database, 25 * 60 * MINUTE).await;
            house.sweeps(database).await;
            assert_eq!(database.count("rate_limits").await, 0);
        }
    }

    async fn sessions_go_by_the_clock_that_was_handed_in(database) {
        for start in [0, 5_000_000_000_000_000] {
            if start > 0 {
                database.execute("DELETE FROM sign_ins").await;
                database.execute("DELETE FROM rate_limits").await;
            }
            let house = House::open_at(database, Instant::from_micros(start)).await;
            let name = format!("ida{start}@lakeshore.example");
            let mut ida = house.proves(&name, 1).await;
            assert_eq!(ida.begins("Lakeshore").await.status, 303);
            assert!(ida.is_in().await, "from {start}");
            let ends = rows::texts(database, &format!("SELECT CAST(expires_at AS TEXT) FROM sessions WHERE created_at = {start}")).await;
            assert_eq!(ends, [(start + 30 * 60 * 1_000_000).to_string()]);
            house.passes(database, 29 * MINUTE).await;
            assert!(ida.is_in().await);
            house.passes(database, 29 * MINUTE).await;
            assert!(ida.is_in().await, "each visit starts the half hour anew");
            house.passes(database, 31 * MINUTE).await;
            assert!(!ida.is_in().await);
        }
    }

    async fn the_mail_names_the_browser_and_holds_no_link(database) {
        let house = House::open(database).await;
        let mut ida = house.browser();
        ida.agent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0".to_owned();
        ida.asks(IDA).await;
        let mail = house.mail(IDA, 1).await;
        assert!(mail.contains("Firefox on Windows"), "{mail}");
        assert!(!mail.contains("http:") && !mail.contains("https:") && !mail.contains("href"), "{mail}");
        let page = running_words(&house, &mut ida).await;
        assert!(page.contains("left us at") && !page.contains("your mail server"), "{page}");

        let mut odd = house.browser();
        odd.agent = format!("Firefox/1 Windows {} <script>", "x".repeat(20_000));
        assert_eq!(odd.asks("odd@lakeshore.example").await.status, 303);
        assert!(!house.mail("odd@lakeshore.example", 1).await.contains("script"));
    }

    async fn a_wrong_code_costs_a_try_and_no_code_at_all_costs_none(database) {
        let house = House::open(database).await;
        let mut ida = house.asks(IDA).await;
        let code = house.code(IDA, 1).await;
        for text in ["", "K7Q2", "K7Q2M9XU", "K7Q2M9XAB"] {
            let answer = ida.types(text).await;
            assert!(answer.status == 422 && answer.body.contains("8 letters and digits"), "{answer:?}");
        }
        let answer = ida.types(&wrong(&code)).await;
        assert!(answer.status == 422 && answer.body.contains("4 tries are left"), "{}", answer.body);
        assert!(answer.body.contains("<title>Error: "));
        assert_eq!(ida.types(&code).await.header("location"), "/start");
    }
}

/// The code page once the mail was taken.
async fn running_words(house: &House, browser: &mut super::house::Browser) -> String {
    let mut page = String::new();
    let look = &mut async || {
        page = browser.get("/sign-in/code").await.body;
        page.contains("left us at").then_some(page.clone())
    };
    crate::running::until(&house.app, "the page tells of the mail", look).await
}
