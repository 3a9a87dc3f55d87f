//! Style sheet, script and icon, inside the binary. Their names carry a hash of their bytes, so that browsers
//! keep them for ever and a new release is seen at once.

use std::sync::LazyLock;

use axum::{
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
    plain: &'static [u8],
}

static CSS: LazyLock<Asset> =
    LazyLock::new(|| asset("app", "css", "text/css; charset=utf-8", include_bytes!("../../static/app.css")));
static JS: LazyLock<Asset> = LazyLock::new(|| {
    asset("app", "js", "text/javascript; charset=utf-8", include_bytes!("../../static/app.js"))
});
static ICON: LazyLock<Asset> =
    LazyLock::new(|| asset("icon", "svg", "image/svg+xml", include_bytes!("../../static/icon.svg")));

fn asset(name: &str, ending: &str, kind: &'static str, plain: &'static [u8]) -> Asset {
    let digest = Sha256::digest(plain);
    let hash: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    Asset { url: format!("/assets/{name}.{hash}.{ending}"), kind, tag: format!("\"{hash}\""), plain }
}

/// The address of the style sheet.
pub fn css() -> &'static str {
    &CSS.url
}

/// The address of the script.
pub fn js() -> &'static str {
    &JS.url
}

/// The address of the icon.
pub fn icon() -> &'static str {
    &ICON.url
}

/// Answers an asset by its full name. An older release's name is not found: its page is gone, too.
pub(super) async fn serve(Path(file): Path<String>, headers: HeaderMap) -> Response {
    let wanted = |asset: &&LazyLock<Asset>| asset.url.strip_prefix("/assets/") == Some(file.as_str());
    let Some(asset) = [&CSS, &JS, &ICON].into_iter().find(wanted) else {
        return PageError::NotFound.into_response();
    };
    let tag = HeaderValue::from_str(&asset.tag).unwrap_or(HeaderValue::from_static("\"\""));
    let mut answer = if headers.get(header::IF_NONE_MATCH) == Some(&tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        asset.plain.into_response()
    };
    let out = answer.headers_mut();
    out.insert(header::CONTENT_TYPE, HeaderValue::from_static(asset.kind));
    out.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
    out.insert(header::ETAG, tag);
    answer
}
