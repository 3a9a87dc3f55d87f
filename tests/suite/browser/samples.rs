//! Every page in every state that its template's samples show, with the real style sheet, scripts and headers: what a
//! story does not pass is looked at, too. `scripts/screens` has the same test keep a picture of each.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
};

use axum::{
    Router,
    extract::Path as Named,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::Html,
    routing::get,
};
use moxi_onboard::http::public;
use serde_json::{Value, json};

use super::{
    chromium::{self, Chromium, Scripts},
    rules,
};
use crate::{http::world::World, world::Folder};

/// So many windows share the work.
const WINDOWS: usize = 2;

/// A mail program shows the colours that a mail brings, and fetches nothing.
const OF_MAILS: &str = "default-src 'none'; style-src 'unsafe-inline'";

fn is_mail(name: &str) -> bool {
    name.starts_with("mail-")
}

/// What a page owes at a width and in forced colours; gives what it does not keep.
const AUDIT: &str = r#"
    const wrong = [], all = selector => [...document.querySelectorAll(selector)];
    const shown = it => it.checkVisibility({ visibilityProperty: true }) && !it.closest('.vh');
    const say = it => it.outerHTML.replace(/\s+/g, ' ').slice(0, 120);
    const wide = () => document.documentElement.scrollWidth - document.documentElement.clientWidth;
    const mode = arguments[0];
    if (wide() > 0) {
        const out = all('main *').find(it => shown(it) && it.getBoundingClientRect().right > innerWidth + 1);
        wrong.push(`${wide()} px too wide, first ${out ? say(out) : '?'}`);
    }
    if (mode === 'large') {
        for (const it of all('body *')) {
            const style = getComputedStyle(it);
            // A field scrolls by itself.
            if (!shown(it) || it.closest('svg, input') || !['hidden', 'clip'].some(word => [style.overflowX, style.overflowY].includes(word))) continue;
            if (it.scrollWidth > it.clientWidth + 1 || it.scrollHeight > it.clientHeight + 1) wrong.push(`text is cut off in ${say(it)}`);
        }
    }
    if (mode === 'forced') {
        for (const pic of all('svg.pic')) {
            const [box, word] = ['rect', 'text'].map(name => pic.querySelector(name)).map(it => it && getComputedStyle(it));
            if (box && box.stroke === box.fill) wrong.push('a drawing without lines');
            if (word && box && word.fill === box.fill) wrong.push('a drawing without words');
        }
    }
    if (mode === 'plain') {
        if (all('h1').length !== 1) wrong.push(`${all('h1').length} headings of the first order`);
        for (const mark of ['header', 'main', 'footer']) {
            if (all(`body > ${mark}, body > * > ${mark}`).length !== 1) wrong.push(`not one ${mark}`);
        }
        if (all('[tabindex]').some(it => it.tabIndex > 0)) wrong.push('an order of its own');
        if (!document.title.endsWith(' – Mailbox connection')) wrong.push(`the title is ${document.title}`);
    }
    if (mode !== 'large' && mode !== 'mail') {
        const stops = all('a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]').filter(shown);
        if (!stops[0]?.classList.contains('skip')) wrong.push('the way past the navigation is not the first stop');
        for (const it of stops.filter(it => !it.disabled)) {
            it.focus({ focusVisible: true, preventScroll: true });
            const style = getComputedStyle(it);
            const ring = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
            if (document.activeElement === it && !ring) wrong.push(`the focus is not seen on ${say(it)}`);
        }
        document.activeElement?.blur();
    }
    return [...new Set(wrong)];
"#;

/// Twice the text, and the spacing that readers may set.
const LARGE: &str = "
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(':root { font-size: 200% !important } * { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important } p { margin-block-end: 2em !important }');
    document.adoptedStyleSheets = arguments[0] ? [sheet] : [];";

/// The samples of all pages, by name: the library's own tests render and keep them.
fn rendered() -> BTreeMap<String, String> {
    let folder = Folder::new();
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let done = Command::new(cargo)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(["test", "--locked", "--quiet", "--lib", "--", "http::", "notify::tests::the_html"])
        .env("MOXI_SAMPLES", folder.path())
        .output()
        .expect("cargo runs");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let files = fs::read_dir(folder.path()).expect("a folder").filter_map(|file| Some(file.ok()?.path()));
    files
        .filter(|file| file.extension().is_some_and(|ending| ending == "html"))
        .map(|file| {
            let name = file.file_stem().and_then(|name| name.to_str()).expect("a name").to_owned();
            (name, fs::read_to_string(&file).expect("a page"))
        })
        .collect()
}

/// The samples as a site.
async fn site(samples: Arc<BTreeMap<String, String>>) -> World {
    let show = move |Named(name): Named<String>| {
        let mut headers = HeaderMap::new();
        if is_mail(&name) {
            headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(OF_MAILS));
        }
        let html = samples.get(&name).map(|html| (headers, Html(html.clone()))).ok_or(StatusCode::NOT_FOUND);
        async move { html }
    };
    World::around(Router::new().merge(public::routes()).route("/sample/{name}", get(show))).await
}

async fn audit(window: &Chromium, mode: &str) -> Vec<String> {
    let found = window.client.execute(AUDIT, vec![json!(mode)]).await.expect("an answer");
    let found = found.as_array().expect("a list").iter().filter_map(Value::as_str);
    found.map(|line| format!("{mode}: {line}")).collect()
}

async fn media(window: &Chromium, name: &str, value: &str) {
    let features = json!({ "features": [{ "name": name, "value": value }] });
    window.asks("Emulation.setEmulatedMedia", features).await;
}

async fn set(window: &Chromium, script: &str, value: Value) {
    window.client.execute(script, vec![value]).await.expect("it is set");
}

/// What is wrong with one sample. `at` chooses the colours and the width that the rules are run in: neighbours are
/// samples of the same page.
async fn faults(window: &Chromium, at: usize) -> Vec<String> {
    let mut wrong = audit(window, "plain").await;
    let (colours, width) = if at.is_multiple_of(2) { ("light", 1280) } else { ("dark", 390) };
    window.is_as_wide_as(width).await;
    media(window, "prefers-color-scheme", colours).await;
    wrong.extend(
        rules::violations(window).await.into_iter().map(|line| format!("{colours}, {width} px: {line}")),
    );
    window.is_as_wide_as(320).await;
    wrong.extend(audit(window, "narrow").await);
    media(window, "forced-colors", "active").await;
    wrong.extend(audit(window, "forced").await);
    media(window, "forced-colors", "none").await;
    window.is_as_wide_as(1280).await;
    set(window, LARGE, json!(true)).await;
    wrong.extend(audit(window, "large").await);
    set(window, LARGE, json!(false)).await;
    wrong
}

/// What is wrong with one mail: it has no frame of ours, and no keyboard leads through it.
async fn faults_of_mail(window: &Chromium) -> Vec<String> {
    let mut wrong = Vec::new();
    for (colours, width) in [("light", 1280), ("dark", 390)] {
        window.is_as_wide_as(width).await;
        media(window, "prefers-color-scheme", colours).await;
        wrong.extend(rules::violations(window).await.into_iter().map(|line| format!("{colours}: {line}")));
    }
    window.is_as_wide_as(320).await;
    wrong.extend(audit(window, "mail").await);
    wrong
}

/// A picture in both colours at two widths.
async fn pictures(window: &Chromium, folder: &Path, name: &str) {
    for colours in ["light", "dark"] {
        media(window, "prefers-color-scheme", colours).await;
        for width in [1280, 390] {
            window.is_as_wide_as(width).await;
            let file = folder.join(format!("{name}-{colours}-{width}.png"));
            fs::write(file, window.picture().await).expect("a picture is kept");
        }
    }
}

/// The pictures on one page, for people to look through.
fn index(folder: &Path, names: &[&String]) {
    let mut page = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Every page in every state</title>\
        <style>body{font:16px system-ui;margin:2rem}section{display:flex;gap:1rem;overflow-x:auto}img{border:1px solid #888;height:30rem}</style>\
        <h1>Every page in every state</h1>"
        .to_owned();
    for name in names {
        let _ = write!(page, "<h2>{name}</h2><section>");
        for kind in ["light-1280", "dark-1280", "light-390", "dark-390"] {
            let file = format!("{name}-{kind}.png");
            let _ = write!(
                page,
                "<a href=\"{file}\"><img src=\"{file}\" alt=\"{name}, {kind}\" loading=\"lazy\"></a>"
            );
        }
        page.push_str("</section>");
    }
    fs::write(folder.join("index.html"), page).expect("an index is kept");
}

/// Looks at every n-th sample from `first` on.
async fn looks(origin: &str, names: &[&String], first: usize, screens: Option<&Path>) -> Vec<String> {
    let window = Chromium::start(Scripts::On).await;
    let mut wrong = Vec::new();
    for (at, name) in names.iter().enumerate().filter(|(at, _)| at / 2 % WINDOWS == first) {
        window.is_as_wide_as(1280).await;
        window.goes_to(&format!("{origin}/sample/{name}")).await;
        let found = if is_mail(name) { faults_of_mail(&window).await } else { faults(&window, at).await };
        wrong.extend(found.into_iter().map(|line| format!("{name}, {line}")));
        if let Some(folder) = screens {
            pictures(&window, folder, name).await;
        }
    }
    window.closes().await;
    wrong
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "pictures of every state take minutes: scripts/screens runs it"]
async fn every_sample_keeps_the_rules_narrow_large_and_in_forced_colours() {
    if !chromium::is_here() {
        return;
    }
    let samples = Arc::new(rendered());
    assert!(samples.len() > 100, "{} samples were rendered", samples.len());
    let world = site(Arc::clone(&samples)).await;
    let origin = format!("http://{}", world.address);
    let screens = std::env::var_os("MOXI_SCREENS").map(PathBuf::from);
    let names: Vec<&String> = samples.keys().collect();
    let each = (0..WINDOWS).map(|first| looks(&origin, &names, first, screens.as_deref()));
    let wrong: Vec<String> = futures_util::future::join_all(each).await.concat();
    if let Some(folder) = screens {
        index(&folder, &names);
    }
    assert!(wrong.is_empty(), "{} faults:\n{}", wrong.len(), wrong.join("\n"));
}
