-- Until when a caller was promised what a task stands for.
ALTER TABLE tasks ADD COLUMN due_at timestamptz;
CREATE INDEX tasks_promised ON tasks (business_id, raised_at, id) WHERE due_at IS NOT NULL;
