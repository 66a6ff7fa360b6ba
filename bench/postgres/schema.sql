-- Accounts with money, and a transfer as one stored function. Called with -v accounts=NUMBER.
CREATE TABLE account (
    id bigint PRIMARY KEY,
    cash numeric(31) NOT NULL CHECK (cash >= 0),
    nonce bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 80);

INSERT INTO account (id, cash) SELECT number, 1000000000 FROM generate_series(1, :accounts) AS number;

-- Rows are locked in rising order of id, so that transfers which cross do not wait for each other for ever.
CREATE FUNCTION transfer(payer bigint, payee bigint, amount numeric) RETURNS void AS $$
BEGIN
    PERFORM 1 FROM account WHERE id IN (payer, payee) ORDER BY id FOR UPDATE;
    UPDATE account SET cash = cash - amount, nonce = nonce + 1 WHERE id = payer;
    UPDATE account SET cash = cash + amount WHERE id = payee;
END
$$ LANGUAGE plpgsql;

VACUUM ANALYZE account;
CHECKPOINT;
