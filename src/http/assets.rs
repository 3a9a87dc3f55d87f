//! Style sheet, script and icon, inside the binary. Their names carry a hash of their bytes, so that browsers
//! keep them for ever and a new release is seen at once.

use std::sync::LazyLock;

use axum::{
    body::Bytes,
    extract::Path,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use sha2::{Digest, Sha256};

use super::error::PageError;

struct Asset {
    url: String,
    kind: &'static str,
    tag: String,
    plain: Bytes,
}

static CSS: LazyLock<Asset> =
    LazyLock::new(|| asset("app", "css", "text/css; charset=utf-8", Bytes::from(squeezed(STYLE))));
static STAFF_CSS: LazyLock<Asset> =
    LazyLock::new(|| asset("staff", "css", "text/css; charset=utf-8", Bytes::from(squeezed(STAFF_STYLE))));
static JS: LazyLock<Asset> =
    LazyLock::new(|| asset("app", "js", SCRIPT, bared(include_str!("../../static/app.js"))));
static LIVE: LazyLock<Asset> =
    LazyLock::new(|| asset("live", "js", SCRIPT, bared(include_str!("../../static/live.js"))));
static NEWS: LazyLock<Asset> =
    LazyLock::new(|| asset("news", "js", SCRIPT, bared(include_str!("../../static/news.js"))));
static TIMES: LazyLock<Asset> =
    LazyLock::new(|| asset("times", "js", SCRIPT, bared(include_str!("../../static/times.js"))));
static KEYS: LazyLock<Asset> =
    LazyLock::new(|| asset("keys", "js", SCRIPT, bared(include_str!("../../static/keys.js"))));
static ICON: LazyLock<Asset> =
    LazyLock::new(|| asset("icon", "svg", "image/svg+xml", include_str!("../../static/icon.svg")));

const STYLE: &str = include_str!("../../static/app.css");
const STAFF_STYLE: &str = include_str!("../../static/staff.css");
const SCRIPT: &str = "text/javascript; charset=utf-8";

/// A style sheet without its remarks and the room between its words: the same to a browser, and lighter on its way.
/// No text within quotes may hold a sign that parts words.
fn squeezed(style: &str) -> String {
    let mut parts = style.split("/*");
    let mut bare = parts.next().unwrap_or_default().to_owned();
    bare.extend(parts.map(|part| part.split_once("*/").map_or("", |(_, rest)| rest)));
    let mut out = String::with_capacity(bare.len());
    for word in bare.split_whitespace() {
        let joins = out.ends_with(['{', '}', ';', ',', ':']) || word.starts_with(['{', '}']);
        if word.starts_with('}') && out.ends_with(';') {
            out.pop();
        }
        if !out.is_empty() && !joins {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

/// A script without the lines that are remarks, and without the room before the others: no text of ours spans lines.
fn bared(script: &str) -> String {
    let says = |line: &&str| !line.trim_start().starts_with("//") && !line.trim().is_empty();
    script.lines().filter(says).map(|line| format!("{}\n", line.trim_start())).collect()
}

fn asset(name: &str, ending: &str, kind: &'static str, plain: impl Into<Bytes>) -> Asset {
    let plain = plain.into();
    let digest = Sha256::digest(&plain);
    let hash = hex::encode(&digest[..8]);
    Asset { url: format!("/assets/{name}.{hash}.{ending}"), kind, tag: format!("\"{hash}\""), plain }
}

/// The address of the style sheet.
pub fn css() -> &'static str {
    &CSS.url
}

/// The address of the style sheet that our own people's pages have besides: nobody else waits for it.
pub fn staff_css() -> &'static str {
    &STAFF_CSS.url
}

/// The address of the script.
pub fn js() -> &'static str {
    &JS.url
}

/// The address of the script of pages that are told news while they are open.
pub fn live() -> &'static str {
    &LIVE.url
}

/// The address of the script of our own people's pages that say when there is more than they show.
pub fn news() -> &'static str {
    &NEWS.url
}

/// The address of the script that shows times in the reader's own zone.
pub fn times() -> &'static str {
    &TIMES.url
}

/// The address of the script for those who work through the queue by keyboard.
pub fn keys() -> &'static str {
    &KEYS.url
}

/// The address of the icon.
pub fn icon() -> &'static str {
    &ICON.url
}

/// Answers an asset by its full name. An older release's name is not found: its page is gone, too.
pub(super) async fn serve(Path(file): Path<String>, headers: HeaderMap) -> Response {
    let wanted = |asset: &&LazyLock<Asset>| asset.url.strip_prefix("/assets/") == Some(file.as_str());
    let Some(asset) = [&CSS, &STAFF_CSS, &JS, &LIVE, &NEWS, &TIMES, &KEYS, &ICON].into_iter().find(wanted)
    else {
        return PageError::NotFound.into_response();
    };
    let tag = HeaderValue::from_str(&asset.tag).unwrap_or(HeaderValue::from_static("\"\""));
    let mut answer = if headers.get(header::IF_NONE_MATCH) == Some(&tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        asset.plain.clone().into_response()
    };
    let out = answer.headers_mut();
    out.insert(header::CONTENT_TYPE, HeaderValue::from_static(asset.kind));
    out.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
    out.insert(header::ETAG, tag);
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_squeezed_style_sheet_says_the_same() {
        assert_eq!(
            squeezed("/* x */\n@layer a, b;\n.a  .b:hover,\n.c {\n  margin: calc(1px + 2px) auto; }\n"),
            "@layer a,b;.a .b:hover,.c{margin:calc(1px + 2px) auto}"
        );
        assert_eq!(bared("// x\na();\n  // y\n\n  b('//z');\n"), "a();\nb('//z');\n");
        let quoted = [STYLE, STAFF_STYLE].concat();
        let quoted = quoted.split('"').skip(1).step_by(2);
        let plain = |text: &str| !text.contains(['{', '}', ';', ',', ':', '/']) && !text.contains("  ");
        assert!(quoted.into_iter().all(plain), "squeezing would change a text");
        assert_eq!(STYLE.matches("/*").count(), STYLE.matches("*/").count());
        let squeezed = squeezed(STYLE);
        assert_eq!(
            squeezed.matches('{').count(),
            STYLE
                .split("/*")
                .map(|part| part.split_once("*/").map_or(part, |(_, rest)| rest))
                .collect::<String>()
                .matches('{')
                .count()
        );
        assert!(squeezed.contains(":root{color-scheme:light dark;") && !squeezed.contains('\n'));
    }

    #[test]
    fn what_is_told_while_a_page_is_open_has_its_script() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
        let (mut found, mut told) = (0, 0);
        for site in ["portal", "staff"] {
            for file in std::fs::read_dir(folder.join(site)).expect("templates") {
                let path = file.expect("a template").path();
                let text = std::fs::read_to_string(&path).expect("text");
                let live = ["data-events=", "data-progress=", "data-goes=", "data-certificate="];
                let asks = live.iter().any(|word| text.contains(word));
                found += usize::from(asks);
                assert_eq!(asks, text.contains("assets::live()"), "{}", path.display());
                let tells = text.contains("newses::line(");
                told += usize::from(tells);
                assert_eq!(tells, text.contains("assets::news()"), "{}", path.display());
            }
        }
        assert!(found >= 3 && told >= 3, "{found}, {told}");
    }
}
