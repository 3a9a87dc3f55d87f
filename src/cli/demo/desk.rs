//! The demo's desk: a page of its own with the mails that were sent and the credentials to try. It is no part of the
//! product; it stands where a person's mailbox and Entra's pages would stand.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
};

use askama::Template;
use axum::{
    Router,
    extract::State,
    http::{StatusCode, header},
    response::{Html, IntoResponse, Response},
    routing::get,
};

use super::{letter::Letter, upload};
use crate::{
    cli::exit::Stopped,
    simulator::{Sample, Simulator},
};

/// How many mails the desk shows, newest first.
const SHOWN: usize = 30;

/// The desk's page.
#[derive(Template)]
#[template(path = "demo/desk.html")]
struct DeskPage<'a> {
    letters: Vec<Letter>,
    samples: &'a [Sample],
}

struct Desk {
    mail: PathBuf,
    samples: Vec<Sample>,
}

/// Answers from now on; gives the address.
pub(super) async fn start(
    at: SocketAddr,
    mail: PathBuf,
    simulator: Arc<Simulator>,
) -> Result<SocketAddr, Stopped> {
    let refused =
        |error| Stopped::new(format!("the desk cannot listen on {at}: {error}; choose another --desk"));
    let listener = tokio::net::TcpListener::bind(at).await.map_err(refused)?;
    let address = listener.local_addr().map_err(refused)?;
    let desk = Desk { mail, samples: simulator.samples().to_vec() };
    let router = Router::new().route("/", get(show)).with_state(Arc::new(desk));
    let router = router.merge(upload::routes(simulator));
    #[expect(clippy::disallowed_methods, reason = "only this machine's own browser speaks to it")]
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(address)
}

async fn show(State(desk): State<Arc<Desk>>) -> Response {
    let page = DeskPage { letters: letters(&desk.mail), samples: &desk.samples };
    match page.render() {
        Ok(html) => ([(header::CACHE_CONTROL, "no-store")], Html(html)).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// The newest mails; their file names begin with the time.
fn letters(folder: &Path) -> Vec<Letter> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .map(|entries| entries.flatten().map(|entry| entry.path()).collect())
        .unwrap_or_default();
    files.retain(|file| file.extension().is_some_and(|ending| ending == "eml"));
    files.sort();
    let newest = files.iter().rev().take(SHOWN);
    newest.filter_map(|file| std::fs::read(file).ok()).map(|bytes| Letter::read(&bytes)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_desk_shows_a_mail_as_text() {
        let letters = vec![Letter::read(b"To: a@x.example\r\nSubject: Hello\r\n\r\n<b>\r\n")];
        let html = DeskPage { letters, samples: &[] }.render().expect("a page");
        assert!(html.contains("Hello") && html.contains("&#60;b&#62;"), "{html}");
    }
}
