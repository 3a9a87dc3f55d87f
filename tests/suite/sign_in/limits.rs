//! How often codes are sent and tried.

use std::time::Duration;

use super::house::{House, wrong};
use crate::databases::on_both;

const IDA: &str = "ida@lakeshore.example";
const SECOND: Duration = Duration::from_secs(1);
const NEUTRAL: &str = "Too many codes were asked for from here or for this address";

on_both! {
    async fn one_code_in_thirty_seconds_counted_from_the_first(database) {
        let house = House::open(database).await;
        house.passes(database, 29 * SECOND).await;
        let _first = house.asks(IDA).await;
        house.passes(database, 5 * SECOND).await;
        let answer = house.browser().asks(IDA).await;
        assert_eq!(answer.status, 429, "{answer:?}");
        assert!(answer.body.contains(NEUTRAL) && answer.body.contains("<title>Error: "), "{}", answer.body);
        assert!(answer.body.contains(IDA), "what was typed is kept");
        house.passes(database, 26 * SECOND).await;
        let _second = house.asks(IDA).await;
        assert_eq!(house.browser().asks("pat@lakeshore.example").await.status, 303, "another address goes");
    }

    async fn ten_codes_an_hour_and_refused_presses_cost_nothing(database) {
        let house = House::open(database).await;
        let mut asked = 0;
        for _ in 0..10 {
            assert_eq!(house.browser().asks(IDA).await.status, 303);
            asked += 1;
            for _ in 0..3 {
                assert_eq!(house.browser().asks(IDA).await.status, 429);
            }
            house.passes(database, 61 * SECOND).await;
        }
        let answer = house.browser().asks(IDA).await;
        assert!(answer.status == 429 && answer.body.contains(NEUTRAL), "{answer:?}");
        assert_eq!(database.count("mails").await, asked);
        // An hour after the first one, not at the full hour of the clock.
        house.passes(database, Duration::from_secs(3600 - 10 * 61 - 10)).await;
        assert_eq!(house.browser().asks(IDA).await.status, 429);
        house.passes(database, 20 * SECOND).await;
        assert_eq!(house.browser().asks(IDA).await.status, 303);
    }

    async fn two_hundred_codes_an_hour_from_one_network(database) {
        let house = House::open(database).await;
        house.asks("a@lakeshore.example").await;
        house.asks("b@lakeshore.example").await;
        database.execute("UPDATE rate_limits SET uses = 200 WHERE uses = 2").await;
        let answer = house.browser().asks("c@lakeshore.example").await;
        assert!(answer.status == 429 && answer.body.contains(NEUTRAL), "{answer:?}");
        let mut neighbour = house.browser();
        neighbour.from = "127.0.0.9".parse().expect("an address");
        assert_eq!(neighbour.asks("c@lakeshore.example").await.status, 429);
        let mut elsewhere = house.browser();
        elsewhere.from = "127.0.9.1".parse().expect("an address");
        assert_eq!(elsewhere.asks("c@lakeshore.example").await.status, 303);
    }

    async fn five_wrong_codes_lock_for_fifteen_minutes_from_the_fifth(database) {
        let house = House::open(database).await;
        let mut ida = house.asks(IDA).await;
        let code = house.code(IDA, 1).await;
        for left in ["4 tries are", "3 tries are", "2 tries are", "1 try is"] {
            let answer = ida.types(&wrong(&code)).await;
            assert!(answer.status == 422 && answer.body.contains(left), "{}", answer.body);
            house.passes(database, 120 * SECOND).await;
        }
        let answer = ida.types(&wrong(&code)).await;
        assert_eq!(answer.status, 429, "{answer:?}");
        assert!(answer.body.contains("Too many wrong codes") && answer.body.contains("<time datetime="), "{}", answer.body);
        assert!(!answer.body.contains("<title>Error"));
        assert!(!answer.body.contains("Send a new code"), "what would be refused is not offered: {}", answer.body);
        // The right code comes too late, here and in a process that starts now.
        let other = house.beside(database).await;
        assert_eq!(ida.clone().types(&code).await.status, 429);
        assert_eq!(other.browser().asks(IDA).await.status, 429);
        assert_eq!(database.count("audit WHERE verb = 'sign_in.lock'").await, 1);
        assert_eq!(database.count("sign_ins WHERE proven_at IS NOT NULL").await, 0);

        house.passes(database, 14 * 60 * SECOND).await;
        let answer = ida.asks_again().await;
        assert!(answer.status == 429 && answer.body.contains(NEUTRAL), "{}", answer.body);
        let mut elsewhere = house.browser();
        elsewhere.from = "127.0.9.1".parse().expect("an address");
        assert_eq!(elsewhere.asks(IDA).await.status, 303, "the owner gets in from elsewhere");
        house.passes(database, 70 * SECOND).await;
        assert_eq!(ida.asks_again().await.status, 303);
        let code = house.code(IDA, 3).await;
        assert_eq!(ida.types(&code).await.header("location"), "/start");
    }

    async fn wrong_codes_from_many_networks_count_together_and_only_with_the_cookie(database) {
        let house = House::open(database).await;
        let mut ida = house.asks(IDA).await;
        let code = house.code(IDA, 1).await;
        for network in 1..=40 {
            let mut guesser = house.browser();
            guesser.from = format!("127.0.{network}.1").parse().expect("an address");
            guesser.get("/sign-in").await;
            assert_eq!(guesser.types(&wrong(&code)).await.status, 409, "without the cookie nothing is tried");
        }
        assert_eq!(database.count("sign_ins WHERE tries_left = 5").await, 1);
        for network in 1..=5 {
            ida.from = format!("127.0.{network}.1").parse().expect("an address");
            ida.types(&wrong(&code)).await;
        }
        ida.from = "127.0.9.1".parse().expect("an address");
        assert_eq!(ida.types(&code).await.status, 429, "the right code comes too late, from wherever");
    }

    async fn wrong_tries_add_up_over_codes(database) {
        let house = House::open(database).await;
        let mut ida = house.asks(IDA).await;
        let code = house.code(IDA, 1).await;
        for _ in 0..3 {
            assert_eq!(ida.types(&wrong(&code)).await.status, 422);
        }
        house.passes(database, 60 * SECOND).await;
        ida.asks_again().await;
        let code = house.code(IDA, 2).await;
        let answer = ida.types(&wrong(&code)).await;
        assert!(answer.body.contains("1 try is left"), "{}", answer.body);
        assert_eq!(ida.types(&wrong(&code)).await.status, 429);
        assert_eq!(ida.types(&code).await.status, 429);
    }

    async fn tries_at_the_same_time_are_counted_one_by_one(database) {
        let house = House::open(database).await;
        let ida = house.asks(IDA).await;
        let first = if house.code(IDA, 1).await.starts_with('7') { '8' } else { '7' };
        let tries = ('A'..='K').filter(|letter| *letter != 'I').map(|last| {
            // Each is another guess: the same one in the same form would be one try.
            let (ida, code) = (ida.clone(), format!("{first}ABCDEF{last}"));
            tokio::spawn(async move { ida.sends("/sign-in/code", &[("code", &code)]).await })
        });
        let tries: Vec<_> = tries.collect();
        let (mut lefts, mut locked) = (Vec::new(), 0);
        for answer in tries {
            let answer = answer.await.expect("answers");
            match answer.status {
                422 => lefts.push(answer.body.split_once("newest mail; ").map(|(_, rest)| rest[..1].to_owned()).expect("a number")),
                // Also where the lock fell between the try and its page.
                429 => locked += 1,
                status => panic!("{status} {}", answer.body),
            }
        }
        lefts.sort();
        let distinct: std::collections::BTreeSet<_> = lefts.iter().collect();
        assert!(distinct.len() == lefts.len() && lefts.iter().all(|left| ("1"..="4").contains(&left.as_str())), "{lefts:?}");
        assert_eq!(locked + lefts.len(), 10);
        assert!(locked >= 6, "{lefts:?}");
        assert_eq!(database.count("sign_ins WHERE tries_left = 0").await, 1);
        assert_eq!(database.count("rate_limits WHERE uses = 5").await, 1, "what came too late was not counted");
        assert_eq!(database.count("audit WHERE verb = 'sign_in.lock'").await, 1);
    }
}
