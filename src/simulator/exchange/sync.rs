//! The change feed of a folder. Its state names the folder and the last change the client has been told; clients
//! must treat it as opaque, as they must the real one.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use roxmltree::Node;

use super::asked::messages;
use super::folders::{self, Folder};
use super::items::{Sort, written};
use super::said::{Problem, Refused, answer, escaped};
use super::session::Session;
use super::shape::Shape;
use crate::simulator::world::mailbox::Mailbox;

/// The most changes in one answer.
const MOST: usize = 512;

/// The next changes of a folder.
pub(crate) fn items(call: Node<'_, '_>, session: &Session<'_>) -> Result<String, Refused> {
    let most = messages(call, "MaxChangesReturned").and_then(|node| node.text()?.trim().parse().ok());
    let most = most.filter(|most| (1..=MOST).contains(most));
    let most =
        most.ok_or_else(|| Refused::schema("The value of 'MaxChangesReturned' is not between 1 and 512."))?;
    session.open(|mailbox| answer("SyncFolderItems", vec![page(call, most, mailbox, session)]))
}

fn page(
    call: Node<'_, '_>,
    most: usize,
    mailbox: &Mailbox,
    session: &Session<'_>,
) -> Result<String, Problem> {
    let folder = folders::meant_in(messages(call, "SyncFolderId"), mailbox, session).map_err(|problem| {
        let missing = problem.code == "ErrorFolderNotFound";
        if missing { Problem::new("ErrorSyncFolderNotFound", problem.text) } else { problem }
    })?;
    let state = messages(call, "SyncState").and_then(|node| node.text()).map(str::trim);
    let since = match state.filter(|state| !state.is_empty()) {
        None => 0,
        Some(state) => read(state, folder, mailbox).ok_or_else(|| {
            Problem::new(
                "ErrorInvalidSyncStateData",
                "The sync state data is corrupted or otherwise invalid.",
            )
        })?,
    };
    let shape = Shape::read(messages(call, "ItemShape"));
    let all = changes(folder, since, mailbox, &shape);
    let told = &all[..all.len().min(most)];
    let reached = told.last().map_or(since, |(change, _)| *change);
    let reached = if told.len() == all.len() { mailbox.changes } else { reached };
    let text: String = told.iter().map(|(_, text)| text.as_str()).collect();
    Ok(format!(
        "<m:SyncState>{}</m:SyncState><m:IncludesLastItemInRange>{}</m:IncludesLastItemInRange><m:Changes>{text}\
         </m:Changes>",
        written_state(folder, reached, mailbox),
        told.len() == all.len()
    ))
}

/// Everything after a change, oldest first, with its number.
fn changes(folder: &Folder, since: u64, mailbox: &Mailbox, shape: &Shape) -> Vec<(u64, String)> {
    let sort = Sort::of(folder);
    let made = folder.entries(mailbox).iter().filter(|entry| entry.change > since);
    let made =
        made.map(|entry| (entry.change, format!("<t:Create>{}</t:Create>", written(entry, sort, shape))));
    let gone =
        mailbox.deleted.iter().filter(|(_, change)| folder.id == "contacts" && since > 0 && *change > since);
    let gone = gone.map(|(id, change)| {
        (*change, format!("<t:Delete><t:ItemId Id=\"{}\" ChangeKey=\"EQAAAA==\"/></t:Delete>", escaped(id)))
    });
    let mut all: Vec<(u64, String)> = made.chain(gone).collect();
    all.sort_by_key(|(change, _)| *change);
    all
}

fn written_state(folder: &Folder, reached: u64, mailbox: &Mailbox) -> String {
    STANDARD.encode(format!("e1.{reached}.{}", folder.key(mailbox)))
}

/// The change a state reaches; none for what is no state of this folder.
fn read(state: &str, folder: &Folder, mailbox: &Mailbox) -> Option<u64> {
    let text = String::from_utf8(STANDARD.decode(state).ok()?).ok()?;
    let (reached, key) = text.strip_prefix("e1.")?.split_once('.')?;
    let reached: u64 = reached.parse().ok()?;
    (key == folder.key(mailbox) && reached <= mailbox.changes).then_some(reached)
}
