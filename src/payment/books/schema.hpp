// The tables of payments; one migration of the platform's.
#pragma once

namespace tf::payment {

// Of an order only its number and (user, order number) are indexed for good; what is open is in a small index of its own.
inline constexpr const char* kSchema = R"sql(
CREATE TABLE payment_orders (
  number BIGINT NOT NULL PRIMARY KEY,
  user_id TEXT NOT NULL,
  order_number TEXT NOT NULL,
  content_hash BYTEA NOT NULL,
  amount BIGINT NOT NULL,
  currency TEXT NOT NULL,
  merchant TEXT NOT NULL,
  terminal TEXT NOT NULL,
  subject TEXT NOT NULL,
  instrument TEXT NOT NULL,
  front_end TEXT NOT NULL,
  at_ms BIGINT NOT NULL,
  state TEXT NOT NULL,
  resolved INTEGER NOT NULL,
  code TEXT NOT NULL,
  reference TEXT NOT NULL,
  changed_ms BIGINT NOT NULL,
  refunded BIGINT NOT NULL,
  events BIGINT NOT NULL,
  UNIQUE (user_id, order_number)
);
CREATE INDEX payment_orders_open ON payment_orders (number) WHERE state IN ('sent', 'unknown', 'reversing');
CREATE TABLE payment_refunds (
  number BIGINT NOT NULL PRIMARY KEY,
  payment BIGINT NOT NULL,
  refund_number TEXT NOT NULL,
  amount BIGINT NOT NULL,
  currency TEXT NOT NULL,
  front_end TEXT NOT NULL,
  at_ms BIGINT NOT NULL,
  state TEXT NOT NULL,
  code TEXT NOT NULL,
  reference TEXT NOT NULL,
  changed_ms BIGINT NOT NULL,
  UNIQUE (payment, refund_number)
);
CREATE INDEX payment_refunds_pending ON payment_refunds (number) WHERE state = 'pending';
CREATE TABLE payment_usage (
  scope TEXT NOT NULL,
  who TEXT NOT NULL,
  currency TEXT NOT NULL,
  day BIGINT NOT NULL,
  sum BIGINT NOT NULL,
  count BIGINT NOT NULL,
  recent BYTEA NOT NULL,
  PRIMARY KEY (scope, who, currency)
);
CREATE TABLE payment_merchants (
  merchant TEXT NOT NULL PRIMARY KEY,
  url TEXT NOT NULL,
  kek TEXT NOT NULL,
  wrapped BYTEA NOT NULL,
  created_ms BIGINT NOT NULL
);
CREATE TABLE payment_events (
  payment BIGINT NOT NULL,
  sequence BIGINT NOT NULL,
  merchant TEXT NOT NULL,
  body TEXT NOT NULL,
  created_ms BIGINT NOT NULL,
  due_ms BIGINT NOT NULL,
  attempts INTEGER NOT NULL,
  state TEXT NOT NULL,
  last_error TEXT NOT NULL,
  PRIMARY KEY (payment, sequence)
);
CREATE INDEX payment_events_waiting ON payment_events (merchant, due_ms) WHERE state = 'waiting';
CREATE TABLE payment_reconciliations (
  front_end TEXT NOT NULL,
  day BIGINT NOT NULL,
  at_ms BIGINT NOT NULL,
  matched BIGINT NOT NULL,
  differing BIGINT NOT NULL,
  PRIMARY KEY (front_end, day)
);
CREATE TABLE payment_differences (
  front_end TEXT NOT NULL,
  day BIGINT NOT NULL,
  transaction_no TEXT NOT NULL,
  type TEXT NOT NULL,
  verdict TEXT NOT NULL,
  ours TEXT NOT NULL,
  theirs TEXT NOT NULL,
  PRIMARY KEY (front_end, day, transaction_no, type)
)
)sql";

// The phone's direct path, and what operators decided. A migration of its own: the tables above are older.
inline constexpr const char* kDirectSchema = R"sql(
ALTER TABLE payment_orders ADD COLUMN path TEXT NOT NULL DEFAULT 'routed';
ALTER TABLE payment_orders ADD COLUMN offer TEXT NOT NULL DEFAULT '';
DROP INDEX payment_orders_open;
CREATE INDEX payment_orders_open ON payment_orders (number) WHERE state IN ('sent', 'offered', 'unknown', 'reversing');
CREATE TABLE payment_decisions (
  number BIGINT NOT NULL PRIMARY KEY,
  verdict TEXT NOT NULL,
  reason TEXT NOT NULL,
  proposed_by TEXT NOT NULL,
  proposed_ms BIGINT NOT NULL,
  decided_by TEXT NOT NULL,
  decided_ms BIGINT NOT NULL,
  contradicted TEXT NOT NULL,
  contradicted_ms BIGINT NOT NULL
)
)sql";

// Orders that have not ended. SQLite makes a table of a list of more than two values, each time it writes an order; of words with OR it does not.
#define TF_OPEN_ORDER "(state = 'sent' OR state = 'offered' OR state = 'unknown' OR state = 'reversing')"
inline constexpr const char* kOpenOrders =
    "DROP INDEX payment_orders_open;"
    "CREATE INDEX payment_orders_open ON payment_orders (number) WHERE " TF_OPEN_ORDER;

}  // namespace tf::payment
