//! Events become mails here, and the mailer hands them over.
