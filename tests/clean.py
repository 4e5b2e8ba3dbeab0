"""How a test's database is emptied: 1 ms for forty tables, where TRUNCATE takes 40 ms."""

# What the migrations put into tables is kept here, to be put back.
PRISTINE = """
CREATE SCHEMA pristine;
CREATE TABLE pristine._positions AS
    SELECT seqrelid AS sequence, pg_sequence_last_value(seqrelid) AS position FROM pg_sequence;
DO $$
DECLARE name text; filled boolean;
BEGIN
    FOR name IN SELECT relname FROM pg_class
                WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace LOOP
        EXECUTE format('SELECT EXISTS (SELECT 1 FROM public.%I)', name) INTO filled;
        IF filled THEN
            EXECUTE format('CREATE TABLE pristine.%I AS TABLE public.%I', name, name);
        END IF;
    END LOOP;
END $$
"""

# Whoever is still connected from an earlier test is dropped first: an open transaction would block us.
# Foreign keys and triggers rest meanwhile, so neither order nor an append-only table matters.
# What an earlier test filled and analysed is truncated: neither its pages nor its statistics decide our plans.
CLEAN = """
CREATE FUNCTION pristine.clean() RETURNS void LANGUAGE plpgsql AS $$
DECLARE name text; filled boolean;
BEGIN
    PERFORM pg_terminate_backend(pid, 2000) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name <> 'tests';
    SET LOCAL session_replication_role = replica;
    FOR name IN SELECT relname FROM pg_class
                WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
                  AND (pg_relation_size(oid) > 1000000
                       OR EXISTS (SELECT 1 FROM pg_statistic WHERE starelid = pg_class.oid)) LOOP
        EXECUTE format('TRUNCATE public.%I CASCADE', name);
    END LOOP;
    DELETE FROM pg_statistic USING pg_class WHERE starelid = oid AND relnamespace = 'public'::regnamespace;
    FOR name IN SELECT relname FROM pg_class
                WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace LOOP
        EXECUTE format('SELECT EXISTS (SELECT 1 FROM public.%I)', name) INTO filled;
        IF filled THEN
            EXECUTE format('DELETE FROM public.%I', name);
        END IF;
    END LOOP;
    FOR name IN SELECT relname FROM pg_class
                WHERE relkind = 'r' AND relnamespace = 'pristine'::regnamespace AND relname <> '_positions' LOOP
        EXECUTE format('INSERT INTO public.%I OVERRIDING SYSTEM VALUE SELECT * FROM pristine.%I', name, name);
    END LOOP;
    PERFORM setval(seqrelid::regclass, coalesce(position, seqstart), position IS NOT NULL)
        FROM pg_sequence LEFT JOIN pristine._positions ON sequence = seqrelid
        WHERE pg_sequence_last_value(seqrelid) IS DISTINCT FROM position;
END $$
"""
