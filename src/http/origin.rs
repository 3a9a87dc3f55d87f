//! The first of the walls against forged forms: where a change comes from, as the browser itself tells.

use axum::{
    extract::Request,
    http::{HeaderMap, Method, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::{error::PageError, front::Front};

/// Lets a change through only from our own pages: `Sec-Fetch-Site` where the browser sends it, else `Origin`.
pub(super) async fn same_site(request: Request, next: Next) -> Response {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    let public = request.extensions().get::<Front>().map(|front| front.public_url.to_string());
    if reads || public.is_some_and(|public| is_ours(request.headers(), &public)) {
        return next.run(request).await;
    }
    tracing::warn!("a form came from another site and was refused");
    PageError::NotOurForm.into_response()
}

fn is_ours(headers: &HeaderMap, public: &str) -> bool {
    let mut sites = headers.get_all("sec-fetch-site").iter();
    match (sites.next(), sites.next()) {
        (Some(site), None) => site == "same-origin" || site == "none",
        (Some(_), Some(_)) => false,
        (None, _) => {
            let mut origins = headers.get_all(header::ORIGIN).iter();
            matches!((origins.next(), origins.next()), (Some(origin), None) if origin == public)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{HeaderName, HeaderValue};

    #[test]
    fn only_our_own_pages_change_anything() {
        const OURS: &str = "https://connect.lakeshore.example";
        let verdict = |lines: &[(&'static str, &'static str)]| {
            let mut headers = HeaderMap::new();
            for (name, value) in lines {
                headers.append(HeaderName::from_static(name), HeaderValue::from_static(value));
            }
            is_ours(&headers, OURS)
        };
        for ours in [
            &[("sec-fetch-site", "same-origin")][..],
            &[("sec-fetch-site", "none")],
            &[("sec-fetch-site", "same-origin"), ("origin", "null")],
            &[("origin", OURS)],
        ] {
            assert!(verdict(ours), "{ours:?}");
        }
        for foreign in [
            &[][..],
            &[("sec-fetch-site", "cross-site"), ("origin", OURS)],
            &[("sec-fetch-site", "same-site")],
            &[("sec-fetch-site", "")],
            &[("sec-fetch-site", "same-origin"), ("sec-fetch-site", "cross-site")],
            &[("origin", "null")],
            &[("origin", "http://connect.lakeshore.example")],
            &[("origin", "https://connect.lakeshore.example.evil.example")],
            &[("origin", "https://connect.lakeshore.example:8443")],
            &[("origin", OURS), ("origin", "https://evil.example")],
        ] {
            assert!(!verdict(foreign), "{foreign:?}");
        }
    }
}
