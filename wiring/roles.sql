-- What each process may do in PostgreSQL. `tipline roles` prints this; run it as the database's owner or
-- superuser after `tipline init` and after every `tipline migrate`. It may be run any number of times.
-- A role reads only what its process needs: the public process no account, no team key and no audit, the staff
-- process no phone number (not even sealed), the pager no message.

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['tipline_public', 'tipline_staff', 'tipline_pager', 'tipline_watchman'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN
            EXECUTE format('CREATE ROLE %I LOGIN', name);
        END IF;
    END LOOP;
END
$$;

REVOKE CREATE ON SCHEMA public FROM PUBLIC;
REVOKE ALL ON ALL TABLES IN SCHEMA public
    FROM PUBLIC, tipline_public, tipline_staff, tipline_pager, tipline_watchman;
REVOKE ALL ON ALL SEQUENCES IN SCHEMA public
    FROM PUBLIC, tipline_public, tipline_staff, tipline_pager, tipline_watchman;

-- Every process: which schema this is, who signed what, which schools are live. Nobody but the owner: clock_anchor, install.
GRANT SELECT ON alembic_version, schema_fit TO tipline_public, tipline_staff, tipline_pager, tipline_watchman;
GRANT SELECT ON directory_entry, live_school TO tipline_public, tipline_staff, tipline_pager;

-- Every process notes that it works, and may ask whether the pager does.
GRANT SELECT, INSERT, UPDATE ON pulse TO tipline_public, tipline_staff, tipline_pager, tipline_watchman;

-- Whether pages leave: a text may wait its turn.
GRANT SELECT (lane, free_at) ON pace TO tipline_public, tipline_staff;

-- The audit: everybody writes, only the pager reads, to chain it. Triggers keep what was noted as it is. Staff is
-- told what the pager did about one page, and how far the audit was found whole.
GRANT INSERT ON audit_event TO tipline_public, tipline_staff, tipline_pager;
GRANT USAGE ON SEQUENCE audit_event_id_seq TO tipline_public, tipline_staff, tipline_pager;
GRANT SELECT, UPDATE (at, seq, link, signature) ON audit_event TO tipline_pager;
GRANT SELECT, INSERT, UPDATE ON audit_lease TO tipline_pager;
GRANT EXECUTE ON FUNCTION page_events(text) TO tipline_staff, tipline_pager;
GRANT SELECT (id, checked_at, checked_seq, broken_seq) ON audit_lease TO tipline_staff;

-- Drills: staff asks for one, the public process begins it, the pager asks for each week's and ends them all.
GRANT SELECT, INSERT ON drill TO tipline_staff;
GRANT SELECT, UPDATE (report_id, filed_at) ON drill TO tipline_public;
GRANT SELECT, INSERT, DELETE, UPDATE (ended_at, well, result) ON drill TO tipline_pager;

-- Public: reports and their threads, the text line.
GRANT SELECT, INSERT, UPDATE ON report TO tipline_public;
GRANT SELECT, INSERT ON recipient_team, message, wrap TO tipline_public;
GRANT SELECT ON case_route TO tipline_public;
GRANT SELECT, INSERT, UPDATE ON texter TO tipline_public;
GRANT SELECT, INSERT, UPDATE, DELETE ON text_context TO tipline_public;
GRANT SELECT, INSERT ON carrier_receipt TO tipline_public;

-- Public pages people and takes their answers, but sees neither their phones nor what is sent to them.
GRANT SELECT ON responder, rotation, roster_plan, duty, day_off TO tipline_public;
GRANT SELECT (id, responder_id, channel, address_key, rank, verified_at, after_s, quiet) ON contact_method TO tipline_public;
GRANT SELECT (id, name) ON member TO tipline_public;
GRANT SELECT (team_id, generation, holder) ON team_key_copy TO tipline_public;
GRANT SELECT, INSERT, UPDATE ON page, attempt, page_code TO tipline_public;
GRANT SELECT, INSERT, DELETE ON page_answer TO tipline_public;
GRANT SELECT, UPDATE (state) ON handover TO tipline_public;
GRANT SELECT, INSERT, DELETE ON opt_out TO tipline_public;
GRANT SELECT (id), INSERT, DELETE ON letter TO tipline_public;
GRANT INSERT ON carrier_copy TO tipline_public;

-- Staff: accounts, sessions, team keys, cases.
GRANT SELECT, INSERT, UPDATE ON member TO tipline_staff;
GRANT SELECT, INSERT, UPDATE, DELETE ON staff_session TO tipline_staff;
GRANT INSERT ON directory_entry TO tipline_staff;
GRANT SELECT, INSERT ON team_key_copy TO tipline_staff;
GRANT UPDATE (sealed) ON team_key_copy TO tipline_staff;
GRANT SELECT, INSERT, UPDATE, DELETE ON team_proposal, invitation TO tipline_staff;
GRANT SELECT, UPDATE ON report TO tipline_staff;
GRANT SELECT, INSERT ON recipient_team, message, wrap TO tipline_staff;
GRANT SELECT, INSERT, UPDATE ON case_route TO tipline_staff;
GRANT SELECT, INSERT, UPDATE ON number_request TO tipline_staff;
GRANT SELECT (report_id, sealed_number, stopped, number_key, school) ON texter TO tipline_staff;

-- Staff takes pages and posts replies.
GRANT SELECT ON responder, rotation, roster_plan, duty, day_off TO tipline_staff;
GRANT SELECT (id, responder_id, channel, address_key, rank, verified_at, after_s, quiet, ending_key) ON contact_method TO tipline_staff;
GRANT SELECT, INSERT, UPDATE ON page, attempt, page_code TO tipline_staff;
GRANT SELECT, INSERT, DELETE ON page_answer TO tipline_staff;
GRANT SELECT, INSERT, DELETE ON calendar_feed TO tipline_staff;
GRANT SELECT ON opt_out TO tipline_staff;
GRANT UPDATE (active) ON responder TO tipline_staff;
GRANT SELECT, INSERT, UPDATE (state) ON handover TO tipline_staff;
GRANT SELECT (id), INSERT, DELETE ON letter TO tipline_staff;

-- The pager and its workers: delivery, escalation, deadlines, digests. Of a report its clear columns; no message.
GRANT SELECT ON responder, contact_method, rotation, roster_plan, duty TO tipline_pager;
GRANT SELECT, INSERT, DELETE ON day_off TO tipline_pager;
GRANT SELECT, INSERT, UPDATE ON page, attempt, page_code, pace TO tipline_pager;
GRANT SELECT, INSERT, UPDATE (at), DELETE ON page_answer TO tipline_pager;
GRANT SELECT, UPDATE (state) ON handover TO tipline_pager;
GRANT SELECT, INSERT, DELETE ON opt_out TO tipline_pager;
GRANT SELECT, INSERT, DELETE ON letter TO tipline_pager;
GRANT SELECT, INSERT, UPDATE, DELETE ON carrier_copy TO tipline_pager;
GRANT SELECT, INSERT ON digest, carrier_receipt TO tipline_pager;
GRANT SELECT ON report, recipient_team TO tipline_pager;
GRANT SELECT (report_id, seq, author) ON message TO tipline_pager;
GRANT UPDATE (read_deadline) ON report TO tipline_pager;

-- The pager purges: reports with what hangs on them, and traces that outlived their use.
GRANT DELETE ON report, page, attempt, digest, carrier_receipt, text_context TO tipline_pager;
GRANT SELECT (at_minute) ON carrier_receipt TO tipline_pager;
GRANT SELECT (hour) ON text_context TO tipline_pager;
GRANT SELECT ON legal_hold TO tipline_pager;
GRANT SELECT, UPDATE (sealed_number, sealed_view) ON number_request TO tipline_pager;
GRANT SELECT, INSERT, UPDATE ON tombstone TO tipline_pager;
GRANT SELECT (id, name) ON member TO tipline_pager;
GRANT SELECT (team_id, generation, holder) ON team_key_copy TO tipline_pager;

-- The watchman: looks at pages and attempts, and sets them due; sees what nobody read or chained in time.
GRANT SELECT ON page, attempt, pace TO tipline_watchman;
GRANT SELECT (id, status, read_deadline) ON report TO tipline_watchman;
GRANT SELECT (at, seq) ON audit_event TO tipline_watchman;
GRANT SELECT (id, alone, reviewer, created_at) ON number_request TO tipline_watchman;
GRANT UPDATE (next_at) ON page TO tipline_watchman;
GRANT UPDATE (state, token, due_at, lease_until, hinted_until, error_code) ON attempt TO tipline_watchman;
GRANT UPDATE (read_deadline) ON report TO tipline_watchman;
