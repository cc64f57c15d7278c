-- Where the machine's talk with a caller stands, what its answers rest on, and answers that wait for a person.

ALTER TABLE conversations ADD COLUMN dialogue TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(dialogue));
ALTER TABLE sms_log ADD COLUMN note TEXT;
ALTER TABLE sms_log ADD COLUMN draft INTEGER NOT NULL DEFAULT 0 CHECK (draft IN (0, 1));
