//! Which connections the queue shows: the index that it walks, and what is left out on the way.

use crate::domain::{check::CauseId, connection::State, ids::StaffId, kind::AccessKind, review::NeedRule};

/// Which connections the queue shows, and in which order by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum QueueView {
    /// Those that need a human now, what is due first standing first.
    Needing,
    /// Those that are put off, what comes back first standing first.
    Snoozed,
    /// Those that need a human by one rule, what is due first standing first.
    ByRule(NeedRule),
    /// Those that one of our people took, latest change first.
    TakenBy(StaffId),
    /// Those of brokerages whose account manager it is, latest change first.
    ManagedBy(StaffId),
    /// Those in one state, latest change first.
    In(State),
    /// Those that are being checked or are about to be, latest change first.
    Checking,
    /// Those that wait for their provider, latest change first.
    WithProvider,
    /// Those whose mailboxes are reached in one way, latest change first.
    Of(AccessKind),
    /// Those whose current attempt has one cause, latest change first.
    WithCause(CauseId),
    /// Those with one external id, folded, latest change first.
    WithExternalId(String),
    /// All of them, latest change first.
    All,
    /// Those with a word that begins with this folded text, in the order of the words.
    Found(String),
}

/// In which order a page of the queue stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QueueOrder {
    /// What is due first; of what is put off, what comes back first; of a search, by the words.
    Due,
    /// What waits longest: by its first need, or by its last change.
    Longest,
    /// The newest news: by its latest need, or by its last change.
    Newest,
    /// By the brokerage's name.
    Company,
}

impl QueueOrder {
    /// Every order.
    pub const ALL: &[Self] = &[Self::Due, Self::Longest, Self::Newest, Self::Company];

    /// The word in addresses.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Due => "due",
            Self::Longest => "longest",
            Self::Newest => "newest",
            Self::Company => "company",
        }
    }

    /// Reads the word of an address.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|order| order.as_str() == word)
    }
}

impl QueueView {
    /// The orders that an index of this view has; the first is its own.
    pub const fn orders(&self) -> &'static [QueueOrder] {
        use QueueOrder::{Company, Due, Longest, Newest};
        match self {
            Self::Needing => &[Due, Longest, Newest, Company],
            Self::ByRule(_) | Self::Snoozed | Self::Found(_) => &[Due],
            Self::All => &[Newest, Longest, Company],
            Self::TakenBy(_)
            | Self::ManagedBy(_)
            | Self::In(_)
            | Self::Checking
            | Self::WithProvider
            | Self::Of(_)
            | Self::WithCause(_)
            | Self::WithExternalId(_) => &[Newest, Longest],
        }
    }
}

/// Who has a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum QueueOwner {
    /// Nobody.
    Nobody,
    /// One of our people.
    Staff(StaffId),
}

/// What a page of the queue leaves out: of each that is given, everything else.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct QueueFilter {
    /// One state.
    pub state: Option<State>,
    /// One way to reach the mailboxes.
    pub kind: Option<AccessKind>,
    /// One cause of the current attempt.
    pub cause: Option<CauseId>,
    /// Who has it.
    pub owner: Option<QueueOwner>,
    /// Whose brokerages.
    pub manager: Option<StaffId>,
    /// One rule by which it needs a human.
    pub rule: Option<NeedRule>,
    /// One external id, folded.
    pub external_id: Option<String>,
    /// What needs a human by one of these rules, each between commas.
    pub rules: Option<String>,
}

impl QueueFilter {
    /// The same, of what needs a human by one of these rules.
    pub fn by_rules(self, rules: impl Iterator<Item = NeedRule>) -> Self {
        let words: String = rules.flat_map(|rule| [rule.as_str(), ","]).collect();
        Self { rules: Some(format!(",{words}")), ..self }
    }

    /// Whether everything is let through.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The view that walks the index which knows most of this filter, and what of the filter is left for it. A person,
    /// an id and a cause have fewer connections than a state or a kind.
    pub fn narrowest(mut self) -> (QueueView, Self) {
        if let Some(key) = self.external_id.take() {
            return (QueueView::WithExternalId(key), self);
        }
        if let Some(QueueOwner::Staff(staff)) = self.owner.clone() {
            self.owner = None;
            return (QueueView::TakenBy(staff), self);
        }
        if let Some(rule) = self.rule.take() {
            return (QueueView::ByRule(rule), self);
        }
        if let Some(manager) = self.manager.take() {
            return (QueueView::ManagedBy(manager), self);
        }
        if let Some(cause) = self.cause.take() {
            return (QueueView::WithCause(cause), self);
        }
        if let Some(state) = self.state.take() {
            return (QueueView::In(state), self);
        }
        match self.kind.take() {
            Some(kind) => (QueueView::Of(kind), self),
            None => (QueueView::All, self),
        }
    }

    /// What the texts compare with; nothing lets everything through.
    pub(super) fn words(&self) -> [&str; 8] {
        [
            self.state.map_or("", State::as_str),
            self.kind.map_or("", AccessKind::id),
            self.cause.as_ref().map_or("", CauseId::as_str),
            match &self.owner {
                None => "",
                Some(QueueOwner::Nobody) => "nobody",
                Some(QueueOwner::Staff(staff)) => staff.as_str(),
            },
            self.manager.as_ref().map_or("", StaffId::as_str),
            self.rule.map_or("", NeedRule::as_str),
            self.external_id.as_deref().unwrap_or_default(),
            self.rules.as_deref().unwrap_or_default(),
        ]
    }
}
