-- What is old enough is found by its age, not by looking through everything.
CREATE INDEX webhook_receipts_age ON webhook_receipts (business_id, received_at);
CREATE INDEX jobs_over ON jobs (business_id, run_at) WHERE state IN ('done', 'canceled', 'dead');
