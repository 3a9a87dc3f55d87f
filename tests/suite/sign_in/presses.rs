//! Presses that come twice, late, or from two windows.

use std::time::Duration;

use super::house::{Browser, House, wrong as bad_code};
use crate::databases::on_both;

const IDA: &str = "ida@lakeshore.example";
const MINUTE: Duration = Duration::from_secs(60);

/// The browser with this answer's cookies.
fn after(browser: &Browser, answer: &crate::http::world::Answer) -> Browser {
    let mut browser = browser.clone();
    browser.keep(answer);
    browser
}

on_both! {
    async fn a_double_press_on_send_leaves_either_answer_usable(database) {
        let house = House::open(database).await;
        let mut ida = house.browser();
        ida.get("/sign-in").await;
        let fields = [("email", IDA)];
        let (one, two) = tokio::join!(ida.sends("/sign-in", &fields), ida.sends("/sign-in", &fields));
        for answer in [&one, &two] {
            assert_eq!((answer.status, answer.header("location")), (303, "/sign-in/code"), "{answer:?}");
        }
        assert_eq!(database.count("mails").await, 1);
        let code = house.code(IDA, 1).await;
        let (mut first, mut second) = (after(&ida, &one), after(&ida, &two));
        assert_eq!(first.cookies["__Host-login"], second.cookies["__Host-login"]);
        second.get("/sign-in/code").await;
        assert_eq!(second.types(&code).await.header("location"), "/start");
        assert!(first.get("/sign-in/code").await.body.contains("Your address is proven"));
    }

    async fn a_double_press_on_send_again_does_too(database) {
        let house = House::open(database).await;
        let mut ida = house.asks(IDA).await;
        house.code(IDA, 1).await;
        house.passes(database, MINUTE).await;
        ida.get("/sign-in/code").await;
        let (one, two) = tokio::join!(ida.sends("/sign-in/again", &[]), ida.sends("/sign-in/again", &[]));
        assert_eq!((one.status, two.status), (303, 303), "{one:?} {two:?}");
        assert_eq!(database.count("mails").await, 2);
        let code = house.code(IDA, 2).await;
        for answer in [&one, &two] {
            let mut browser = after(&ida, answer);
            browser.get("/sign-in/code").await;
            assert_eq!(browser.types(&code).await.header("location"), "/start");
        }
    }

    async fn a_double_press_on_the_code_signs_in(database) {
        let house = House::open(database).await;
        house.begins(IDA).await;
        house.passes(database, MINUTE).await;
        let ida = house.asks(IDA).await;
        let code = house.code(IDA, 2).await;
        let fields = [("code", code.as_str())];
        let (one, two) = tokio::join!(ida.sends("/sign-in/code", &fields), ida.sends("/sign-in/code", &fields));
        for answer in [&one, &two] {
            assert_eq!((answer.status, answer.header("location")), (303, "/overview"), "{answer:?}");
            assert!(after(&ida, answer).is_in().await);
        }
        // The window that has its session already is led on by whatever form it still shows.
        let mut late = after(&ida, &one);
        late.hidden = ida.hidden.clone();
        for (path, fields) in [("/sign-in/code", &fields[..]), ("/sign-in/again", &[]), ("/sign-in", &[("email", IDA)]), ("/start", &[])] {
            let answer = late.clone().post(path, fields).await;
            assert_eq!((answer.status, answer.header("location")), (303, "/overview"), "{path} {answer:?}");
        }
        assert_eq!(database.count("audit WHERE verb = 'sign_in.ask'").await, 2);
    }

    async fn a_wrong_code_that_is_sent_again_costs_one_try(database) {
        let house = House::open(database).await;
        let mut ida = house.asks(IDA).await;
        let code = house.code(IDA, 1).await;
        let wrong = bad_code(&code);
        let form = ida.clone();
        let fields = [("code", wrong.as_str())];
        let (one, two) = tokio::join!(form.sends("/sign-in/code", &fields), form.sends("/sign-in/code", &fields));
        // The browser's Reload sends the same form once more.
        let again = form.sends("/sign-in/code", &fields).await;
        for answer in [&one, &two, &again] {
            assert_eq!(answer.status, 422, "{answer:?}");
            assert!(answer.body.contains("4 tries are left"), "{}", answer.body);
        }
        assert_eq!(database.count("sign_ins WHERE tries_left = 4").await, 1);
        assert_eq!(database.count("rate_limits WHERE uses > 2").await, 0, "the address and its network count one, too");
        // Another code in the same form is another guess, and so is the same one in a form that was opened anew.
        let other = form.sends("/sign-in/code", &[("code", "9ABCDEFG")]).await;
        assert!(other.body.contains("3 tries are left"), "{}", other.body);
        ida.get("/sign-in/code").await;
        assert!(ida.types(&wrong).await.body.contains("2 tries are left"));
        // What was wrong stays wrong; the right one still counts.
        assert_eq!(form.sends("/sign-in/code", &[("code", &code)]).await.header("location"), "/start");
        assert_eq!(form.sends("/sign-in/code", &fields).await.header("location"), "/start");
    }

    async fn signing_out_says_so_and_begins_no_session(database) {
        let house = House::open(database).await;
        let mut ida = house.begins(IDA).await;
        ida.get("/overview").await;
        let out = ida.post("/sign-out", &[]).await;
        assert_eq!((out.status, out.header("location")), (303, "/signed-out"), "{out:?}");
        let page = ida.get("/signed-out").await;
        assert!(page.status == 200 && page.body.contains("You are signed out."), "{}", page.body);
        assert!(page.body.contains("E-mail me a code") && !page.body.contains("ida@"), "{}", page.body);
        assert!(!ida.cookies.contains_key("__Host-portal"), "{:?}", ida.cookies);
        assert_eq!(database.count("sessions").await, 0);
        assert!(!ida.get("/").await.body.contains("You are signed out."));
        // Who is in again, in another window, is led on.
        house.passes(database, MINUTE).await;
        let code = { ida.asks(IDA).await; ida.get("/sign-in/code").await; house.code(IDA, 2).await };
        ida.types(&code).await;
        assert_eq!(ida.get("/signed-out").await.header("location"), "/overview");
    }

    async fn a_spent_code_signs_in_once_more_for_a_minute_where_its_answer_was_lost(database) {
        let house = House::open(database).await;
        house.begins(IDA).await;
        house.passes(database, MINUTE).await;
        let ida = house.asks(IDA).await;
        let code = house.code(IDA, 2).await;
        let lost = ida.sends("/sign-in/code", &[("code", &code)]).await;
        assert_eq!(lost.status, 303);
        database.execute("DELETE FROM sessions").await;
        // Neither the cookie alone nor another browser is enough, and start is no way in.
        let mut start = ida.clone();
        let answer = start.begins("Second Realty").await;
        assert_eq!((answer.status, answer.header("location")), (303, "/sign-in"), "{answer:?}");
        assert!(!start.is_in().await);
        let mut wrong = ida.clone();
        assert_eq!(wrong.types(&bad_code(&code)).await.status, 409);
        assert!(!wrong.is_in().await);
        assert_eq!(database.count("sign_ins WHERE ended_by = 'known' AND tries_left = 4").await, 1, "it cost a try");
        let mut other = house.browser();
        other.get("/sign-in").await;
        assert_eq!(other.types(&code).await.status, 409);

        let mut again = ida.clone();
        assert_eq!(again.types(&code).await.header("location"), "/overview");
        assert!(again.is_in().await);
        house.passes(database, MINUTE + Duration::from_secs(1)).await;
        let mut late = ida.clone();
        let answer = late.types(&code).await;
        assert!(answer.status == 409 && answer.body.contains("This code was used"), "{answer:?}");
        assert!(!answer.body.contains("<title>Error") && !late.is_in().await);
        assert_eq!(database.count("brokerages").await, 1);
    }

    async fn a_code_whose_session_could_not_be_written_is_typed_once_more(database) {
        let house = House::open(database).await;
        let mut ida = house.proves(IDA, 1).await;
        database.execute("ALTER TABLE sessions RENAME TO sessions_away").await;
        let form = ida.hidden.clone();
        let answer = ida.begins("Lakeshore").await;
        assert!(answer.status >= 500, "{answer:?}");
        // Back, or reload: the same form again.
        ida.hidden = form;
        database.execute("ALTER TABLE sessions_away RENAME TO sessions").await;
        assert_eq!(ida.begins("Lakeshore").await.header("location"), "/overview");
        assert!(ida.is_in().await);
        assert_eq!(database.count("brokerages").await, 1);

        house.passes(database, MINUTE).await;
        let mut ida = house.asks(IDA).await;
        let code = house.code(IDA, 2).await;
        database.execute("ALTER TABLE sessions RENAME TO sessions_away").await;
        let form = ida.hidden.clone();
        assert!(ida.types(&code).await.status >= 500);
        ida.hidden = form;
        database.execute("ALTER TABLE sessions_away RENAME TO sessions").await;
        assert_eq!(ida.types(&code).await.header("location"), "/overview");
        assert!(ida.is_in().await);
    }

    async fn a_spent_code_is_dead_after_sign_out(database) {
        let house = House::open(database).await;
        let proven = house.proves(IDA, 1).await;
        let mut ida = proven.clone();
        ida.begins("Lakeshore Realty").await;
        ida.get("/overview").await;
        ida.post("/sign-out", &[]).await;
        let mut stale = proven.clone();
        assert_eq!(stale.begins("Lakeshore Realty").await.header("location"), "/sign-in");
        assert!(!stale.is_in().await);

        house.passes(database, MINUTE).await;
        let asked = house.asks(IDA).await;
        let code = house.code(IDA, 2).await;
        let mut ida = asked.clone();
        ida.types(&code).await;
        ida.get("/overview").await;
        assert_eq!(ida.post("/sign-out", &[]).await.header("location"), "/signed-out");
        let mut stale = asked.clone();
        assert_eq!(stale.types(&code).await.status, 409);
        assert!(!stale.is_in().await);
    }

    async fn begin_pressed_twice_makes_one_brokerage(database) {
        let house = House::open(database).await;
        let ida = house.proves(IDA, 1).await;
        let fields = [("company", "Lakeshore"), ("contact", "Ida")];
        let (one, two) = tokio::join!(ida.sends("/start", &fields), ida.sends("/start", &fields));
        for answer in [&one, &two] {
            assert_eq!((answer.status, answer.header("location")), (303, "/overview"), "{answer:?}");
            assert!(answer.headers("set-cookie").iter().any(|line| line.starts_with("__Host-login=;")), "{answer:?}");
            assert!(after(&ida, answer).is_in().await);
        }
        assert_eq!((database.count("brokerages").await, database.count("people").await), (1, 1));
        house.passes(database, MINUTE + Duration::from_secs(1)).await;
        let mut late = ida.clone();
        assert_eq!(late.begins("Lakeshore").await.header("location"), "/sign-in");
        assert!(!late.is_in().await);
    }

    async fn two_browsers_that_prove_the_same_address_are_one_person(database) {
        let house = House::open(database).await;
        let one = house.proves(IDA, 1).await;
        house.passes(database, MINUTE).await;
        let two = house.proves(IDA, 2).await;
        let fields = [("company", "Lakeshore"), ("contact", "Ida")];
        let (a, b) = tokio::join!(one.sends("/start", &fields), two.sends("/start", &fields));
        for (browser, answer) in [(&one, &a), (&two, &b)] {
            assert_eq!((answer.status, answer.header("location")), (303, "/overview"), "{answer:?}");
            assert!(after(browser, answer).is_in().await);
        }
        assert_eq!((database.count("brokerages").await, database.count("people").await), (1, 1));

        // One after the other: the second is told that what it typed was not needed.
        const PAT: &str = "pat@pine.example";
        let mut one = house.proves(PAT, 1).await;
        house.passes(database, MINUTE).await;
        let mut two = house.proves(PAT, 2).await;
        one.begins("Pine").await;
        assert_eq!(two.begins("Pine again").await.header("location"), "/overview");
        let page = two.get("/overview").await;
        assert!(page.status == 200 && page.body.contains("set up in another window"), "{}", page.body);
        assert_eq!(database.count("brokerages").await, 2);
    }
}
