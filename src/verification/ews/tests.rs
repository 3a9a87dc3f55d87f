//! Answers as they come over the wire, and the cause each must end in.

use http::{HeaderMap, HeaderValue, StatusCode, header::HeaderName};

use crate::{
    net::Answer,
    verification::{
        diagnose::cause_of,
        evidence::Evidence,
        rules::{Scene, Speaker},
        scrub::Scrub,
        step::StepId,
    },
};

use proptest::prelude::*;

use super::{Body, read, shown};

const IIS: &str = "server: Microsoft-IIS/10.0\nx-feserver: EX01";

/// How an envelope begins.
const HEAD: &str = "<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/' \
                    xmlns:m='http://schemas.microsoft.com/exchange/services/2006/messages'><s:Body>";

fn answer(status: u16, head: &str, body: &str) -> Answer {
    let mut headers = HeaderMap::new();
    for line in head.lines().filter(|line| !line.is_empty()) {
        let (name, value) = line.split_once(": ").expect("a header");
        let name: HeaderName = name.parse().expect("a name");
        headers.append(name, HeaderValue::from_str(value).expect("a value"));
    }
    Answer {
        status: StatusCode::from_u16(status).expect("a status"),
        headers,
        body: body.as_bytes().to_vec(),
    }
}

fn cause(scene: Scene<'_>, answer: &Answer) -> &'static str {
    let shown = shown(answer, &read(&answer.body), &Scrub::new(Vec::new()));
    cause_of(&Evidence::Shown(Box::new(shown)), &scene)
}

fn fault(code: &str) -> String {
    format!("{HEAD}<s:Fault><faultcode>a:{code}</faultcode></s:Fault></s:Body></s:Envelope>")
}

#[test]
fn what_answers_in_front_of_ews_has_its_cause() {
    use StepId::{Autodiscover, Challenge, SignIn};
    let owa = "location: https://mail.lakeshore.example/owa/auth/logon.aspx?url=x";
    let other = "location: https://mail2.lakeshore.example/EWS/Exchange.asmx";
    let login = "<html><form><input type='password'></form></html>";
    let broken = "<html>Server Error in '/EWS' Application</html>";
    let windows = "www-authenticate: Negotiate\nwww-authenticate: NTLM";
    let foreign = "<s:Envelope xmlns:s='http://evil.example/'><s:Body><m:X ResponseClass='Success'/></s:Body></s:Envelope>";
    let many = format!("{HEAD}{}</s:Body></s:Envelope>", "<b/>".repeat(30_000));
    for (step, status, head, body, expected) in [
        (Challenge, 401, windows, "", "ews_basic_disabled"),
        (Challenge, 401, "www-authenticate: Bearer client_id=\"x\"", "", "ews_modern_auth_only"),
        (Challenge, 401, IIS, "", "ews_no_auth_method"),
        (Challenge, 200, "", &fault("ErrorX"), "ews_anonymous"),
        (Challenge, 302, owa, "", "preauth_forms"),
        (Challenge, 302, "location: https://sts.lakeshore.example/adfs/ls/?x", "", "preauth_federated"),
        (Challenge, 302, "location: /my.policy", "", "preauth_gateway"),
        (Challenge, 302, "location: /internalsite/initparams.aspx", "", "preauth_uag_misconfigured"),
        (Challenge, 302, "location: /ews/genericerrorpage.htm?x", "", "ews_backend_outage"),
        (Challenge, 301, other, "", "ews_redirected_host"),
        (Challenge, 200, "content-type: text/html", login, "login_page_instead_of_ews"),
        (Challenge, 200, "", "<rss/>", "not_soap"),
        (Challenge, 200, "", "", "empty_response"),
        (Challenge, 403, "cf-ray: 1", "", "waf_blocked"),
        (Challenge, 403, IIS, "", "ews_forbidden_onprem"),
        (SignIn, 403, IIS, "", "ews_disabled_for_mailbox"),
        (Challenge, 404, "", "<html>", "ews_not_published"),
        (Challenge, 404, IIS, "<html>", "ews_wrong_path"),
        (Challenge, 405, "", "", "ews_method_not_allowed"),
        (Challenge, 440, "", "", "preauth_session_expired"),
        (Challenge, 500, IIS, broken, "ews_app_broken"),
        (Challenge, 500, "x-caserrorcode: NoAvailableServer", "", "exchange_frontend_error"),
        (Challenge, 502, "", "<html>", "proxy_bad_gateway"),
        (Challenge, 503, "", "<html>", "proxy_no_backend"),
        (Challenge, 503, "server: Microsoft-HTTPAPI/2.0", "<html>", "iis_app_pool_stopped"),
        (Challenge, 503, IIS, "", "exchange_overloaded"),
        (Autodiscover, 503, IIS, "", "autodiscover_busy"),
        (SignIn, 401, windows, "", "basic_credentials_rejected"),
        (SignIn, 401, "", "The account is currently locked out.", "account_locked"),
        (Challenge, 418, "", "tea", "unknown_response"),
        (Challenge, 200, "", foreign, "not_soap"),
        (SignIn, 200, "", foreign, "not_soap"),
        (SignIn, 200, IIS, &many, "http_body_too_large"),
        (SignIn, 500, IIS, &many, "http_body_too_large"),
        (SignIn, 401, IIS, &many, "basic_credentials_rejected"),
        (Challenge, 200, "content-type: text/html", &many, "not_soap"),
    ] {
        let scene = Scene::of(Speaker::Exchange, step);
        assert_eq!(cause(scene, &answer(status, head, body)), expected, "{step:?} {status} {head}");
    }
    let proven = Scene { proven: true, ..Scene::of(Speaker::Exchange, StepId::Mailbox) };
    assert_eq!(cause(proven, &answer(401, windows, "")), "auth_flapping");
}

#[test]
fn codes_have_their_causes_wherever_they_come_from() {
    use StepId::{ContactWrite, Mailbox};
    for (step, code, expected) in [
        (Mailbox, "ErrorImpersonateUserDenied", "impersonation_denied_user"),
        (Mailbox, "ErrorImpersonationDenied", "impersonation_denied_server"),
        (Mailbox, "ErrorNonExistentMailbox", "mailbox_not_found"),
        (Mailbox, "ErrorAccessDenied", "folder_access_denied"),
        (ContactWrite, "ErrorAccessDenied", "write_access_denied"),
        (Mailbox, "ErrorServerBusy", "throttled"),
        (Mailbox, "ErrorMailboxMoveInProgress", "mailbox_moving"),
        (Mailbox, "ErrorSomethingNew", "ews_other_error"),
    ] {
        for speaker in [Speaker::Exchange, Speaker::ExchangeOnline] {
            let scene = Scene::of(speaker, step);
            assert_eq!(cause(scene, &answer(500, "", &fault(code))), expected, "{code}");
        }
    }
    let unknown = answer(500, "", &fault("ErrorNonExistentMailbox"));
    let hosted = |speaker, hosted| Scene { hosted: Some(hosted), ..Scene::of(speaker, Mailbox) };
    assert_eq!(cause(hosted(Speaker::Exchange, true), &unknown), "mailbox_in_cloud");
    assert_eq!(cause(hosted(Speaker::ExchangeOnline, false), &unknown), "mailbox_on_premises");
}

#[test]
fn exchange_online_says_by_headers_why_ews_is_shut() {
    let off = "x-ews-policy-reason: EWS is disabled for this user or tenant";
    let list = "x-ews-policy-reason: EWS is blocked by policy for this user or tenant";
    let scene = Scene::of(Speaker::ExchangeOnline, StepId::Mailbox);
    for (status, head, expected) in [
        (403, off, "exo_ews_disabled"),
        (403, list, "exo_ews_app_not_allowed"),
        (403, "", "exo_ews_permission_missing"),
        (401, "x-ms-diagnostics: 2000001;reason=\"x\"", "exo_token_rejected"),
        (401, "x-ms-diagnostics: 2000002;reason=\"x\"", "token_expired"),
        (401, "x-ms-diagnostics: 2000003;reason=\"x\"", "token_wrong_audience"),
        (503, "", "transient_server_error"),
    ] {
        assert_eq!(cause(scene, &answer(status, head, "")), expected, "{status} {head}");
    }
    let late = Scene { retired: true, ..scene };
    assert_eq!(cause(late, &answer(403, off, "")), "exo_ews_retired");
}

#[test]
fn what_a_server_echoes_or_paints_is_cleaned() {
    let scrub = Scrub::new(crate::verification::scrub::spellings("LAKESHORE\\svc", "pa55 w0rd-of-ours"));
    let words = format!(
        "{HEAD}<s:Fault><faultcode>a:E</faultcode><faultstring>You sent pa55 w0rd-of-ours and \
         TEFLRVNIT1JFXHN2YzpwYTU1IHcwcmQtb2Ytb3Vycw== &#x1b;x</faultstring></s:Fault></s:Body></s:Envelope>"
    );
    let echoed = answer(500, "x-feserver: pa55 w0rd-of-ours<b>", &words);
    let shown = shown(&echoed, &read(&echoed.body), &scrub);
    let kept = format!("{shown:?}");
    assert!(kept.contains("[removed]") && !kept.contains("w0rd") && !kept.contains("TEFLRVNI"), "{kept}");
    assert!(!kept.contains('\u{1b}'));
}

proptest! {
    #[test]
    fn whatever_a_server_says_is_kept_short_and_without_the_password(
        words in "\\PC{0,400}",
        code in "[A-Za-z0-9<&;:. ]{0,120}",
        head in "[ -~]{0,200}",
        status in 200..600_u16,
        twice: bool,
    ) {
        const PASSWORD: &str = "pa55 w0rd-of-ours";
        let scrub = Scrub::new(crate::verification::scrub::spellings("LAKESHORE\\svc", PASSWORD));
        let said = super::escape(&format!("{words}{PASSWORD}{words}"));
        let once = format!("<s:Fault><faultcode>a:{code}</faultcode><faultstring>{said}</faultstring></s:Fault>");
        let body = format!("{HEAD}{once}{}</s:Body></s:Envelope>", if twice { &once } else { "" });
        let answer = answer(status, &format!("x-feserver: {head}{PASSWORD}\nrequest-id: {PASSWORD}{head}"), &body);
        let shown = shown(&answer, &read(&answer.body), &scrub);
        let kept = format!("{shown:?}");
        prop_assert!(!kept.contains("w0rd-of-ours") && !kept.contains("pa55 w0rd"), "{kept}");
        prop_assert!(kept.len() < 8_000, "{}", kept.len());
        // Whatever it is, it has a cause.
        let _ = cause_of(&Evidence::Shown(Box::new(shown)), &Scene::of(Speaker::Exchange, StepId::SignIn));
    }

    #[test]
    fn no_bytes_make_the_reader_of_answers_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let whole = [HEAD.as_bytes(), &bytes, b"</s:Body></s:Envelope>"].concat();
        let _ = (read(&bytes), read(&whole));
    }

    #[test]
    fn a_good_answer_is_good_under_any_prefix_and_layout(
        soap in "[a-wyz][a-z]{0,7}", messages in "[A-Z]{1,8}", blank in "[ \t\r\n]{0,6}", new: bool, quote in "['\"]",
    ) {
        let envelope = if new { "http://www.w3.org/2003/05/soap-envelope" } else { "http://schemas.xmlsoap.org/soap/envelope/" };
        let own = "http://schemas.microsoft.com/exchange/services/2006/messages";
        let doc = format!(
            "<?xml version=\"1.0\"?>{blank}<{soap}:Envelope {blank}xmlns:{soap}={quote}{envelope}{quote}>{blank}<{soap}:Body>\
             <{messages}:XResponse {blank}xmlns:{messages}={quote}{own}{quote}><{messages}:ResponseMessages>\
             <{messages}:X ResponseClass={quote}Success{quote}><{messages}:ResponseCode>{blank}NoError{blank}\
             </{messages}:ResponseCode></{messages}:X></{messages}:ResponseMessages></{messages}:XResponse>\
             </{soap}:Body></{soap}:Envelope>{blank}"
        );
        // Blanks between elements are text of the body, and no second answer.
        let read = read(doc.as_bytes());
        prop_assert!(matches!(&read, Body::Ews(reply) if reply.is_good() && reply.messages[0].code == "NoError"), "{doc} {read:?}");
    }
}
