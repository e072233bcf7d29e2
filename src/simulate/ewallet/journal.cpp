// The ledger's file.
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "base/file.hpp"
#include "base/log.hpp"
#include "simulate/ewallet/ledger.hpp"
#include "wire/json.hpp"

namespace tf::simulate::ewallet {
namespace {

constexpr std::size_t kMaxJournal = 1U << 30;
constexpr std::int64_t kMost = 999'999'999'999'999;

Error unwritable(const std::string& path) {
  return {Code::unavailable, "simulate.journal", path + ": " + std::generic_category().message(errno)};
}

Result<State> parse_state(const std::string& name) {
  for (const State state : {State::waiting, State::paid, State::declined, State::closed, State::reversed})
    if (name == name_of(state)) return state;
  return Error{Code::integrity, "simulate.journal", "an unknown state"};
}

Result<Order> read_order(wire::JsonObject& in) {
  Order out;
  out.dialect = TF_TRY(in.text("dialect"));
  out.number = TF_TRY(in.text("number"));
  out.merchant = TF_TRY(in.text("merchant"));
  out.amount = TF_TRY(in.integer("amount", 0, kMost));
  out.currency = TF_TRY(in.text("currency"));
  out.account = TF_TRY(in.text("account"));
  out.state = TF_TRY(parse_state(TF_TRY(in.text("state"))));
  out.code = TF_TRY(in.text("code"));
  out.reference = TF_TRY(in.text("reference"));
  out.at_ms = TF_TRY(in.integer("at_ms", 0, kMost));
  out.time = TF_TRY(in.text("time"));
  out.tn = TF_TRY(in.text("tn"));
  out.until = TF_TRY(in.text("until"));
  out.returned = TF_TRY(in.integer("returned", 0, kMost));
  out.notify_url = TF_TRY(in.text("notify_url"));
  out.told = TF_TRY(in.boolean("told"));
  TF_CHECK(in.finish());
  return out;
}

Result<Return> read_return(wire::JsonObject& in) {
  Return out;
  out.dialect = TF_TRY(in.text("dialect"));
  out.order = TF_TRY(in.text("order"));
  out.number = TF_TRY(in.text("number"));
  out.amount = TF_TRY(in.integer("amount", 0, kMost));
  out.reference = TF_TRY(in.text("reference"));
  out.at_ms = TF_TRY(in.integer("at_ms", 0, kMost));
  out.time = TF_TRY(in.text("time"));
  TF_CHECK(in.finish());
  return out;
}

}  // namespace

std::string_view name_of(State state) {
  switch (state) {
    case State::waiting: return "waiting";
    case State::paid: return "paid";
    case State::declined: return "declined";
    case State::closed: return "closed";
    case State::reversed: return "reversed";
  }
  return "";
}

Result<std::unique_ptr<Ledger>> Ledger::open(const std::string& path, std::int64_t balance) {
  auto before = read_file(path, kMaxJournal);
  if (!before && before.error().code != Code::not_found) return std::move(before).error();
  net::Descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  if (file.get() < 0) return unwritable(path);
  std::unique_ptr<Ledger> out(new Ledger(std::move(file), balance));
  if (!before) return out;
  const std::string_view text = as_text(*before);
  const std::size_t whole = text.rfind('\n') == std::string_view::npos ? 0 : text.rfind('\n') + 1;
  if (whole != text.size() && ::ftruncate(out->file_.get(), static_cast<off_t>(whole)) != 0) return unwritable(path);
  TF_CHECK(out->read_back(text.substr(0, whole)));
  return out;
}

Status Ledger::read_back(std::string_view text) {
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    TF_CHECK(take(text.substr(0, end)));
    text.remove_prefix(end + 1);
  }
  for (const auto& [key, order] : orders_) {
    if (order.state == State::paid) spent_[order.account] += order.amount - order.returned;
    if (!order.tn.empty()) by_tn_[order.tn] = key;
  }
  return {};
}

Status Ledger::take(std::string_view line) {
  auto in = TF_TRY(wire::JsonObject::parse(line));
  const std::string record = TF_TRY(in.text("record"));
  references_ = TF_TRY(in.integer("references", 0, kMost));
  if (record == "order") {
    Order order = TF_TRY(read_order(in));
    orders_.insert_or_assign({order.dialect, order.number}, std::move(order));
  } else if (record == "return") {
    Return back = TF_TRY(read_return(in));
    returns_.insert_or_assign({back.dialect, back.number}, std::move(back));
  } else {
    return Error{Code::integrity, "simulate.journal", "an unknown record"};
  }
  return {};
}

void Ledger::put(const Order& o) {
  wire::JsonWriter w;
  w.begin_object().member("record", "order").member("references", references_).member("dialect", o.dialect).member("number", o.number);
  w.member("merchant", o.merchant).member("amount", o.amount).member("currency", o.currency).member("account", o.account);
  w.member("state", name_of(o.state)).member("code", o.code).member("reference", o.reference).member("at_ms", o.at_ms);
  w.member("time", o.time).member("tn", o.tn).member("until", o.until).member("returned", o.returned).member("notify_url", o.notify_url).member("told", o.told);
  write(w.end_object().take());
  if (!o.tn.empty()) by_tn_[o.tn] = {o.dialect, o.number};
  orders_.insert_or_assign({o.dialect, o.number}, o);
}

void Ledger::put(const Return& r) {
  wire::JsonWriter w;
  w.begin_object().member("record", "return").member("references", references_).member("dialect", r.dialect).member("order", r.order);
  w.member("number", r.number).member("amount", r.amount).member("reference", r.reference).member("at_ms", r.at_ms).member("time", r.time);
  write(w.end_object().take());
  returns_.insert_or_assign({r.dialect, r.number}, r);
}

void Ledger::write(const std::string& line) {
  ++revision_;
  const std::string text = line + "\n";
  if (::write(file_.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()))
    log::error("simulate: the journal cannot be written: " + std::generic_category().message(errno));
}

}  // namespace tf::simulate::ewallet
