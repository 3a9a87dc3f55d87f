//! The query words and marks that lists and items share.

use serde_json::{Map, Value, json};

use super::refusal::Refusal;
use crate::simulator::web::Call;
use crate::simulator::world::mailbox::Entry;

/// Items a page holds when the client does not say.
pub(crate) const PAGE: usize = 10;
/// The most a page holds.
const LARGEST_PAGE: usize = 1000;
const BASE: &str = "https://graph.microsoft.com/v1.0/";

/// `$top` and `$skip`.
pub(crate) fn window(call: &Call) -> Result<(usize, usize), Refusal> {
    let top = number(call, "$top")?.unwrap_or(PAGE);
    if top == 0 || top > LARGEST_PAGE {
        let text =
            format!("The limit of '{LARGEST_PAGE}' for Top query has been exceeded, or the value is 0.");
        return Err(Refusal::bad("ErrorInvalidUrlQuery", text));
    }
    Ok((top, number(call, "$skip")?.unwrap_or(0)))
}

fn number(call: &Call, name: &str) -> Result<Option<usize>, Refusal> {
    let Some(text) = call.query(name) else { return Ok(None) };
    let text_of = || format!("Invalid value '{text}' for {name} query option found.");
    text.parse().map(Some).map_err(|_| Refusal::bad("BadRequest", text_of()))
}

/// The page size a client prefers for a change feed.
pub(crate) fn preferred_page(call: &Call) -> usize {
    let wanted = call.headers.get_all("prefer").iter().filter_map(|value| value.to_str().ok());
    let wanted = wanted.flat_map(|value| value.split(',')).find_map(|one| {
        one.trim().strip_prefix("odata.maxpagesize=").and_then(|size| size.trim().parse::<usize>().ok())
    });
    wanted.unwrap_or(PAGE).clamp(1, LARGEST_PAGE)
}

/// The members of an item that `$select` leaves; without it, all.
pub(crate) fn selected(entry: &Entry, folder: Option<&str>, call: &Call) -> Value {
    let mut fields = entry.fields.clone();
    // What only EWS clients have put there.
    fields.remove("extended");
    if let Some(folder) = folder {
        fields.insert("parentFolderId".into(), json!(folder));
    }
    fields.insert("changeKey".into(), json!(format!("EQAAABYAAAB{:08x}", entry.change)));
    if let Some(select) = call.query("$select") {
        let wanted: Vec<String> = select.split(',').map(|name| name.trim().to_ascii_lowercase()).collect();
        fields.retain(|name, _| wanted.contains(&name.to_ascii_lowercase()));
    }
    let mut item = Map::new();
    item.insert("@odata.etag".into(), json!(format!("W/\"EQAAABYAAAB{:08x}\"", entry.change)));
    item.insert("id".into(), json!(entry.id));
    item.extend(fields);
    Value::Object(item)
}

/// The `@odata.context` of a collection of a user.
pub(crate) fn context(user: &str, what: &str) -> String {
    format!(
        "{BASE}$metadata#users('{}')/{what}",
        url::form_urlencoded::byte_serialize(user.as_bytes()).collect::<String>()
    )
}

/// A link back to this path with other query words; `$select` and the like go along.
pub(crate) fn link(call: &Call, changed: &[(&str, String)]) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in url::form_urlencoded::parse(call.query.as_bytes()) {
        if !changed.iter().any(|(other, _)| name.eq_ignore_ascii_case(other)) {
            query.append_pair(&name, &value);
        }
    }
    for (name, value) in changed.iter().filter(|(_, value)| !value.is_empty()) {
        query.append_pair(name, value);
    }
    let path = call.path.trim_start_matches('/');
    format!("https://{}/{path}?{}", call.host, query.finish())
}

/// The body of a POST as a JSON object.
pub(crate) fn body(call: &Call) -> Result<Map<String, Value>, Refusal> {
    if call.body.is_empty() {
        return Err(Refusal::bad("BadRequest", "Empty Payload. JSON content expected."));
    }
    let json = call.header("content-type").is_some_and(|kind| kind.to_ascii_lowercase().contains("json"));
    if !json {
        let text = "A media type that is not JSON was given for the payload.";
        return Err(Refusal::new(axum::http::StatusCode::UNSUPPORTED_MEDIA_TYPE, "BadRequest", text));
    }
    match serde_json::from_slice(&call.body) {
        Ok(Value::Object(members)) => Ok(members),
        _ => Err(Refusal::bad(
            "BadRequest",
            "Unable to read JSON request payload. Please ensure Content-Type header \
                                             is set and payload is of valid JSON format.",
        )),
    }
}
