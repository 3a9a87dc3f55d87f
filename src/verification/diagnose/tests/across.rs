//! Rules across steps, row by row: one answer, and what another step knows of it. Without that fact the same answer has
//! another cause, so each row shows that the fact decides.

use super::*;
use crate::verification::evidence::Trait;

const LACKS: &[&str] = &["Calendars.ReadWrite"];

/// An answer, the scene that knows more, its cause there; the scene that knows less, and the cause in that one.
struct Row<'a> {
    told: Evidence,
    knows: Scene<'a>,
    cause: &'static str,
    without: Scene<'a>,
    otherwise: &'static str,
}

fn row<'a>(
    told: &Evidence,
    (knows, cause): (Scene<'a>, &'static str),
    (without, otherwise): (Scene<'a>, &'static str),
) -> Row<'a> {
    Row { told: told.clone(), knows, cause, without, otherwise }
}

fn answer(status: u16, code: &str, words: &str) -> Evidence {
    let codes = if code.is_empty() { Vec::new() } else { vec![code.to_owned()] };
    let phrases = crate::verification::rules::PHRASES.iter().copied().filter(|phrase| words.contains(phrase));
    Evidence::Shown(Box::new(Shown { status, codes, phrases: phrases.collect(), ..Shown::default() }))
}

fn of_exchange(status: u16, traits: &[Trait]) -> Evidence {
    let traits = [&[Trait::Exchange, Trait::Challenge, Trait::Basic], traits].concat();
    Evidence::Shown(Box::new(Shown { status, traits, ..Shown::default() }))
}

/// What other steps know of Exchange Server.
fn on_a_server() -> Vec<Row<'static>> {
    let at = |step| Scene::of(Speaker::Exchange, step);
    let (sign_in, mailbox) = (at(StepId::SignIn), at(StepId::Mailbox));
    let (refused, nobody) = (of_exchange(401, &[]), answer(500, "ErrorNonExistentMailbox", ""));
    vec![
        // The password was accepted within the hour, or was not; the same refusal.
        row(
            &refused,
            (Scene { proven: true, ..sign_in }, "auth_flapping"),
            (sign_in, "basic_credentials_rejected"),
        ),
        row(
            &refused,
            (Scene { older_login: true, ..sign_in }, "login_name_format"),
            (sign_in, "basic_credentials_rejected"),
        ),
        // Autodiscover of Microsoft 365 knows the mailbox that the server does not.
        row(
            &nobody,
            (Scene { hosted: Some(true), ..mailbox }, "mailbox_in_cloud"),
            (Scene { hosted: Some(false), ..mailbox }, "mailbox_not_found"),
        ),
        row(
            &nobody,
            (Scene { hosted: Some(true), ..mailbox }, "mailbox_in_cloud"),
            (mailbox, "mailbox_not_found"),
        ),
    ]
}

/// What other steps know of EWS in Exchange Online.
fn over_ews(none: &[String]) -> Vec<Row<'_>> {
    let mailbox = Scene::of(Speaker::ExchangeOnline, StepId::Mailbox);
    let empty = Scene { roles: Some(none), needs: &["full_access_as_app"], ..mailbox };
    let (nobody, off) = (answer(500, "ErrorNonExistentMailbox", ""), of_exchange(403, &[Trait::EwsOff]));
    vec![
        row(
            &nobody,
            (Scene { hosted: Some(false), ..mailbox }, "mailbox_on_premises"),
            (Scene { hosted: Some(true), ..mailbox }, "mailbox_not_found"),
        ),
        // The token says whether the permission is there.
        row(
            &answer(500, "ErrorImpersonateUserDenied", ""),
            (empty, "exo_ews_permission_missing"),
            (mailbox, "impersonation_denied_user"),
        ),
        row(
            &answer(500, "ErrorAccessDenied", ""),
            (empty, "exo_ews_permission_missing"),
            (mailbox, "folder_access_denied"),
        ),
        // The day says whether a switch helps.
        row(&off, (Scene { retired: true, ..mailbox }, "exo_ews_retired"), (mailbox, "exo_ews_disabled")),
    ]
}

/// What other steps know of Graph.
fn over_graph<'a>(none: &'a [String], all: &'a [String]) -> Vec<Row<'a>> {
    let calendar = scene(StepId::CalendarRead);
    let (lacks, has) = (
        Scene { roles: Some(none), needs: LACKS, ..calendar },
        Scene { roles: Some(all), needs: LACKS, ..calendar },
    );
    let denied = answer(403, "ErrorAccessDenied", "");
    let raop = answer(403, "ErrorAccessDenied", "[raop] apponly accesspolicy access to odata is disabled");
    let unusable = answer(404, "MailboxNotEnabledForRESTAPI", "");
    let mailbox = scene(StepId::Mailbox);
    let (licensed, bare) =
        (Scene { licensed: Some(true), ..mailbox }, Scene { licensed: Some(false), ..mailbox });
    vec![
        row(&denied, (lacks, "graph_permission_missing"), (has, "graph_access_denied")),
        // The permissions are there, and every call is refused; or one alone is.
        row(&raop, (has, "exo_rbac_required"), (Scene { opened: true, ..has }, "exo_rbac_role_missing")),
        row(&raop, (Scene { opened: true, ..lacks }, "exo_rbac_role_missing"), (lacks, "exo_rbac_required")),
        // Which of many reasons there are for an account without a mailbox: licence and autodiscover tell.
        row(&unusable, (bare, "mailbox_no_licence"), (mailbox, "mailbox_not_in_exo")),
        row(
            &unusable,
            (Scene { hosted: Some(false), ..licensed }, "mailbox_on_premises"),
            (Scene { hosted: Some(true), ..licensed }, "mailbox_not_provisioned"),
        ),
        row(
            &unusable,
            (Scene { hosted: Some(false), ..licensed }, "mailbox_on_premises"),
            (licensed, "mailbox_not_provisioned"),
        ),
        row(
            &unusable,
            (Scene { hosted: Some(true), ..licensed }, "mailbox_not_provisioned"),
            (Scene { hosted: Some(true), ..mailbox }, "mailbox_not_in_exo"),
        ),
        // The directory may not be read, and autodiscover says where the mailbox is.
        row(
            &unusable,
            (Scene { hosted: Some(false), ..mailbox }, "mailbox_on_premises"),
            (mailbox, "mailbox_not_in_exo"),
        ),
    ]
}

/// What other steps know of the sign-in services, and of Google.
fn at_other_places() -> Vec<Row<'static>> {
    let token = scene(StepId::Token);
    let google = |step| Scene::of(Speaker::Google, step);
    let asked = Scene::of(Speaker::GoogleToken, StepId::MailToken);
    let unauthorised = answer(401, "unauthorized_client", "");
    let no_mail = answer(400, "failedPrecondition", "precondition check failed");
    let send = google(StepId::SendRight);
    vec![
        row(
            &aad(70002),
            (Scene { certified: true, ..token }, "client_certificate_rejected"),
            (token, "client_credentials_rejected"),
        ),
        row(
            &aad(7_000_222),
            (Scene { certified: true, ..token }, "client_certificate_expired"),
            (token, "client_secret_expired"),
        ),
        // Another scope was given: the row is there and one scope of it is not.
        row(
            &unauthorised,
            (Scene { opened: true, ..asked }, "dwd_scope_missing"),
            (asked, "dwd_not_authorised"),
        ),
        row(
            &answer(403, "insufficientPermissions", ""),
            (Scene { opened: true, ..send }, "dwd_scope_missing"),
            (send, "google_scope_insufficient"),
        ),
        // What opened was the account's own, so nobody was named to act for.
        row(&no_mail, (Scene { itself: true, ..send }, "dwd_sub_missing"), (send, "google_gmail_off")),
        row(
            &answer(403, "SERVICE_DISABLED", ""),
            (Scene { ours: true, ..send }, "google_our_setup"),
            (send, "google_api_disabled"),
        ),
    ]
}

#[test]
fn what_another_step_knows_decides_what_an_answer_means() {
    let (none, all) = (Vec::new(), vec![LACKS[0].to_owned()]);
    let rows = [on_a_server(), over_ews(&none), over_graph(&none, &all), at_other_places()];
    for Row { told, knows, cause, without, otherwise } in rows.iter().flatten() {
        assert_ne!(cause, otherwise, "{told:?}: a fact that decides nothing");
        assert_eq!(cause_of(told, knows), *cause, "{told:?} {knows:?}");
        assert_eq!(cause_of(told, without), *otherwise, "{told:?} {without:?}");
    }
}

#[test]
fn what_other_steps_did_decides_what_a_failed_step_makes_of_the_check() {
    let told = |failed: &[(&'static str, Outcome, &'static str)]| {
        let steps = GRAPH.shown.iter().map(|planned| {
            let found = failed.iter().find(|(id, ..)| *id == planned.id);
            let (outcome, cause) =
                found.map_or((Outcome::Passed, None), |(_, outcome, cause)| (*outcome, Some(*cause)));
            step(planned.id, outcome, cause)
        });
        let report = report(&GRAPH, steps.collect(), &[], true, None, false);
        let warned = report.warnings.first().map(|cause| cause.as_str().to_owned());
        (report.verdict, report.cause.map(|cause| cause.as_str().to_owned()), warned)
    };
    let warned = |cause: &str| (Verdict::PassedWithWarnings, None, Some(cause.to_owned()));
    // Written and not removed: it works, and what is left is tidied up later. Not even written: it does not work.
    let left = ("contact_remove", Outcome::Warning, "test_item_left_behind");
    assert_eq!(told(&[left]), warned("test_item_left_behind"));
    let unwritten = ("contact_write", Outcome::Failed, "mailbox_full");
    assert_eq!(told(&[unwritten, left]).0, Verdict::Failed);
    // Written, and the list of changes is late: a warning. Not written: that is the cause.
    let late = ("contacts_sync", Outcome::Warning, "change_feed_lag");
    assert_eq!(told(&[late]), warned("change_feed_lag"));
    assert_eq!(told(&[late, unwritten]).1.as_deref(), Some("mailbox_full"));
    // Only what is optional failed: verified. The same beside a mailbox that did not open: not.
    let account = ("account", Outcome::Skipped, "directory_read_not_granted");
    assert_eq!(told(&[account]), (Verdict::Passed, None, None));
    let shut = ("mailbox", Outcome::Failed, "exo_rbac_required");
    assert_eq!(told(&[account, shut]).1.as_deref(), Some("exo_rbac_required"));
}
