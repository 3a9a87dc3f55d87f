//! The staff site: its routes, its session, its walls. Health and metrics stand outside of the walls, for the
//! operator's own probes.

use std::sync::Arc;

use axum::{
    Router,
    routing::{get, post},
};

use super::{
    assets,
    front::{Audience, Front},
    health,
    pages::{
        about,
        staff::{
            access, access_list, account, after, audit, audit_file, brokerage, brokerage_note, brokerages,
            by_hand, causes, check, connection, figures, history, invite, keeper, keys, mail, mail_kinds,
            message, news, outbox, owner, prepare, queue, queue_items, refuse, saved_view, saved_views, sent,
            shared_key, sign_in, sign_out, staff_sessions,
        },
        theme,
    },
    staff_visitor, urls, walls,
};
use crate::{app::App, store::Sessions, telemetry::Metrics};

/// The whole site for our own people, ready to be served.
pub fn site(app: App, metrics: Metrics) -> Router {
    let front = Front {
        audience: Audience::Staff,
        public_url: app.settings.staff.public_url.clone(),
        about: Arc::new(app.settings.about.clone()),
        clock: app.clock.clone(),
        randomness: app.randomness.clone(),
    };
    let sessions = staff_visitor::layer(Sessions::of_staff(app.store.clone()));
    let health = health::routes(app.clone(), metrics.clone());
    let pages = for_everybody().merge(signing_in()).merge(signed_in()).with_state(app);
    walls::around(pages.layer(sessions), front, metrics).merge(health)
}

fn for_everybody() -> Router<App> {
    Router::new()
        .route(urls::HELP, get(about::help))
        .route(urls::SECURITY, get(about::security))
        .route(urls::ACCESSIBILITY, get(about::accessibility))
        .route(urls::THEME, post(theme::choose))
        .route(urls::ASSET_ROUTE, get(assets::serve))
}

fn signing_in() -> Router<App> {
    Router::new()
        .route(urls::SIGN_IN, get(sign_in::show))
        .route(urls::STAFF_BEGIN, get(sign_in::begin))
        .route(urls::STAFF_RETURN, get(sign_in::finish))
        .route(urls::SIGN_OUT, post(sign_out::leave))
        .route(urls::SIGNED_OUT, get(sign_in::signed_out))
}

/// Pages that take a [`crate::domain::staff::StaffScope`].
fn signed_in() -> Router<App> {
    Router::new()
        .route(urls::HOME, get(queue::show))
        .route(urls::QUEUE_ITEMS, post(queue_items::act))
        .route(urls::SAVED_VIEWS, get(saved_views::list).post(saved_views::save))
        .route(urls::SAVED_VIEW_ROUTE, get(saved_view::show).post(saved_view::change))
        .route(urls::REMOVE_VIEW_ROUTE, post(saved_view::remove))
        .route(urls::HAND_OVER_ROUTE, post(owner::give_over))
        .route(urls::SNOOZE_ROUTE, post(owner::snooze))
        .route(urls::WAKE_ROUTE, post(owner::wake))
        .route(urls::QUEUE_EVENTS, get(news::of_queue))
        .route(urls::ACCOUNT, get(account::show))
        .route(urls::MAILS, get(outbox::show))
        .route(urls::MAIL_ROUTE, get(mail::show))
        .route(urls::MAIL_HTML_ROUTE, get(mail::html))
        .route(urls::MAIL_AGAIN_ROUTE, post(mail::again))
        .route(urls::MAIL_KINDS, get(mail_kinds::list))
        .route(urls::MAIL_KIND_ROUTE, get(mail_kinds::show))
        .route(urls::MAIL_KIND_HTML_ROUTE, get(mail_kinds::html))
        .route(urls::AUDIT, get(audit::show))
        .route(urls::AUDIT_VERIFY, post(audit::verify))
        .route(urls::AUDIT_FILE, post(audit_file::download))
        .route(urls::ACCOUNT_KEYS, post(keys::choose))
        .route(urls::ACCOUNT_MAIL, post(account::choose_mail))
        .route(urls::ACCOUNT_SESSIONS, post(staff_sessions::end))
        .route(urls::COLLEAGUE_SESSIONS_ROUTE, post(staff_sessions::sign_out_colleague))
        .route(urls::CONNECTION_ROUTE, get(connection::show))
        .route(urls::CONNECTION_NEWS_ROUTE, get(news::of_connection))
        .route(urls::TAKE_ROUTE, post(connection::take))
        .route(urls::CLOSING_READ_ROUTE, post(after::read))
        .route(urls::SENT_LOOK_ROUTE, post(sent::look))
        .route(urls::REOPEN_ROUTE, post(after::reopen))
        .route(urls::ENABLE_ROUTE, post(after::set_day))
        .route(urls::CLEAR_ROUTE, post(connection::clear))
        .route(urls::HAND_BACK_ROUTE, post(connection::give_back))
        .route(urls::NOTES_ROUTE, post(connection::note))
        .route(urls::CHECK_AGAIN_ROUTE, post(connection::again))
        .route(urls::CHECK_IN_USE_ROUTE, post(connection::again_in_use))
        .route(urls::ALLOW_NAMES_ROUTE, post(connection::allow))
        .route(urls::SHARED_KEY_ROUTE, post(shared_key::allow))
        .route(urls::TIMELINE_ROUTE, get(history::show))
        .route(urls::WRITE_ROUTE, get(message::form).post(message::write))
        .route(urls::MESSAGE_ROUTE, get(message::show).post(message::send))
        .route(urls::MESSAGE_HTML_ROUTE, get(message::html))
        .route(urls::RESEND_ROUTE, post(brokerage::resend))
        .route(urls::CLOSE_ROUTE, post(after::close))
        .route(urls::PREPARE_ROUTE, post(prepare::prepare))
        .route(urls::EXTERNAL_ID_ROUTE, post(prepare::name))
        .route(urls::BY_HAND_ROUTE, post(by_hand::decide))
        .route(urls::VERIFY_BY_HAND_ROUTE, post(by_hand::approve))
        .route(urls::DROP_WISH_ROUTE, post(by_hand::drop_wish))
        .route(urls::CHECK_ROUTE, get(check::show))
        .route(urls::TRANSCRIPT_ROUTE, get(check::transcript))
        .route(urls::BROKERAGES, get(brokerages::show))
        .route(urls::BROKERAGE_ROUTE, get(brokerage::show))
        .route(urls::BROKERAGE_TIMELINE_ROUTE, get(history::show_brokerage))
        .route(urls::BROKERAGE_NOTES_ROUTE, post(brokerage_note::note))
        .route(urls::ACCEPT_ROUTE, post(brokerage::accept))
        .route(urls::REFUSE_ROUTE, post(refuse::refuse))
        .route(urls::KEEPER_ROUTE, post(keeper::name))
        .route(urls::INVITATIONS_ROUTE, post(brokerage::invite))
        .route(urls::REVOKE_ROUTE, post(brokerage::revoke))
        .route(urls::ANSWER_ROUTE, post(brokerage::reply))
        .route(urls::ASK_ACCESS_ROUTE, post(access::ask))
        .route(urls::ACCESS, get(access_list::show))
        .route(urls::ACCESS_ROUTE, get(access::show))
        .route(urls::APPROVE_ACCESS_ROUTE, post(access::approve))
        .route(urls::DECLINE_ACCESS_ROUTE, post(access::decline))
        .route(urls::STOP_ACCESS_ROUTE, post(access::stop))
        .route(urls::REVEAL_ROUTE, post(access::reveal))
        .route(urls::OPEN_ACCESS_ROUTE, get(access::stands))
        .route(urls::REVIEW_ACCESS_ROUTE, post(access::review))
        .route(urls::CAUSES, get(causes::show))
        .route(urls::FIGURES, get(figures::show))
        .route(urls::INVITE, get(invite::show).post(invite::send))
}
