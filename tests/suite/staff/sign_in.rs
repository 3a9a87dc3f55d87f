//! Signing in at the company's provider: the way in, and everything about it that can be wrong.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use moxi_onboard::{
    clock::Clock,
    simulator::{
        self, Simulator,
        openid::{Lie, Provider},
    },
};
use reqwest::{StatusCode, header};

use crate::{
    databases::{Database, START, on_both},
    rows,
    staff_site::StaffSite,
    world::{Folder, Page, client::client, visitor::Visitor},
};

/// A staff site and the simulated company.
struct Company {
    site: StaffSite,
    simulator: Simulator,
    _folder: Folder,
}

impl Company {
    async fn open(database: &Database) -> Self {
        Self::with(database, "patience = \"500 ms\"").await
    }

    async fn with(database: &Database, more: &str) -> Self {
        let (folder, clock) = (Folder::new(), Clock::standing_at(START));
        let simulator = simulator_in(folder.path(), &clock).await;
        let site = StaffSite::at(database, clock, simulator.openid(), more).await;
        Self { site, simulator, _folder: folder }
    }

    fn provider(&self) -> &Provider {
        self.simulator.openid()
    }

    /// Somebody presses "Sign in" and then this person at the provider; gives the address they are sent back to.
    async fn comes_back_as(&self, visitor: &Visitor, account: &str) -> String {
        let begun = visitor.opens_once("/sign-in/begin").await;
        assert_eq!(begun.status, 303, "{}", begun.text());
        self.chooses(&location(&begun), account).await
    }

    async fn chooses(&self, authorize: &str, account: &str) -> String {
        let url = authorize.replace("/authorize?", "/authorize/as?");
        let answer = client().get(format!("{url}&account={account}")).send().await.expect("an answer");
        assert_eq!(answer.status(), 303, "{authorize}");
        let back = answer.headers()[header::LOCATION].to_str().expect("an address").to_owned();
        back.strip_prefix(&self.site.origin).expect("back to the site").to_owned()
    }

    /// The whole way of somebody; where they end up.
    async fn signs_in(&self, visitor: &Visitor, account: &str) -> Page {
        let back = self.comes_back_as(visitor, account).await;
        visitor.opens(&back).await
    }

    async fn nobody_is_in(&self, database: &Database) {
        assert_eq!(rows::count(database, "staff_sessions").await, 0);
        assert_eq!(rows::count(database, "staff").await, 0);
        assert_eq!(rows::count(database, "audit WHERE verb = 'staff.sign_in'").await, 0);
    }
}

async fn simulator_in(folder: &Path, clock: &Clock) -> Simulator {
    let clock = clock.clone();
    let now = simulator::Settings::clock(move || clock.now().timestamp());
    simulator::start(simulator::Settings::new(folder.join("simulator"), now)).await.expect("it starts")
}

fn location(page: &Page) -> String {
    page.headers[header::LOCATION].to_str().expect("an address").to_owned()
}

fn cookies(page: &Page) -> Vec<String> {
    page.headers
        .get_all(header::SET_COOKIE)
        .iter()
        .map(|line| line.to_str().expect("plain").to_owned())
        .collect()
}

on_both! {
    async fn a_reviewer_signs_in_and_comes_out_where_they_wanted_to(database) {
        let company = Company::open(database).await;
        let visitor = company.site.visitor();
        let page = visitor.opens("/account?from=mail").await;
        assert_eq!((page.status.as_u16(), page.heading().as_str()), (200, "Sign in"));
        let begun = visitor.opens_once(&page.link("Sign in with your company account")).await;
        let login = cookies(&begun).into_iter().find(|line| line.starts_with("__Host-staff-login=")).expect("a cookie");
        for part in ["Path=/", "Max-Age=600", "Secure", "HttpOnly", "SameSite=Lax"] {
            assert!(login.contains(part), "{login}");
        }
        let address = url::Url::parse(&location(&begun)).expect("an address");
        let asked: std::collections::BTreeMap<_, _> = address.query_pairs().into_owned().collect();
        assert_eq!(asked["code_challenge_method"], "S256");
        assert_eq!(asked["redirect_uri"], format!("{}/sign-in/return", company.site.origin));
        assert_eq!((asked["scope"].as_str(), asked["max_age"].as_str()), ("openid profile email", "43200"));
        let back = company.chooses(address.as_str(), "dana").await;
        let answer = visitor.opens_once(&back).await;
        assert_eq!((answer.status.as_u16(), location(&answer).as_str()), (303, "/account?from=mail"));
        let session = cookies(&answer).into_iter().find(|line| line.starts_with("__Host-staff=")).expect("a session");
        for part in ["Path=/", "Secure", "HttpOnly", "SameSite=Lax"] {
            assert!(session.contains(part), "{session}");
        }
        assert!(cookies(&answer).iter().any(|line| line.starts_with("__Host-staff-login=;")), "the other cookie goes");
        let page = visitor.opens("/account").await;
        assert_eq!(page.heading(), "Dana Reyes");
        page.must_say("Reviewer");
        assert_eq!(rows::texts(database, "SELECT subject FROM staff").await, ["dana"]);
        let lines = rows::texts(database, "SELECT detail FROM audit WHERE verb = 'staff.sign_in'").await;
        assert!(lines.len() == 1 && lines[0].contains("reviewer"), "{lines:?}");
        assert!(!rows::holds(database, b"dana@moxiworks.example").await, "the address is kept encrypted");
    }

    async fn the_same_person_stays_the_same_and_changed_roles_count_everywhere(database) {
        let company = Company::with(database, "[staff.openid.roles]\nreviewer = \"auditor\"\n\"\" = \"owner\"").await;
        let (here, there) = (company.site.visitor(), company.site.visitor());
        company.signs_in(&here, "dana").await;
        company.signs_in(&there, "dana").await;
        here.opens("/account").await.must_say("Auditor");
        assert_eq!(rows::count(database, "staff").await, 1);
        company.provider().lies(&[Lie::OtherRoles]);
        let third = company.site.visitor();
        let page = company.signs_in(&third, "dana").await;
        assert_eq!((page.status, page.heading().as_str()), (StatusCode::FORBIDDEN, "You have no role here"));
        for visitor in [&here, &there] {
            assert_eq!(visitor.opens("/account").await.heading(), "Sign in");
        }
        assert_eq!(rows::count(database, "staff_sessions").await, 0);
    }

    async fn somebody_without_a_role_is_told_so_and_not_kept(database) {
        let company = Company::open(database).await;
        let visitor = company.site.visitor();
        let page = company.signs_in(&visitor, "tom").await;
        assert_eq!((page.status, page.heading().as_str()), (StatusCode::FORBIDDEN, "You have no role here"));
        assert!(!visitor.cookie_line().contains("__Host-staff="), "{}", visitor.cookie_line());
        company.nobody_is_in(database).await;
        assert_eq!(rows::count(database, "audit WHERE verb = 'staff.refuse'").await, 1);
    }

    async fn a_provider_that_lies_brings_nobody_in(database) {
        let company = Company::open(database).await;
        let told = [
            (Lie::NoToken, 502, "malformed"),
            (Lie::HugeAnswer, 503, "away"),
            (Lie::TokenRedirects, 503, "away"),
            (Lie::ClientNotKnown, 502, "client_not_known"),
            (Lie::NoKidAndTwoKeys, 502, "key"),
            (Lie::UnknownKid, 502, "key"),
            (Lie::OtherKey, 502, "signature"),
            (Lie::AlgNone, 502, "algorithm"),
            (Lie::HmacWithSecret, 502, "algorithm"),
            (Lie::HmacWithPublicKey, 502, "algorithm"),
            (Lie::OtherIssuer, 502, "issuer"),
            (Lie::OtherAudience, 502, "audience"),
            (Lie::OtherAsked, 502, "audience"),
            (Lie::Expired, 502, "expired"),
            (Lie::NotYet, 502, "not_yet"),
            (Lie::OtherNonce, 502, "nonce"),
            (Lie::NoNonce, 502, "nonce"),
            (Lie::OtherAccessToken, 502, "access_token"),
            (Lie::NoAuthTime, 403, "auth_time"),
            (Lie::OldSignIn, 403, "auth_time"),
            (Lie::OtherIssuerOnTheWayBack, 502, "issuer"),
        ];
        for (count, (lie, status, cause)) in told.into_iter().enumerate() {
            // Keys are fetched again at most once a minute; each lie gets its own chance.
            company.site.app.clock.advance(Duration::from_secs(61));
            let visitor = company.site.visitor();
            let back = company.comes_back_as(&visitor, "dana").await;
            company.provider().lies(&[lie]);
            // What is wrong on the way back is wrong from the provider's page on.
            let back = if lie == Lie::OtherIssuerOnTheWayBack { company.comes_back_as(&visitor, "dana").await } else { back };
            let page = visitor.opens(&back).await;
            company.provider().lies(&[]);
            assert_eq!(page.status.as_u16(), status, "{lie:?}: {}", page.text());
            page.must_say("If you ask for help, give this reference");
            for leak in ["eyJ", "access-", "code-", company.provider().client_secret()] {
                assert!(!page.source.contains(leak), "{lie:?}: {leak}");
            }
            let causes = rows::texts(database, "SELECT detail FROM audit WHERE verb = 'staff.refuse' ORDER BY at").await;
            assert_eq!(causes.len(), count + 1);
            assert!(causes[count].contains(&format!("\"{cause}\"")), "{lie:?}: {}", causes[count]);
            assert!(!visitor.cookie_line().contains("__Host-staff="), "{lie:?}");
        }
        company.nobody_is_in(database).await;
        let visitor = company.site.visitor();
        assert_eq!(company.signs_in(&visitor, "dana").await.status, 200, "and the truth is still believed");
    }

    async fn a_description_that_is_not_believed_leads_nobody_away(database) {
        for (lie, status) in [
            (Lie::Down, 503),
            (Lie::Silent, 503),
            (Lie::DescribedByAPage, 502),
            (Lie::OtherIssuerInDescription, 502),
            (Lie::TokensElsewhere, 502),
        ] {
            let Some(database) = Database::make(database.kind).await else { return };
            let company = Company::open(&database).await;
            company.provider().lies(&[lie]);
            let page = company.site.visitor().opens("/sign-in/begin").await;
            assert_eq!(page.status.as_u16(), status, "{lie:?}: {}", page.text());
            assert!(page.headers.get(header::LOCATION).is_none() && !page.source.contains("evil.example"));
            company.provider().lies(&[]);
            let visitor = company.site.visitor();
            assert_eq!(company.signs_in(&visitor, "dana").await.status, 200, "{lie:?} is forgotten at once");
        }
    }

    async fn while_the_provider_is_silent_all_who_ask_wait_for_one_fetch(database) {
        // It takes connections and never says a word.
        let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a listener");
        let at = silent.local_addr().expect("an address");
        let taken = Arc::new(AtomicUsize::new(0));
        let count = taken.clone();
        let takes = tokio::spawn(async move {
            let mut held = Vec::new();
            while let Ok((line, _)) = silent.accept().await {
                count.fetch_add(1, Ordering::SeqCst);
                held.push(line);
            }
        });
        let said = format!("[staff.openid]\nissuer = \"http://{at}\"\nclient_id = \"a\"\nclient_secret = \"b\"\npatience = \"3 s\"");
        let site = StaffSite::with(database, Clock::standing_at(START), &said).await;
        let visitors: Vec<_> = (0..20).map(|_| site.visitor()).collect();
        let begun = std::time::Instant::now();
        let pages = futures_util::future::join_all(visitors.iter().map(|visitor| visitor.opens("/sign-in/begin"))).await;
        let waited = begun.elapsed();
        for page in pages {
            assert_eq!((page.status.as_u16(), page.heading().as_str()), (503, "The company's sign-in does not answer"));
        }
        assert_eq!(taken.load(Ordering::SeqCst), 1, "one fetch for all of them");
        assert!((Duration::from_secs(3)..Duration::from_secs(6)).contains(&waited), "{waited:?}");
        site.visitor().opens("/sign-in/begin").await;
        assert_eq!(taken.load(Ordering::SeqCst), 2, "who comes later has the provider asked anew");
        takes.abort();
    }

    async fn a_provider_that_moved_is_found_again_by_the_sign_in_after_the_one_that_failed(database) {
        let company = Company::open(database).await;
        let minute = || company.site.app.clock.advance(Duration::from_secs(61));
        let described = || company.provider().asked("/.well-known/openid-configuration");
        assert_eq!(company.signs_in(&company.site.visitor(), "dana").await.status, 200);
        company.provider().changes_keys().expect("a key");
        company.provider().lies(&[Lie::Moved]);
        minute();
        let page = company.signs_in(&company.site.visitor(), "dana").await;
        assert_eq!((page.status.as_u16(), described()), (502, 1), "what was kept leads to the old place: {}", page.text());
        assert_eq!(company.signs_in(&company.site.visitor(), "dana").await.status, 200, "once, and no more");
        assert_eq!((described(), company.provider().asked("/moved/jwks")), (2, 1));
        for _ in 0..3 {
            assert_eq!(company.signs_in(&company.site.visitor(), "dana").await.status, 200);
        }
        assert_eq!(described(), 2);
        // Sign-ins that fail one after the other have it described at most once a minute.
        company.provider().lies(&[Lie::Moved, Lie::NoToken]);
        for _ in 0..3 {
            assert_eq!(company.signs_in(&company.site.visitor(), "dana").await.status, 502);
        }
        assert_eq!(described(), 2);
        minute();
        for _ in 0..3 {
            assert_eq!(company.signs_in(&company.site.visitor(), "dana").await.status, 502);
        }
        assert_eq!(described(), 3);
    }

    async fn a_provider_that_goes_away_half_way_brings_nobody_in(database) {
        let company = Company::open(database).await;
        for lie in [Lie::Down, Lie::Silent] {
            let visitor = company.site.visitor();
            let back = company.comes_back_as(&visitor, "dana").await;
            company.provider().lies(&[lie]);
            let page = visitor.opens(&back).await;
            company.provider().lies(&[]);
            assert_eq!((page.status.as_u16(), page.heading().as_str()), (503, "The company's sign-in does not answer"));
        }
        let visitor = company.site.visitor();
        let back = company.comes_back_as(&visitor, "dana").await;
        company.provider().lies(&[Lie::HugeKeys]);
        assert_eq!(visitor.opens(&back).await.status, 503, "a set of keys without an end");
        company.nobody_is_in(database).await;
    }

    async fn changed_keys_are_fetched_again_at_most_once_a_minute(database) {
        let company = Company::open(database).await;
        let minute = || company.site.app.clock.advance(Duration::from_secs(61));
        let visitor = company.site.visitor();
        assert_eq!(company.signs_in(&visitor, "dana").await.status, 200);
        assert_eq!(company.provider().asked("/jwks"), 1);
        company.provider().changes_keys().expect("a key");
        let page = company.signs_in(&company.site.visitor(), "dana").await;
        assert_eq!(page.status, 502, "so soon after the last fetch the new key is not asked for");
        assert_eq!(company.provider().asked("/jwks"), 1);
        minute();
        assert_eq!(company.signs_in(&company.site.visitor(), "dana").await.status, 200);
        assert_eq!(company.provider().asked("/jwks"), 2);
        for _ in 0..3 {
            assert_eq!(company.signs_in(&company.site.visitor(), "dana").await.status, 200);
        }
        assert_eq!((company.provider().asked("/jwks"), company.provider().asked("/.well-known/openid-configuration")), (2, 2));
        company.provider().lies(&[Lie::NoKid]);
        assert_eq!(company.signs_in(&company.site.visitor(), "dana").await.status, 200, "one key: no name is needed");
    }

    async fn a_return_is_good_once_in_one_browser_and_not_for_long(database) {
        let company = Company::open(database).await;
        let visitor = company.site.visitor();
        let back = company.comes_back_as(&visitor, "dana").await;
        let cookie = visitor.cookie_line();
        let value = cookie.split("; ").find_map(|pair| pair.strip_prefix("__Host-staff-login=")).expect("a cookie");
        let stale = |page: &Page| {
            assert_eq!((page.status.as_u16(), page.heading().as_str()), (400, "This sign-in is no longer good"), "{}", page.text());
        };
        // Somebody who got hold of the address: another browser, and one that has begun a sign-in of its own.
        stale(&company.site.visitor().opens(&back).await);
        let other = company.site.visitor();
        other.opens_once("/sign-in/begin").await;
        stale(&other.opens(&back).await);
        // A cookie with another aim or another time does not fit the state.
        let parts: Vec<&str> = value.split('.').collect();
        for forged in [
            format!("{}.{}.{}", parts[0], parts[1], "2f6163636f756e74"),
            format!("{}.{}.{}", parts[0], parts[1].parse::<i64>().expect("a time") + 1, parts[2]),
        ] {
            let thief = company.site.visitor();
            thief.takes_cookie("__Host-staff-login", &forged);
            stale(&thief.opens(&back).await);
        }
        let tokens = company.provider().asked("/token");
        assert_eq!(tokens, 0, "the provider is not asked for any of these");
        // The same return, twice, with everything that belongs to it.
        let twin = company.site.visitor();
        twin.takes_cookie("__Host-staff-login", value);
        assert_eq!(visitor.opens(&back).await.status, 200);
        stale(&twin.opens(&back).await);
        assert_eq!(company.provider().asked("/token"), 1);
        // Ten minutes are enough for anybody.
        let slow = company.site.visitor();
        let back = company.comes_back_as(&slow, "dana").await;
        company.site.app.clock.advance(Duration::from_secs(601));
        stale(&slow.opens(&back).await);
        // A code of somebody else's sign-in, slipped into one's own.
        let (thief, owner) = (company.site.visitor(), company.site.visitor());
        let theirs = company.comes_back_as(&owner, "ravi").await;
        let own = company.comes_back_as(&thief, "dana").await;
        let code = |back: &str| back.split("code=").nth(1).and_then(|rest| rest.split('&').next()).expect("a code").to_owned();
        let mixed = own.replace(&code(&own), &code(&theirs));
        stale(&thief.opens(&mixed).await);
        // The other state, and a person who declines.
        company.provider().lies(&[Lie::OtherState]);
        let visitor = company.site.visitor();
        stale(&company.signs_in(&visitor, "dana").await);
        company.provider().lies(&[Lie::Declines]);
        let page = company.signs_in(&visitor, "dana").await;
        assert_eq!((page.status.as_u16(), page.heading().as_str()), (403, "You did not sign in"));
        for odd in ["/sign-in/return", "/sign-in/return?state=a&state=b", "/sign-in/return?code=%ff", "/sign-in/return?error=x&code=y"] {
            let page = company.site.visitor().opens(odd).await;
            assert_eq!(page.status.as_u16(), 400, "{odd}: {}", page.text());
        }
    }

    async fn a_planted_session_is_worth_nothing_after_sign_in(database) {
        let company = Company::open(database).await;
        let first = company.site.visitor();
        company.signs_in(&first, "kim").await;
        let session = |visitor: &Visitor| {
            visitor.cookie_line().split("; ").find_map(|pair| pair.strip_prefix("__Host-staff=").map(str::to_owned)).expect("a session")
        };
        let planted = session(&first);
        let victim = company.site.visitor();
        victim.takes_cookie("__Host-staff", &planted);
        company.signs_in(&victim, "dana").await;
        assert_ne!(session(&victim), planted, "the id is renewed at sign-in");
        assert_eq!(first.opens("/account").await.heading(), "Sign in", "whoever planted it is out");
        assert_eq!(victim.opens("/account").await.heading(), "Dana Reyes");
    }

    async fn another_site_is_no_place_to_come_out(database) {
        let company = Company::open(database).await;
        for next in ["https://evil.example/", "//evil.example", "/%2F/evil.example", "/\\evil.example"] {
            let visitor = company.site.visitor();
            let begun = visitor.opens_once(&format!("/sign-in/begin?next={}", url::form_urlencoded::byte_serialize(next.as_bytes()).collect::<String>())).await;
            let back = company.chooses(&location(&begun), "dana").await;
            assert_eq!(location(&visitor.opens_once(&back).await), "/", "{next}");
        }
    }

    async fn a_way_of_signing_in_can_be_demanded(database) {
        let company = Company::with(database, "acr = [\"mfa\"]").await;
        let visitor = company.site.visitor();
        let begun = visitor.opens_once("/sign-in/begin").await;
        assert!(location(&begun).contains("acr_values=mfa"), "{}", location(&begun));
        assert_eq!(company.signs_in(&visitor, "dana").await.status, 200);
        company.provider().lies(&[Lie::PasswordAlone]);
        let page = company.signs_in(&company.site.visitor(), "dana").await;
        assert_eq!((page.status.as_u16(), page.heading().as_str()), (403, "This site asks for a stronger sign-in"));
    }

    async fn returns_without_end_are_slowed(database) {
        let company = Company::open(database).await;
        let visitor = company.site.visitor();
        let mut last = 0;
        for _ in 0..101 {
            let begun = visitor.opens_once("/sign-in/begin").await;
            let state = location(&begun).split("state=").nth(1).and_then(|rest| rest.split('&').next()).expect("a state").to_owned();
            let issuer = company.provider().issuer().to_owned();
            last = visitor.opens(&format!("/sign-in/return?state={state}&code=guess&iss={issuer}")).await.status.as_u16();
        }
        assert_eq!(last, 429);
        assert_eq!(company.provider().asked("/token"), 100);
    }
}
