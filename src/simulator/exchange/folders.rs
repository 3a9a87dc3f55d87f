//! Folders of a mailbox: those every mailbox has, by their well-known names and by their ids.

use roxmltree::Node;

use super::asked::messages;
use super::said::{Problem, Refused, answer, element};
use super::session::Session;
use super::shape::Shape;
use crate::simulator::identity::stable_item;
use crate::simulator::world::mailbox::{Entry, Mailbox};

/// A folder every mailbox has.
pub(crate) struct Folder {
    /// Its well-known name.
    pub(crate) id: &'static str,
    name: &'static str,
    class: &'static str,
    element: &'static str,
    parent: &'static str,
}

const fn folder(
    id: &'static str,
    name: &'static str,
    class: &'static str,
    element: &'static str,
    parent: &'static str,
) -> Folder {
    Folder { id, name, class, element, parent }
}

const TOP: &str = "msgfolderroot";

const FOLDERS: [Folder; 13] = [
    folder("root", "Root", "", "Folder", "root"),
    folder(TOP, "Top of Information Store", "IPF.Note", "Folder", "root"),
    folder("inbox", "Inbox", "IPF.Note", "Folder", TOP),
    folder("calendar", "Calendar", "IPF.Appointment", "CalendarFolder", TOP),
    folder("contacts", "Contacts", "IPF.Contact", "ContactsFolder", TOP),
    folder("drafts", "Drafts", "IPF.Note", "Folder", TOP),
    folder("sentitems", "Sent Items", "IPF.Note", "Folder", TOP),
    folder("deleteditems", "Deleted Items", "IPF.Note", "Folder", TOP),
    folder("outbox", "Outbox", "IPF.Note", "Folder", TOP),
    folder("junkemail", "Junk Email", "IPF.Note", "Folder", TOP),
    folder("tasks", "Tasks", "IPF.Task", "TasksFolder", TOP),
    folder("notes", "Notes", "IPF.StickyNote", "Folder", TOP),
    folder("journal", "Journal", "IPF.Journal", "Folder", TOP),
];

impl Folder {
    /// The id of this folder in a mailbox.
    pub(crate) fn key(&self, mailbox: &Mailbox) -> String {
        // That of the contacts is the one the mailbox service tells as well.
        let contacts = &mailbox.contact_folder;
        if self.id == "contacts" { contacts.clone() } else { stable_item(&format!("{contacts} {}", self.id)) }
    }

    /// What lies in it.
    pub(crate) fn entries<'a>(&self, mailbox: &'a Mailbox) -> &'a [Entry] {
        match self.id {
            "contacts" => &mailbox.contacts,
            "calendar" => &mailbox.events,
            "drafts" => &mailbox.drafts,
            _ => &[],
        }
    }

    fn children(&self) -> usize {
        FOLDERS.iter().filter(|other| other.parent == self.id && other.id != self.id).count()
    }

    fn written(&self, mailbox: &Mailbox, shape: &Shape, writes: bool) -> String {
        let entries = self.entries(mailbox);
        let change = entries.iter().map(|entry| entry.change).max().unwrap_or_default();
        let parent = FOLDERS.iter().find(|other| other.id == self.parent).map(|other| other.key(mailbox));
        let key = self.key(mailbox);
        let mut out =
            format!("<t:{}><t:FolderId Id=\"{key}\" ChangeKey=\"AQAAABYAAAB{change:08x}\"/>", self.element);
        let mut add = |uri: &str, text: String| {
            if shape.wants(uri) {
                out.push_str(&text);
            }
        };
        let parent = parent.unwrap_or_default();
        add("folder:ParentFolderId", format!("<t:ParentFolderId Id=\"{parent}\" ChangeKey=\"AQAAAA==\"/>"));
        if !self.class.is_empty() {
            add("folder:FolderClass", element("FolderClass", self.class));
        }
        add("folder:DisplayName", element("DisplayName", self.name));
        add("folder:TotalCount", element("TotalCount", &entries.len().to_string()));
        add("folder:ChildFolderCount", element("ChildFolderCount", &self.children().to_string()));
        add("folder:EffectiveRights", rights(writes));
        add("folder:DistinguishedFolderId", element("DistinguishedFolderId", self.id));
        if self.element == "Folder" {
            add("folder:UnreadCount", element("UnreadCount", "0"));
        }
        out + &format!("</t:{}>", self.element)
    }
}

fn rights(writes: bool) -> String {
    let words = ["CreateAssociated", "CreateContents", "CreateHierarchy", "Delete", "Modify"];
    let inner: String =
        words.iter().map(|word| element(word, if writes { "true" } else { "false" })).collect();
    format!(
        "<t:EffectiveRights>{inner}<t:Read>true</t:Read><t:ViewPrivateItems>true</t:ViewPrivateItems></t:EffectiveRights>"
    )
}

/// The folder that an id element means.
pub(crate) fn meant(
    id: Node<'_, '_>,
    mailbox: &Mailbox,
    session: &Session<'_>,
) -> Result<&'static Folder, Problem> {
    session.same_mailbox(id)?;
    let wanted = id.attribute("Id").unwrap_or_default();
    let found = match id.tag_name().name() {
        "DistinguishedFolderId" => FOLDERS.iter().find(|folder| folder.id == wanted),
        "FolderId" => FOLDERS.iter().find(|folder| folder.key(mailbox) == wanted),
        _ => None,
    };
    found.ok_or_else(Problem::no_folder)
}

/// The first folder in an element that holds folder ids.
pub(crate) fn meant_in(
    list: Option<Node<'_, '_>>,
    mailbox: &Mailbox,
    session: &Session<'_>,
) -> Result<&'static Folder, Problem> {
    let id = list.and_then(|list| list.first_element_child()).ok_or_else(Problem::no_folder)?;
    meant(id, mailbox, session)
}

/// Folders by their ids.
pub(crate) fn get(call: Node<'_, '_>, session: &Session<'_>) -> Result<String, Refused> {
    let shape = Shape::read(messages(call, "FolderShape"));
    let ids = messages(call, "FolderIds");
    session.open(|mailbox| {
        let one = |id: Node<'_, '_>| {
            let folder = meant(id, mailbox, session)?;
            Ok(format!("<m:Folders>{}</m:Folders>", folder.written(mailbox, &shape, session.writes)))
        };
        let ids = ids.iter().flat_map(|ids| ids.children().filter(Node::is_element));
        answer("GetFolder", ids.map(one).collect())
    })
}

/// The folders below a folder.
pub(crate) fn find(call: Node<'_, '_>, session: &Session<'_>) -> Result<String, Refused> {
    let shape = Shape::read(messages(call, "FolderShape"));
    let deep = call.attribute("Traversal") == Some("Deep");
    session.open(|mailbox| {
        let message = meant_in(messages(call, "ParentFolderIds"), mailbox, session).map(|parent| {
            let below = |folder: &&Folder| {
                folder.id != parent.id && (folder.parent == parent.id || (deep && parent.id == "root"))
            };
            let found: Vec<String> = FOLDERS
                .iter()
                .filter(below)
                .map(|folder| folder.written(mailbox, &shape, session.writes))
                .collect();
            format!(
                "<m:RootFolder TotalItemsInView=\"{0}\" IncludesLastItemInRange=\"true\" IndexedPagingOffset=\"{0}\">\
                 <t:Folders>{1}</t:Folders></m:RootFolder>",
                found.len(),
                found.concat()
            )
        });
        answer("FindFolder", vec![message])
    })
}
