//! What people of offices asked, and what our own people answered. A question is answered once.

use super::{
    dialect::on,
    error::{Result, StoreError},
    read::Read,
    transaction::Write,
};
use crate::domain::{
    check::CauseId,
    ids::{AttemptId, BrokerageId, ConnectionId, PersonId, QuestionId, StaffId},
    instant::Instant,
    text::PersonName,
};

const LIST: &str = "
SELECT questions.id, questions.connection_id, questions.person_id, people.name AS person_name, questions.page,
    attempts.number AS attempt_number, questions.cause, questions.text_box, questions.asked_at, questions.answer_box,
    questions.answered_at, staff.name AS staff_name
FROM questions
JOIN people ON people.id = questions.person_id
LEFT JOIN attempts ON attempts.id = questions.attempt_id
LEFT JOIN staff ON staff.id = questions.answered_by
WHERE questions.brokerage_id = $1
ORDER BY questions.asked_at DESC, questions.id DESC
LIMIT 100";

const INSERT: &str = "
INSERT INTO questions (id, brokerage_id, connection_id, person_id, page, attempt_id, cause, text_box, asked_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";

const ANSWER: &str = "
UPDATE questions SET answer_box = $3, answered_by = $4, answered_at = $5
WHERE brokerage_id = $1 AND id = $2 AND answered_at IS NULL";

const ADOPT: &str = "
UPDATE questions SET connection_id = $2
WHERE brokerage_id = $1 AND connection_id IS NULL AND answered_at IS NULL";

/// Every text of this file, for the test that prepares them on both databases.
pub(super) const TEXTS: &[&str] = &[LIST, INSERT, ANSWER, ADOPT];

/// A question with its answer, where it has one.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct StoredQuestion {
    /// Its id.
    pub id: QuestionId,
    /// The connection it is about, or the first one the office made after it.
    pub connection_id: Option<ConnectionId>,
    /// Who asked.
    pub person_id: PersonId,
    /// Their name.
    pub person_name: PersonName,
    /// The path of the page it was asked on.
    pub page: String,
    /// The number of the attempt that page was about.
    pub attempt_number: Option<i64>,
    /// The cause it showed.
    pub cause: Option<CauseId>,
    /// What was asked, encrypted.
    pub text_box: Vec<u8>,
    /// When.
    pub asked_at: Instant,
    /// What was answered, encrypted.
    pub answer_box: Option<Vec<u8>>,
    /// When.
    pub answered_at: Option<Instant>,
    /// Which of our own people answered.
    pub staff_name: Option<String>,
}

/// A question that is about to be written.
#[derive(Debug, Clone)]
pub struct NewQuestion {
    /// Its id.
    pub id: QuestionId,
    /// Whose it is.
    pub brokerage: BrokerageId,
    /// The connection it is about.
    pub connection: Option<ConnectionId>,
    /// Who asks.
    pub person: PersonId,
    /// The path of the page it is asked on.
    pub page: String,
    /// The attempt that page is about.
    pub attempt: Option<AttemptId>,
    /// The cause it shows.
    pub cause: Option<CauseId>,
    /// What is asked, encrypted.
    pub text_box: Vec<u8>,
}

impl Read {
    /// The latest questions of a brokerage, latest first.
    pub async fn questions_of(&mut self, brokerage: &BrokerageId) -> Result<Vec<StoredQuestion>> {
        Ok(on!(self.tx, c => sqlx::query_as(LIST).bind(brokerage).fetch_all(c).await)?)
    }
}

impl Write {
    /// Writes a question.
    pub async fn insert_question(&mut self, new: &NewQuestion) -> Result<()> {
        let now = self.now();
        on!(self.tx, c => sqlx::query(INSERT)
            .bind(&new.id)
            .bind(&new.brokerage)
            .bind(new.connection.clone())
            .bind(&new.person)
            .bind(new.page.as_str())
            .bind(new.attempt.clone())
            .bind(new.cause.clone())
            .bind(new.text_box.as_slice())
            .bind(now)
            .execute(c).await.map(|_| ()))?;
        Ok(())
    }

    /// Writes the answer to a question. One that has an answer is a conflict.
    pub async fn answer_question(
        &mut self,
        brokerage: &BrokerageId,
        id: &QuestionId,
        staff: &StaffId,
        answer_box: &[u8],
    ) -> Result<()> {
        let now = self.now();
        let done = on!(self.tx, c => sqlx::query(ANSWER)
            .bind(brokerage)
            .bind(id)
            .bind(answer_box)
            .bind(staff)
            .bind(now)
            .execute(c).await.map(|done| done.rows_affected()))?;
        if done == 1 { Ok(()) } else { Err(StoreError::Conflict) }
    }

    /// Puts the open questions that are about no connection yet to this one.
    pub async fn adopt_questions(
        &mut self,
        brokerage: &BrokerageId,
        connection: &ConnectionId,
    ) -> Result<()> {
        on!(self.tx, c => sqlx::query(ADOPT).bind(brokerage).bind(connection).execute(c).await.map(|_| ()))?;
        Ok(())
    }
}
