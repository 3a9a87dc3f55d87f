//! The guides as an admin reads them: each kind, the names of each attempt, names that try to leave their place.

mod paper;
mod steps;
mod told;

use crate::{
    databases::on_both,
    world::{Admin, Page, Plan, World},
};

/// A world in which each kind is offered.
fn plan() -> Plan {
    let more = "[kinds]\nexchange_basic = \"offered\"\news_secret = \"offered\"\nmicrosoft365_password = \"offered\"\n";
    Plan { more: more.parse().expect("settings"), ..Plan::default() }
}

async fn world(database: &crate::databases::Database, plan: Plan) -> World<'_> {
    World::start_with(database, plan, &[crate::world::Cast::Everything]).await
}

/// Makes a connection of a kind and opens its guide as people find it: from the overview.
async fn guide_of(admin: &Admin, kind: &str) -> Page {
    let page = admin.browser.opens("/connections/new").await;
    let form = page.form_with("external_id").with("name", kind).with("kind", kind);
    admin.browser.sends(&form).await;
    let overview = admin.browser.opens("/overview").await;
    let link = overview.link(&format!("Open the guide : {kind}"));
    read(admin.browser.opens(&link).await)
}

/// The page as it is read: a name that is marked within a sentence or a command is a part of it.
fn read(mut page: Page) -> Page {
    for mark in ["<mark>", "<mark class=\"open\">", "</mark>", "<b>", "</b>"] {
        page.source = page.source.replace(mark, "");
    }
    page
}

/// Every link within the page leads to a place that is there.
fn has_no_dead_anchor(guide: &Page) {
    let places: Vec<String> = guide.html().marked("id").into_iter().map(|(id, _)| id).collect();
    for (link, words) in guide.html().links() {
        if let Some(place) = link.strip_prefix('#') {
            assert!(places.iter().any(|id| id == place), "{words} leads to {place}, which is not there");
        }
    }
}

on_both! {
    async fn each_kind_has_a_guide_with_the_names_of_the_attempt(database) {
        let world = world(database, plan()).await;
        for (sample, kind, heading, said) in [
            ("exchange-healthy", "exchange_basic", "Connect your own Exchange server", vec![
                "MoxiEngage Service",
                "New-RoleGroup 'Impersonation' -Roles ApplicationImpersonation",
                "-Members 'MoxiEngage@{domain}'",
                "203.0.113.10",
                "Being the group's owner is not enough",
            ]),
            ("healthy", "graph_secret", "Connect Microsoft 365", vec![
                "As Name enter MoxiEngage.",
                "As Description enter Engage access.",
                "730 days (24 months)",
                "-Member 'your test mailbox'",
            ]),
            ("ews-healthy", "ews_secret", "Connect Microsoft 365 over EWS", vec![
                "full_access_as_app",
                "Allow public client flows",
                "April 1, 2027",
                "-EwsAllowedAppIDs 'the client ID of your app'",
            ]),
            ("password-healthy", "microsoft365_password", "Connect Microsoft 365 with a service account's password", vec![
                "This way works almost nowhere any more.",
                "Create user without product license",
                "As Name enter Impersonation.",
                "Update-MgUser -UserId 'MoxiEngage@{domain}' -PasswordPolicies DisablePasswordExpiration",
                "Set-AzureADUser -ObjectId 'MoxiEngage@{domain}'",
                "New-AuthenticationPolicy -Name 'MoxiWorksBasic'",
                "-AllowBasicAuthAutodiscover:$true -AllowBasicAuthWebServices:$true",
                "Set-User -Identity 'MoxiEngage@{domain}' -AuthenticationPolicy 'MoxiWorksBasic'",
                "My organization is planning to use Conditional Access",
                "Set Allow public client flows to Yes",
            ]),
        ] {
            let admin = world.admin(sample);
            admin.begins().await;
            let domain = admin.address().split_once('@').expect("an address").1;
            let guide = guide_of(&admin, kind).await;
            assert_eq!((guide.status.as_u16(), guide.heading()), (200, heading.to_owned()));
            guide.must_say("This is attempt 1.");
            for words in said {
                guide.must_say(&words.replace("{domain}", domain));
            }
            has_no_dead_anchor(&guide);
            assert!(!guide.source.contains("MoxiEngage2") && !guide.source.contains("Impersonation2"), "{kind}");
            let stranger = world.anonymous();
            let guide = admin.browser.opens("/overview").await.link("Open the guide");
            assert_ne!(stranger.opens(&guide).await.heading(), heading, "only for those who signed in");
        }
        world.ends_well().await;
    }

    async fn the_second_attempt_has_its_own_names_in_the_guide(database) {
        let world = world(database, plan()).await;
        for (sample, step, place, said, then) in [
            ("no-consent", "Grant admin consent", "#consent", "As Name enter MoxiEngage.", [
                "As Name enter MoxiEngage2.",
                "As Description enter Engage access2.",
                "New-DistributionGroup -Name 'MoxiEngage Agents2' -Type Security",
            ]),
            ("exchange-no-role", "Give it the right to act for your agents", "#right", "New-RoleGroup 'Impersonation' -Roles", [
                "As Display name and Name enter MoxiEngage Service2.",
                "As Name enter Impersonation2.",
                "New-RoleGroup 'Impersonation2' -Roles ApplicationImpersonation",
            ]),
            ("password-other-tenant", "Create the service account", "#account", "As Display name enter MoxiEngage Service.", [
                "As Display name enter MoxiEngage Service2.",
                "As Name enter Impersonation2.",
                "New-AuthenticationPolicy -Name 'MoxiWorksBasic2'",
            ]),
        ] {
            let admin = world.admin(sample);
            let failed = admin.first_attempt().await;
            assert_eq!(admin.verdict(&failed), "failed", "{}", failed.text());

            let link = failed.link(&format!("See it in the guide: {step}"));
            assert!(link.ends_with(&format!("/guide{place}")), "{link}");
            let guide = read(admin.browser.opens(link.split('#').next().expect("a page")).await);
            guide.must_say("This is attempt 1.");
            guide.must_say(said);

            let answers = admin.browser.sends(&failed.form_that_says("attempt 2")).await;
            let guide = read(admin.browser.opens(&answers.link("Open the guide")).await);
            guide.must_say("This is attempt 2.");
            for words in then {
                guide.must_say(words);
            }
            world.mailbox.gets(admin.address(), "Not connected").await;
        }
        world.ends_well().await;
    }

    async fn a_name_cannot_leave_its_quotes(database) {
        let world = world(database, plan()).await;
        let admin = world.admin("healthy");
        admin.begins().await;
        let form = admin.creates_connection("Main office").await;
        let domain = admin.address().split_once('@').expect("an address").1;
        let saves = async |form: &Page, mailbox: &str| {
            let typed = form.form_with("client_secret").with("test_mailbox", mailbox);
            admin.browser.presses(&typed, "Save and come back later").await;
            let overview = admin.browser.opens("/overview").await;
            read(admin.browser.opens(&overview.link("Open the guide")).await)
        };
        // What the form refuses is no name: nobody is led to set up by it.
        let refused = "o'brien\u{2019}; Remove-Mailbox *</code><script>alert(1)</script>@lakeshore.example";
        let guide = saves(&form, refused).await;
        assert!(!guide.source.contains("<script>alert") && !guide.says("Remove-Mailbox"), "{}", guide.source);
        guide.must_say("It waits for: the client ID of your app, your test mailbox.");
        // What an address may hold is odd enough.
        let form = admin.browser.opens(&form.url).await;
        let guide = saves(&form, &format!("o'brien'|Stop`{{x}}$y@{domain}")).await;
        guide.must_say(&format!("-Member 'o''brien''|Stop`{{x}}$y@{domain}'"));
        world.ends_well().await;
    }

    async fn a_folder_of_ones_own_replaces_a_guide(database) {
        let folder = crate::world::Folder::new();
        let own = folder.path().join("graph_secret");
        std::fs::create_dir_all(&own).expect("a folder");
        let text = "---\ntitle: As we do it\nversion: 7\ndate: 2026-11-20\nminutes: 5\nneeds:\n- A phone.\n---\n\n## Call us {#call}\nwhy: We know **how**.\n\n1. Call about {app_name}.\n";
        std::fs::write(own.join("guide.md"), text).expect("written");
        let mut plan = plan();
        let dir = toml::Table::from_iter([("dir".to_owned(), folder.path().display().to_string().into())]);
        plan.more.insert("guides".to_owned(), dir.into());
        let world = world(database, plan).await;
        let admin = world.admin("healthy");
        admin.begins().await;
        let guide = guide_of(&admin, "graph_secret").await;
        assert_eq!(guide.heading(), "As we do it");
        guide.must_say("Call about MoxiEngage.");
        guide.must_say("Version 7");
        let guide = guide_of(&admin, "ews_secret").await;
        assert_eq!(guide.heading(), "Connect Microsoft 365 over EWS");
        world.ends_well().await;
    }
}
