-- The day on which the password of an attempt ends, as ISO text, where the mail server told its check so. NULL where it
-- never ends, where the server does not tell, and for what has a last day of its own in the settings.
ALTER TABLE attempts ADD COLUMN password_ends_on TEXT;
