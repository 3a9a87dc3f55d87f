//! Who is signed in, for how long, and what outsiders get.

use std::time::Duration;

use super::world::{Visitor, World};

async fn signed_in(world: &World) -> Visitor {
    let mut visitor = world.visitor().await;
    assert_eq!(visitor.send(world, "/sign-me-in", "").await.status, 200);
    visitor.look(world, "/form").await;
    visitor
}

#[tokio::test]
async fn a_page_for_the_signed_in_leads_to_sign_in_and_back() {
    let world = World::open().await;
    let answer = world.get("/mine?page=2", "").await;
    assert_eq!((answer.status, answer.header("location")), (303, "/sign-in?next=/mine%3Fpage%3D2"));
    let mut visitor = signed_in(&world).await;
    let answer = visitor.look(&world, "/mine").await;
    assert!(answer.status == 200 && answer.body.starts_with("per_"), "{answer:?}");
    let start = visitor.look(&world, "/").await;
    assert_eq!((start.status, start.header("location")), (303, "/overview"));
}

#[tokio::test]
async fn the_cookie_is_kept_from_scripts_and_other_sites() {
    let world = World::open().await;
    let mut visitor = world.visitor().await;
    let answer = visitor.send(&world, "/sign-me-in", "").await;
    let line = answer.header("set-cookie");
    assert!(line.starts_with("__Host-portal="), "{line}");
    for part in ["Path=/", "Secure", "HttpOnly", "SameSite=Lax"] {
        assert!(line.contains(part), "{line}");
    }
    assert!(!line.contains("Domain"), "{line}");
}

#[tokio::test]
async fn a_planted_session_is_worth_nothing() {
    let world = World::open().await;
    let mut attacker = world.visitor().await;
    attacker.send(&world, "/leave-line", "").await;
    let planted = attacker.cookies["__Host-portal"].clone();
    let mut victim = world.visitor().await;
    victim.cookies.insert("__Host-portal".to_owned(), planted.clone());
    assert_eq!(victim.send(&world, "/sign-me-in", "").await.status, 200);
    assert_ne!(victim.cookies["__Host-portal"], planted, "the id is renewed at sign-in");
    assert_eq!(attacker.look(&world, "/mine").await.status, 303);
    let made_up = Visitor {
        cookies: [("__Host-portal".to_owned(), "AAAAAAAAAAAAAAAAAAAAAA".to_owned())].into(),
        ..Visitor::default()
    };
    assert_eq!(made_up.clone().look(&world, "/mine").await.status, 303);
}

#[tokio::test]
async fn a_session_ends_when_it_is_idle_old_or_signed_out() {
    let world = World::open().await;
    let mut visitor = signed_in(&world).await;
    world.clock.advance(Duration::from_secs(29 * 60));
    assert_eq!(visitor.look(&world, "/mine").await.status, 200);
    world.clock.advance(Duration::from_secs(29 * 60));
    assert_eq!(visitor.look(&world, "/mine").await.status, 200, "each visit starts the half hour anew");
    world.clock.advance(Duration::from_secs(31 * 60));
    assert_eq!(visitor.look(&world, "/mine").await.status, 303, "idle");

    let mut visitor = signed_in(&world).await;
    for _ in 0..24 {
        world.clock.advance(Duration::from_secs(29 * 60));
        assert_eq!(visitor.look(&world, "/mine").await.status, 200);
    }
    world.clock.advance(Duration::from_secs(25 * 60));
    assert_eq!(visitor.look(&world, "/mine").await.status, 303, "twelve hours");

    let mut visitor = signed_in(&world).await;
    let mut stolen = visitor.clone();
    let answer = visitor.send(&world, "/sign-me-out", "").await;
    assert_eq!((answer.status, answer.header("location")), (303, "/signed-out"));
    assert_eq!(answer.header("clear-site-data"), "\"cache\", \"storage\"");
    assert_eq!(stolen.look(&world, "/mine").await.status, 303, "the old cookie is dead at once");
}

#[tokio::test]
async fn a_form_does_not_survive_sign_out_but_what_was_typed_does() {
    let world = World::open().await;
    let mut visitor = signed_in(&world).await;
    assert!(visitor.clone().send(&world, "/mine", "company=Pine").await.body.ends_with(" Pine"));
    let before = visitor.clone();
    visitor.send(&world, "/sign-me-out", "").await;
    let mut late = Visitor { cookies: visitor.cookies.clone(), ..before };
    let answer = late.send(&world, "/mine", "company=Pine&secret=hunter2").await;
    assert_eq!(answer.status, 403, "{answer:?}");
    assert!(answer.body.contains("You were signed out") && answer.body.contains("value=\"Pine\""));
    assert!(!answer.body.contains("hunter2"));
    let answer = late.send(&world, "/mine", "company=Pine").await;
    assert!(answer.status == 403 && answer.body.contains("You were signed out"), "pressing on does not help");
}

#[tokio::test]
async fn one_line_of_news_is_shown_once() {
    let world = World::open().await;
    let mut visitor = world.visitor().await;
    visitor.send(&world, "/leave-line", "").await;
    assert!(visitor.look(&world, "/form").await.body.contains("Saved."));
    assert!(!visitor.look(&world, "/form").await.body.contains("Saved."));
}

#[tokio::test]
async fn without_the_store_public_pages_stand_and_the_others_say_so() {
    let world = World::open().await;
    let mut visitor = signed_in(&world).await;
    world.sessions.go_away();
    assert_eq!(visitor.look(&world, "/help").await.status, 200);
    let answer = visitor.look(&world, "/mine").await;
    assert_eq!(answer.status, 503);
    assert!(answer.body.contains("We cannot do this right now"), "{}", answer.body);
    assert_eq!(visitor.send(&world, "/form", "company=x").await.status, 503, "nothing is acknowledged");
}
