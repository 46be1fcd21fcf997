-- A database as a service of before migration 0007 left it (commit 4962087): its tables, and what it
-- wrote on a simulated market. Dumped by pg_dump --inserts; of 42 decisions the first six are kept.
-- Three strategies, one of them in its second version and one in shadow; two positions, one closed; a
-- rejected decision; a halt in force. Its follow stream had the token d1.6, its performance stream p1.1.

SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;

CREATE FUNCTION public.sg_conditions_readable(conditions jsonb) RETURNS boolean
    LANGUAGE sql IMMUTABLE
    AS $_$
    SELECT jsonb_typeof(conditions) = 'array' AND NOT jsonb_path_exists(conditions, '$[*] ? (!(
      @.type() == "object"
      && (!exists(@.name) || @.name.type() == "string" || @.name == null)
      && (!exists(@.operator) || @.operator.type() == "string" || @.operator == null)
      && (!exists(@.value) || @.value.type() == "number" || @.value == null)
      && (!exists(@.indicator) || @.indicator.type() == "string" || @.indicator == null)
      && (!exists(@.timeframe) || @.timeframe.type() == "string" || @.timeframe == null)
    ))')
  $_$;

CREATE FUNCTION public.sg_labels_readable(labels jsonb) RETURNS boolean
    LANGUAGE sql IMMUTABLE
    AS $_$
    SELECT jsonb_typeof(labels) = 'null'
      OR jsonb_typeof(labels) = 'object' AND NOT jsonb_path_exists(labels, '$.* ? (@.type() != "string")')
  $_$;

CREATE FUNCTION public.sg_ms(moment timestamp with time zone) RETURNS double precision
    LANGUAGE sql STABLE
    AS $$
    SELECT floor(extract(epoch FROM moment) * 1000)::double precision
  $$;

CREATE FUNCTION public.sg_notify() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
  BEGIN
    PERFORM pg_notify(TG_TABLE_NAME || '_changed', '');
    RETURN NULL;
  END
  $$;

CREATE FUNCTION public.sg_strategies_keep_version() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
  DECLARE
    was sg_strategies := OLD;
  BEGIN
    was.version := NEW.version;
    was.updated_at := NEW.updated_at;
    was.last_executed_at := NEW.last_executed_at;
    was.fitness_rank := NEW.fitness_rank;
    IF NEW.version < OLD.version OR (NEW.version = OLD.version AND was IS DISTINCT FROM NEW) THEN
      NEW.version := OLD.version + 1;
      IF NEW.updated_at = OLD.updated_at THEN
        NEW.updated_at := now();
      END IF;
    END IF;
    RETURN NEW;
  END
  $$;

CREATE FUNCTION public.sg_strategies_note_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
  DECLARE
    was sg_strategies;
  BEGIN
    IF TG_OP = 'UPDATE' THEN
      was := OLD;
      was.last_executed_at := NEW.last_executed_at;
      was.fitness_rank := NEW.fitness_rank;
      was.changed_in := NEW.changed_in;
      IF was IS NOT DISTINCT FROM NEW THEN
        NEW.changed_in := OLD.changed_in;
        RETURN NEW;
      END IF;
    END IF;
    NEW.changed_in := pg_current_xact_id();
    RETURN NEW;
  END
  $$;

CREATE FUNCTION public.sg_strategies_note_gone() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
  DECLARE
    gone text := format('%I.sg_strategies_gone', TG_TABLE_SCHEMA);
  BEGIN
    IF TG_OP = 'DELETE' THEN
      EXECUTE format('INSERT INTO %s (strategy_id) SELECT strategy_id FROM deleted', gone);
      EXECUTE format('DELETE FROM %1$s WHERE ctid = ANY(ARRAY(SELECT ctid FROM %1$s
        WHERE gone_at < now() - interval ''1 day'' LIMIT 10000 FOR UPDATE SKIP LOCKED))', gone);
    ELSIF TG_OP = 'UPDATE' THEN
      EXECUTE format('INSERT INTO %s (strategy_id) VALUES ($1)', gone) USING OLD.strategy_id;
    ELSE
      EXECUTE format('INSERT INTO %s (strategy_id) SELECT strategy_id FROM %I.%I', gone, TG_TABLE_SCHEMA, TG_TABLE_NAME);
    END IF;
    RETURN NULL;
  END
  $_$;

CREATE FUNCTION public.sg_texts_readable(texts text[]) RETURNS boolean
    LANGUAGE sql IMMUTABLE
    AS $$
    SELECT coalesce(array_ndims(texts), 1) = 1 AND array_position(texts, NULL) IS NULL
  $$;

CREATE FUNCTION public.sg_time(ms double precision) RETURNS timestamp with time zone
    LANGUAGE sql STABLE
    AS $$
    SELECT timestamptz 'epoch' + floor(ms / 3600000) * interval '1 hour'
      + (ms - floor(ms / 3600000) * 3600000) * interval '1 millisecond'
  $$;

CREATE TABLE public.sg_decisions (
    sequence bigint NOT NULL,
    decision_id text NOT NULL COLLATE pg_catalog."C",
    strategy_id text NOT NULL COLLATE pg_catalog."C",
    strategy_version bigint NOT NULL,
    symbol text NOT NULL COLLATE pg_catalog."C",
    side text NOT NULL,
    "timestamp" timestamp with time zone NOT NULL,
    bar_close_time timestamp with time zone NOT NULL,
    valid_until timestamp with time zone NOT NULL,
    shadow boolean NOT NULL,
    decision json NOT NULL
);

CREATE TABLE public.sg_journal (
    single boolean DEFAULT true NOT NULL,
    last_sequence bigint NOT NULL,
    CONSTRAINT sg_journal_single_check CHECK (single)
);

CREATE TABLE public.sg_migrations (
    id integer NOT NULL,
    name text NOT NULL,
    applied_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.sg_policy (
    single boolean DEFAULT true NOT NULL,
    risk_mode text,
    global_min_confidence double precision,
    allowed_strategies text[],
    halted boolean,
    halt_reason text,
    current_regime text,
    CONSTRAINT sg_policy_single_check CHECK (single)
);

CREATE TABLE public.sg_positions (
    position_id text NOT NULL COLLATE pg_catalog."C",
    strategy_id text NOT NULL COLLATE pg_catalog."C",
    symbol text NOT NULL COLLATE pg_catalog."C",
    side text NOT NULL,
    decision_id text COLLATE pg_catalog."C",
    size_usd double precision NOT NULL,
    entry_price double precision NOT NULL,
    opened_at timestamp with time zone NOT NULL,
    exit_price double precision,
    closed_at timestamp with time zone,
    fees_usd double precision NOT NULL,
    close_sequence bigint
);

CREATE TABLE public.sg_rejections (
    decision_id text NOT NULL COLLATE pg_catalog."C",
    reason text NOT NULL,
    "time" timestamp with time zone NOT NULL
);

CREATE TABLE public.sg_strategies (
    strategy_id text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL,
    status text DEFAULT 'CANDIDATE'::text NOT NULL,
    entry_indicators jsonb NOT NULL,
    entry_logic text DEFAULT 'ALL'::text,
    base_size_usd double precision NOT NULL,
    confidence_scaling boolean DEFAULT true,
    stop_loss_pct double precision NOT NULL,
    take_profit_pct double precision NOT NULL,
    allowed_regimes text[] DEFAULT '{}'::text[],
    min_confidence double precision DEFAULT 0.5,
    max_positions integer DEFAULT 1,
    fitness_score double precision,
    side text,
    timeframe text DEFAULT '1h'::text,
    trigger text DEFAULT 'LEVEL'::text,
    cooldown interval DEFAULT '00:01:00'::interval,
    symbols text[] DEFAULT '{}'::text[],
    labels jsonb DEFAULT '{}'::jsonb,
    version bigint DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    last_executed_at timestamp with time zone,
    fitness_rank double precision GENERATED ALWAYS AS (
CASE
    WHEN ((fitness_score > '-Infinity'::double precision) AND (fitness_score < 'Infinity'::double precision) AND public.sg_conditions_readable(entry_indicators) AND COALESCE(public.sg_labels_readable(labels), true) AND COALESCE(public.sg_texts_readable(allowed_regimes), true) AND COALESCE(public.sg_texts_readable(symbols), true) AND isfinite(created_at) AND isfinite(updated_at) AND COALESCE(isfinite(last_executed_at), true)) THEN (- fitness_score)
    ELSE 'Infinity'::double precision
END) STORED NOT NULL,
    changed_in xid8 DEFAULT pg_current_xact_id() NOT NULL,
    CONSTRAINT sg_strategies_version_check CHECK ((version >= 1))
);

CREATE TABLE public.sg_strategies_gone (
    strategy_id text NOT NULL COLLATE pg_catalog."C",
    changed_in xid8 DEFAULT pg_current_xact_id() NOT NULL,
    gone_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.sg_strategy_status_history (
    id bigint NOT NULL,
    strategy_id text NOT NULL COLLATE pg_catalog."C",
    from_status text NOT NULL,
    to_status text NOT NULL,
    reason text NOT NULL,
    version bigint NOT NULL,
    changed_at timestamp with time zone NOT NULL
);

ALTER TABLE public.sg_strategy_status_history ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.sg_strategy_status_history_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

INSERT INTO public.sg_decisions VALUES
	(1, '75e2abcfc5e4eebae471ba842edb6500', 'every-minute', 1, 'BTCUSDT', 'LONG', '2026-11-30 18:09:00+00', '2026-11-30 18:09:00+00', '2026-11-30 18:10:00+00', false, '{"strategyId":"every-minute","strategyVersion":1,"symbol":"BTCUSDT","timeframe":"1m","barCloseTime":1796062140000,"side":"LONG","decisionId":"75e2abcfc5e4eebae471ba842edb6500","sequence":1,"sizeUsd":1000,"confidence":0.5,"strength":0.5,"requiredConfidence":0.5,"entryPrice":61252.8,"stopLoss":60027.744,"takeProfit":64315.44,"timestamp":1796062140000,"reasoning":"LONG BTCUSDT: CLOSE is 61252.8, holds (> 0.5); strength 50 %; confidence 0.5 of 0.5 required","metadata":{},"validUntil":1796062200000,"conditions":[{"condition":"CLOSE > 0.5","timeframe":"1m","left":61252.8,"right":0.5,"met":true,"missingBars":0}],"riskMode":"NORMAL","shadow":false,"dataSource":"simulated"}'),
	(2, '3fe987b686ea88644f888abdcb99fafd', 'in-shadow', 1, 'BTCUSDT', 'LONG', '2026-11-30 18:09:00+00', '2026-11-30 18:09:00+00', '2026-11-30 18:10:00+00', true, '{"strategyId":"in-shadow","strategyVersion":1,"symbol":"BTCUSDT","timeframe":"1m","barCloseTime":1796062140000,"side":"LONG","decisionId":"3fe987b686ea88644f888abdcb99fafd","sequence":2,"sizeUsd":1000,"confidence":0.5,"strength":0.5,"requiredConfidence":0.5,"entryPrice":61252.8,"stopLoss":60027.744,"takeProfit":64315.44,"timestamp":1796062140000,"reasoning":"LONG BTCUSDT: CLOSE is 61252.8, holds (> 0.5); strength 50 %; confidence 0.5 of 0.5 required","metadata":{},"validUntil":1796062200000,"conditions":[{"condition":"CLOSE > 0.5","timeframe":"1m","left":61252.8,"right":0.5,"met":true,"missingBars":0}],"riskMode":"NORMAL","shadow":true,"dataSource":"simulated"}'),
	(3, '3acec0bfc39f39dab4c7228142c666ec', 'every-minute', 1, 'BTCUSDT', 'LONG', '2026-11-30 18:10:00+00', '2026-11-30 18:10:00+00', '2026-11-30 18:11:00+00', false, '{"strategyId":"every-minute","strategyVersion":1,"symbol":"BTCUSDT","timeframe":"1m","barCloseTime":1796062200000,"side":"LONG","decisionId":"3acec0bfc39f39dab4c7228142c666ec","sequence":3,"sizeUsd":1000,"confidence":0.5,"strength":0.5,"requiredConfidence":0.5,"entryPrice":61256.3,"stopLoss":60031.174,"takeProfit":64319.115000000005,"timestamp":1796062200000,"reasoning":"LONG BTCUSDT: CLOSE is 61256.3, holds (> 0.5); strength 50 %; confidence 0.5 of 0.5 required","metadata":{},"validUntil":1796062260000,"conditions":[{"condition":"CLOSE > 0.5","timeframe":"1m","left":61256.3,"right":0.5,"met":true,"missingBars":0}],"riskMode":"NORMAL","shadow":false,"dataSource":"simulated"}'),
	(4, 'b4776a2166f594756eb765c60d446198', 'in-shadow', 1, 'BTCUSDT', 'LONG', '2026-11-30 18:10:00+00', '2026-11-30 18:10:00+00', '2026-11-30 18:11:00+00', true, '{"strategyId":"in-shadow","strategyVersion":1,"symbol":"BTCUSDT","timeframe":"1m","barCloseTime":1796062200000,"side":"LONG","decisionId":"b4776a2166f594756eb765c60d446198","sequence":4,"sizeUsd":1000,"confidence":0.5,"strength":0.5,"requiredConfidence":0.5,"entryPrice":61256.3,"stopLoss":60031.174,"takeProfit":64319.115000000005,"timestamp":1796062200000,"reasoning":"LONG BTCUSDT: CLOSE is 61256.3, holds (> 0.5); strength 50 %; confidence 0.5 of 0.5 required","metadata":{},"validUntil":1796062260000,"conditions":[{"condition":"CLOSE > 0.5","timeframe":"1m","left":61256.3,"right":0.5,"met":true,"missingBars":0}],"riskMode":"NORMAL","shadow":true,"dataSource":"simulated"}'),
	(5, '37947f75f5a96b92b70544085012446f', 'every-minute', 1, 'BTCUSDT', 'LONG', '2026-11-30 18:11:00+00', '2026-11-30 18:11:00+00', '2026-11-30 18:12:00+00', false, '{"strategyId":"every-minute","strategyVersion":1,"symbol":"BTCUSDT","timeframe":"1m","barCloseTime":1796062260000,"side":"LONG","decisionId":"37947f75f5a96b92b70544085012446f","sequence":5,"sizeUsd":1000,"confidence":0.5,"strength":0.5,"requiredConfidence":0.5,"entryPrice":61252.1,"stopLoss":60027.058,"takeProfit":64314.705,"timestamp":1796062260000,"reasoning":"LONG BTCUSDT: CLOSE is 61252.1, holds (> 0.5); strength 50 %; confidence 0.5 of 0.5 required","metadata":{},"validUntil":1796062320000,"conditions":[{"condition":"CLOSE > 0.5","timeframe":"1m","left":61252.1,"right":0.5,"met":true,"missingBars":0}],"riskMode":"NORMAL","shadow":false,"dataSource":"simulated"}'),
	(6, '50b59550504ea00396c0488fa41137eb', 'in-shadow', 1, 'BTCUSDT', 'LONG', '2026-11-30 18:11:00+00', '2026-11-30 18:11:00+00', '2026-11-30 18:12:00+00', true, '{"strategyId":"in-shadow","strategyVersion":1,"symbol":"BTCUSDT","timeframe":"1m","barCloseTime":1796062260000,"side":"LONG","decisionId":"50b59550504ea00396c0488fa41137eb","sequence":6,"sizeUsd":1000,"confidence":0.5,"strength":0.5,"requiredConfidence":0.5,"entryPrice":61252.1,"stopLoss":60027.058,"takeProfit":64314.705,"timestamp":1796062260000,"reasoning":"LONG BTCUSDT: CLOSE is 61252.1, holds (> 0.5); strength 50 %; confidence 0.5 of 0.5 required","metadata":{},"validUntil":1796062320000,"conditions":[{"condition":"CLOSE > 0.5","timeframe":"1m","left":61252.1,"right":0.5,"met":true,"missingBars":0}],"riskMode":"NORMAL","shadow":true,"dataSource":"simulated"}');

INSERT INTO public.sg_journal VALUES
	(true, 6);

INSERT INTO public.sg_migrations VALUES
	(1, 'strategies', '2026-11-30 17:50:54.364266+00'),
	(2, 'decisions', '2026-11-30 17:50:54.445859+00'),
	(3, 'positions', '2026-11-30 17:50:54.514994+00'),
	(4, 'policy', '2026-11-30 17:50:54.626174+00'),
	(5, 'changes', '2026-11-30 17:50:54.668977+00'),
	(6, 'strays', '2026-11-30 17:50:54.750877+00');

INSERT INTO public.sg_policy VALUES
	(true, NULL, 0.1, NULL, true, 'before the upgrade', NULL);

INSERT INTO public.sg_positions VALUES
	('open-one', 'every-minute', 'BTCUSDT', 'LONG', '3acec0bfc39f39dab4c7228142c666ec', 1000, 61000, '2026-11-30 18:10:00+00', NULL, NULL, 0, NULL),
	('closed-one', 'every-minute', 'BTCUSDT', 'LONG', '75e2abcfc5e4eebae471ba842edb6500', 1000, 61000, '2026-11-30 18:09:00+00', 61610, '2026-11-30 18:11:00+00', 1, 1);

INSERT INTO public.sg_rejections VALUES
	('37947f75f5a96b92b70544085012446f', 'too late', '2026-11-30 17:51:33.096+00');

INSERT INTO public.sg_strategies VALUES
	('two-versions', 'Second', 'CANDIDATE', '[{"name": "RSI_21", "value": 30, "operator": "<", "timeframe": "1m"}]', 'ALL', 1000, true, 0.02, 0.05, '{}', 0.5, 3, NULL, 'LONG', '1m', 'LEVEL', '00:01:00', '{}', '{}', 2, '2026-11-30 17:51:12.706+00', '2026-11-30 17:51:12.834+00', NULL, DEFAULT, '735'),
	('every-minute', 'Every minute', 'LIVE', '[{"name": "CLOSE", "value": 0.5, "operator": ">", "timeframe": "1m"}]', 'ALL', 1000, true, 0.02, 0.05, '{}', 0.5, 3, NULL, 'LONG', '1m', 'LEVEL', '00:01:00', '{}', '{}', 1, '2026-11-30 17:51:12.387+00', '2026-11-30 17:51:12.387+00', '2026-11-30 18:29:00+00', DEFAULT, '732'),
	('in-shadow', 'In shadow', 'SHADOW', '[{"name": "CLOSE", "value": 0.5, "operator": ">", "timeframe": "1m"}]', 'ALL', 1000, true, 0.02, 0.05, '{}', 0.5, 3, NULL, 'LONG', '1m', 'LEVEL', '00:01:00', '{}', '{}', 1, '2026-11-30 17:51:12.673+00', '2026-11-30 17:51:12.673+00', '2026-11-30 18:29:00+00', DEFAULT, '733');

SELECT pg_catalog.setval('public.sg_strategy_status_history_id_seq', 1, false);

ALTER TABLE ONLY public.sg_decisions
    ADD CONSTRAINT sg_decisions_decision_id_key UNIQUE (decision_id);

ALTER TABLE ONLY public.sg_decisions
    ADD CONSTRAINT sg_decisions_pkey PRIMARY KEY (sequence);

ALTER TABLE ONLY public.sg_journal
    ADD CONSTRAINT sg_journal_pkey PRIMARY KEY (single);

ALTER TABLE ONLY public.sg_migrations
    ADD CONSTRAINT sg_migrations_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.sg_policy
    ADD CONSTRAINT sg_policy_pkey PRIMARY KEY (single);

ALTER TABLE ONLY public.sg_positions
    ADD CONSTRAINT sg_positions_close_sequence_key UNIQUE (close_sequence);

ALTER TABLE ONLY public.sg_positions
    ADD CONSTRAINT sg_positions_pkey PRIMARY KEY (position_id);

ALTER TABLE ONLY public.sg_rejections
    ADD CONSTRAINT sg_rejections_pkey PRIMARY KEY (decision_id);

ALTER TABLE ONLY public.sg_strategies
    ADD CONSTRAINT sg_strategies_pkey PRIMARY KEY (strategy_id);

ALTER TABLE ONLY public.sg_strategy_status_history
    ADD CONSTRAINT sg_strategy_status_history_pkey PRIMARY KEY (id);

CREATE INDEX sg_decisions_by_strategy ON public.sg_decisions USING btree (strategy_id, sequence);

CREATE INDEX sg_decisions_by_time ON public.sg_decisions USING btree ("timestamp");

CREATE INDEX sg_positions_by_opening ON public.sg_positions USING btree (opened_at);

CREATE INDEX sg_positions_closed ON public.sg_positions USING btree (strategy_id, closed_at, position_id) WHERE (closed_at IS NOT NULL);

CREATE INDEX sg_positions_open ON public.sg_positions USING btree (position_id) WHERE (closed_at IS NULL);

CREATE INDEX sg_rejections_by_time ON public.sg_rejections USING btree ("time");

CREATE INDEX sg_strategies_by_change ON public.sg_strategies USING btree (changed_in, strategy_id);

CREATE INDEX sg_strategies_by_fitness ON public.sg_strategies USING btree (fitness_rank, strategy_id);

CREATE INDEX sg_strategies_by_status ON public.sg_strategies USING btree (status, strategy_id);

CREATE INDEX sg_strategies_by_status_and_fitness ON public.sg_strategies USING btree (status, fitness_rank, strategy_id);

CREATE INDEX sg_strategies_gone_by_change ON public.sg_strategies_gone USING btree (changed_in, strategy_id);

CREATE INDEX sg_strategies_gone_by_time ON public.sg_strategies_gone USING btree (gone_at);

CREATE INDEX sg_strategies_strays ON public.sg_strategies USING btree (fitness_rank, strategy_id) WHERE (status <> ALL ('{CANDIDATE,SHADOW,LIVE,DISABLED}'::text[]));

CREATE INDEX sg_strategy_status_history_by_strategy ON public.sg_strategy_status_history USING btree (strategy_id, id);

CREATE TRIGGER sg_policy_notify AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON public.sg_policy FOR EACH STATEMENT EXECUTE FUNCTION public.sg_notify();

CREATE TRIGGER sg_strategies_keep_version BEFORE UPDATE ON public.sg_strategies FOR EACH ROW EXECUTE FUNCTION public.sg_strategies_keep_version();

CREATE TRIGGER sg_strategies_note_change BEFORE INSERT OR UPDATE ON public.sg_strategies FOR EACH ROW EXECUTE FUNCTION public.sg_strategies_note_change();

CREATE TRIGGER sg_strategies_note_deleted AFTER DELETE ON public.sg_strategies REFERENCING OLD TABLE AS deleted FOR EACH STATEMENT EXECUTE FUNCTION public.sg_strategies_note_gone();

CREATE TRIGGER sg_strategies_note_renamed AFTER UPDATE OF strategy_id ON public.sg_strategies FOR EACH ROW WHEN ((old.strategy_id IS DISTINCT FROM new.strategy_id)) EXECUTE FUNCTION public.sg_strategies_note_gone();

CREATE TRIGGER sg_strategies_note_truncated BEFORE TRUNCATE ON public.sg_strategies FOR EACH STATEMENT EXECUTE FUNCTION public.sg_strategies_note_gone();

CREATE TRIGGER sg_strategies_notify AFTER INSERT OR DELETE OR UPDATE OF strategy_id, name, status, entry_indicators, entry_logic, base_size_usd, confidence_scaling, stop_loss_pct, take_profit_pct, allowed_regimes, min_confidence, max_positions, fitness_score, side, timeframe, trigger, cooldown, symbols, labels, version, created_at, updated_at OR TRUNCATE ON public.sg_strategies FOR EACH STATEMENT EXECUTE FUNCTION public.sg_notify();
