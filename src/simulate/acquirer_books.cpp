#include "simulate/acquirer_books.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "base/file.hpp"
#include "wire/json.hpp"

namespace tf::simulate::acquirer {
namespace {

constexpr std::size_t kMaxJournal = 1024UL * 1024 * 1024;

std::string day_of(const std::string& transaction) { return transaction.substr(0, 8); }
bool moved_money(const Posting& posting) { return posting.state != "declined"; }

std::string line_of(const Posting& posting) {
  wire::JsonWriter out;
  out.begin_object().member("what", "posting").member("key", posting.key).member("transaction", posting.transaction);
  out.member("reference", posting.reference).member("card", posting.card).member("type", posting.type).member("amount", posting.amount);
  out.member("currency", posting.currency).member("state", posting.state).member("code", posting.code);
  out.member("approval", posting.approval).member("original", posting.original).end_object();
  return out.take();
}

Result<Posting> posting_of(wire::JsonObject& line) {
  Posting out;
  out.key = TF_TRY(line.text("key"));
  out.transaction = TF_TRY(line.text("transaction"));
  out.reference = TF_TRY(line.text("reference"));
  out.card = TF_TRY(line.text("card"));
  out.type = TF_TRY(line.text("type"));
  out.amount = TF_TRY(line.integer("amount", 0, 999'999'999'999));
  out.currency = TF_TRY(line.text("currency"));
  out.state = TF_TRY(line.text("state"));
  out.code = TF_TRY(line.text("code"));
  out.approval = TF_TRY(line.text("approval"));
  out.original = TF_TRY(line.text("original"));
  return out;
}

std::string line_of(const char* what, const char* name, const std::string& value) {
  return wire::JsonWriter().begin_object().member("what", what).member(name, value).end_object().take();
}

}  // namespace

Result<Books> Books::open(const std::string& journal, std::int64_t balance) {
  Books out;
  out.balance_ = balance;
  const Result<Bytes> before = read_file(journal, kMaxJournal);
  if (!before && before.error().code != Code::not_found) return before.error();
  std::string_view rest = before ? as_text(*before) : std::string_view();
  std::size_t whole = 0;
  for (std::size_t end = rest.find('\n'); end != std::string_view::npos; end = rest.find('\n')) {
    TF_CHECK(out.replay(rest.substr(0, end)));
    rest.remove_prefix(end + 1);
    whole += end + 1;
  }
  out.file_ = net::Descriptor(::open(journal.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  if (out.file_.get() < 0 || ::ftruncate(out.file_.get(), static_cast<off_t>(whole)) != 0)
    return Error{Code::unavailable, "acquirer.journal", journal + ": " + std::generic_category().message(errno)};
  return out;
}

Status Books::replay(std::string_view text) {
  auto line = TF_TRY(wire::JsonObject::parse(text));
  const std::string what = TF_TRY(line.text("what"));
  if (what == "posting") {
    apply_posting(TF_TRY(posting_of(line)));
  } else if (what == "undone") {
    apply_undo(TF_TRY(line.text("key")));
  } else if (what == "barred") {
    barred_.insert(TF_TRY(line.text("key")));
  } else if (what == "pin") {
    const std::string card = TF_TRY(line.text("card"));
    wrong_pins_[card] = static_cast<int>(TF_TRY(line.integer("wrong", 0, 1'000'000)));
  } else if (what == "keys") {
    keys_before_ = std::exchange(keys_, TF_TRY(line.text("blocks")));
  } else {
    return Error{Code::integrity, "acquirer.journal", "a line of another kind"};
  }
  return line.finish();
}

Status Books::append(const std::string& line) {
  const std::string whole = line + "\n";
  const ssize_t written = ::write(file_.get(), whole.data(), whole.size());
  if (written == static_cast<ssize_t>(whole.size())) return {};
  return Error{Code::unavailable, "acquirer.journal", std::generic_category().message(errno)};
}

const Posting* Books::find(const std::string& key) const {
  const auto found = postings_.find(key);
  return found == postings_.end() ? nullptr : &found->second;
}

std::int64_t Books::balance(const std::string& card) const {
  const auto found = balances_.find(card);
  return found == balances_.end() ? balance_ : found->second;
}

int Books::wrong_pins(const std::string& card) const {
  const auto found = wrong_pins_.find(card);
  return found == wrong_pins_.end() ? 0 : found->second;
}

void Books::apply_posting(Posting posting) {
  if (moved_money(posting)) {
    const bool refund = posting.type == "refund";
    balances_[posting.card] = balance(posting.card) + (refund ? posting.amount : -posting.amount);
    if (const auto original = postings_.find(posting.original); refund && original != postings_.end())
      original->second.refunded += posting.amount;
    unsettled_.insert(day_of(posting.transaction));
  }
  postings_.emplace(posting.key, std::move(posting));
}

void Books::apply_undo(const std::string& key) {
  const auto at = postings_.find(key);
  if (at == postings_.end() || at->second.state != "captured") return;
  at->second.state = "reversed";
  balances_[at->second.card] = balance(at->second.card) + at->second.amount;
  unsettled_.insert(day_of(at->second.transaction));
}

Status Books::post(const Posting& posting) {
  TF_CHECK(append(line_of(posting)));
  apply_posting(posting);
  return {};
}

Status Books::undo(const std::string& key) {
  TF_CHECK(append(line_of("undone", "key", key)));
  apply_undo(key);
  return {};
}

Status Books::bar(const std::string& key) {
  if (barred_.contains(key)) return {};
  TF_CHECK(append(line_of("barred", "key", key)));
  barred_.insert(key);
  return {};
}

Status Books::count_pin(const std::string& card, int wrong) {
  if (wrong_pins(card) == wrong) return {};
  TF_CHECK(append(wire::JsonWriter().begin_object().member("what", "pin").member("card", card).member("wrong", wrong).end_object().take()));
  wrong_pins_[card] = wrong;
  return {};
}

Status Books::keep_keys(const std::string& field_48) {
  TF_CHECK(append(line_of("keys", "blocks", field_48)));
  keys_before_ = std::exchange(keys_, field_48);
  return {};
}

Status Books::settle(const std::string& directory) {
  std::map<std::string, std::string> files;
  for (const std::string& day : unsettled_) files[day] = "date,transaction,type,amount,currency,state,reference\n";
  std::map<std::string, const Posting*> in_order;
  for (const auto& [key, posting] : postings_)
    if (moved_money(posting) && files.contains(day_of(posting.transaction))) in_order.emplace(posting.transaction, &posting);
  for (const auto& [transaction, posting] : in_order) {
    std::string& out = files[day_of(transaction)];
    for (const std::string& column : {day_of(transaction), transaction, posting->type, std::to_string(posting->amount), posting->currency, posting->state})
      out += column + ",";
    out += posting->reference + "\n";
  }
  std::error_code failed;  // told by the write
  std::filesystem::create_directories(directory, failed);
  for (const auto& [day, content] : files) TF_CHECK(write_file_atomic(directory + "/" + day + ".csv", as_bytes(content), 0644));
  unsettled_.clear();
  return {};
}

}  // namespace tf::simulate::acquirer
