-- Where the machine's talk with a caller stands, what its answers rest on, and answers that wait for a person.

ALTER TABLE conversations ADD COLUMN dialogue json NOT NULL DEFAULT '{}';
ALTER TABLE sms_log ADD COLUMN note text, ADD COLUMN draft boolean NOT NULL DEFAULT false;
