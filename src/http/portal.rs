//! The portal: its routes, its session, its walls.

use std::sync::Arc;

use axum::{
    Router,
    routing::{get, post},
};

use super::{
    front::{Audience, Front},
    pages::portal::{
        access, access_news, answers, calendar, certificate, close, code, confirm, dry_run, guide,
        guide_pack, guide_script, guide_step, guide_told, invitation, key_file, leave, leftovers, letter,
        live, live_list, new_attempt, new_connection, overview, people, questions, renew, review, roster,
        roster_file, roster_form, roster_live, sign_in, sign_out, start, status,
    },
    public, session, urls, walls,
};
use crate::{app::App, store::Sessions, telemetry::Metrics};

/// The whole site for brokerages, ready to be served.
pub fn site(app: App, metrics: Metrics) -> Router {
    let front = Front {
        audience: Audience::Brokerages,
        public_url: app.settings.portal.public_url.clone(),
        about: Arc::new(app.settings.about.clone()),
        clock: app.clock.clone(),
        randomness: app.randomness.clone(),
    };
    let sessions = session::layer(Sessions::new(app.store.clone()));
    // The session goes around the pages first, so that the walls stand outside of it.
    let pages = public::routes().merge(signing_in()).merge(connecting()).with_state(app);
    let walled = walls::around(pages.layer(sessions), front, metrics);
    walled.route(urls::LIVEZ, get(async || "alive\n"))
}

fn signing_in() -> Router<App> {
    Router::new()
        .route(urls::SIGN_IN, get(sign_in::show).post(sign_in::ask))
        .route(urls::CODE, get(code::show).post(code::prove))
        .route(urls::CODE_AGAIN, post(code::again))
        .route(urls::INVITATION_ROUTE, get(invitation::show).post(invitation::ask))
        .route(urls::START, get(start::show).post(start::begin))
        .route(urls::SIGN_OUT, post(sign_out::leave))
}

fn connecting() -> Router<App> {
    Router::new()
        .route(urls::OVERVIEW, get(overview::show))
        .route(urls::PEOPLE, get(people::show).post(people::invite))
        .route(urls::QUESTIONS, get(questions::show).post(questions::ask))
        .route(urls::REMOVE_PERSON_ROUTE, post(people::remove))
        .route(urls::TAKE_BACK_ROUTE, post(people::revoke))
        .route(urls::END_SESSIONS, post(people::end))
        .route(urls::NEW_CONNECTION, get(new_connection::show).post(new_connection::create))
        .route(urls::RECOGNISE, post(new_connection::look))
        .route(urls::GUIDE_ROUTE, get(guide::show).post(guide::tick))
        .route(urls::GUIDE_PACK_ROUTE, get(guide_pack::show))
        .route(urls::GUIDE_STEP_ROUTE, get(guide_step::lead))
        .route(urls::TOLD_ROUTE, get(guide_told::show))
        .route(urls::SEND_STEP_ROUTE, get(guide_step::show).post(guide_step::send))
        .route(urls::GUIDE_SCRIPT_ROUTE, get(guide_script::download))
        .route(urls::LETTER_ROUTE, get(letter::show).post(letter::send))
        .route(urls::LEFTOVERS_ROUTE, post(leftovers::tick))
        .route(urls::ANSWERS_ROUTE, get(answers::show).post(answers::save))
        .route(urls::KEY_FILE_ROUTE, get(answers::show).post(key_file::save))
        .route(urls::CERTIFICATE_ROUTE, get(certificate::download))
        .route(urls::REVIEW_ROUTE, get(review::show))
        .route(urls::SUBMIT_ROUTE, post(review::send))
        .route(urls::TESTS_ROUTE, get(dry_run::lead).post(dry_run::test))
        .route(urls::TEST_ROUTE, get(dry_run::show))
        .route(urls::TEST_LIVE_ROUTE, get(live_list::list_test))
        .route(urls::ATTEMPTS_ROUTE, post(new_attempt::start))
        .route(urls::CONNECTION_ROUTE, get(status::show))
        .route(urls::RENEW_ROUTE, get(renew::show).post(renew::start))
        .route(urls::LEAVE, get(leave::show).post(leave::send))
        .route(urls::CALENDAR_ROUTE, get(calendar::download))
        .route(urls::CLOSE_ROUTE, get(close::show).post(close::close))
        .route(urls::REOPEN_ROUTE, post(close::open_again))
        .route(urls::WITHDRAW_ROUTE, post(close::take_back))
        .route(urls::GO_BACK_ROUTE, post(renew::go_back))
        .route(urls::CHECK_AGAIN_ROUTE, post(status::again))
        .route(urls::NOTHING_CHANGED_ROUTE, post(status::nothing_changed))
        .route(urls::CONNECTION_EVENTS_ROUTE, get(live::events))
        .route(urls::CONNECTION_LIVE_ROUTE, get(live_list::list))
        .merge(rosters())
        .merge(looking())
}

fn looking() -> Router<App> {
    Router::new()
        .route(urls::ACCESS, get(access::list))
        .route(urls::ACCESS_ROUTE, get(access::show))
        .route(urls::ACCESS_NEWS_ROUTE, get(access_news::of_request))
        .route(urls::APPROVE_ACCESS_ROUTE, post(access::approve))
        .route(urls::DECLINE_ACCESS_ROUTE, post(access::decline))
        .route(urls::STOP_ACCESS_ROUTE, post(access::stop))
        .route(urls::CONFIRM, get(confirm::show).post(confirm::ask))
        .route(urls::CONFIRM_CODE, post(confirm::prove))
}

fn rosters() -> Router<App> {
    Router::new()
        .route(urls::ROSTER_ROUTE, get(roster::show))
        .route(urls::NEW_ROSTER_ROUTE, get(roster_form::show).post(roster_form::send))
        .route(urls::CHECK_REST_ROUTE, post(roster::again))
        .route(urls::STOP_ROSTER_ROUTE, post(roster::stop))
        .route(urls::ROSTER_FILE_ROUTE, get(roster_file::download))
        .route(urls::ROSTER_EVENTS_ROUTE, get(roster_live::events))
}
