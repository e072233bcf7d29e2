// The simulated acquirer's books: postings and balances in memory, every change first appended to a journal of JSON lines, from
// which they are built again at the next start (a last line that broke off is dropped). No card number is in it: cards are
// known by a fingerprint. Not for many threads at once.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "base/result.hpp"
#include "net/local/stream.hpp"

namespace tf::simulate::acquirer {

struct Posting {
  std::string key;          // what makes a request the same: trace, transmission time, acquirer, terminal
  std::string transaction;  // theirs: field 62
  std::string reference;    // field 37
  std::string card;         // fingerprint
  std::string type;         // "payment", "refund"
  std::int64_t amount = 0;  // minor units
  std::string currency;     // ISO 4217 letters
  std::string state;        // "captured" (payment), "done" (refund), "declined", "reversed"
  std::string code;         // the answer: fields 39 and 38
  std::string approval;
  std::string original;     // refund: key of the payment
  std::int64_t refunded = 0;
};

class Books {
 public:
  // balance: what each card begins with. Code::integrity "acquirer.journal" for a line that is not ours.
  static Result<Books> open(const std::string& journal, std::int64_t balance);

  [[nodiscard]] const Posting* find(const std::string& key) const;
  [[nodiscard]] bool barred(const std::string& key) const { return barred_.contains(key); }
  [[nodiscard]] std::int64_t balance(const std::string& card) const;
  [[nodiscard]] int wrong_pins(const std::string& card) const;
  [[nodiscard]] const std::string& keys() const { return keys_; }  // the last key exchange's field 48
  [[nodiscard]] const std::string& keys_before() const { return keys_before_; }
  [[nodiscard]] const std::map<std::string, Posting>& postings() const { return postings_; }

  // Each is in the journal when it returns. Code::unavailable "acquirer.journal".
  Status post(const Posting& posting);     // moves the money where it was approved
  Status undo(const std::string& key);     // a captured payment: the money goes back
  Status bar(const std::string& key);      // a reversal came for what never did: it is refused should it still come
  Status count_pin(const std::string& card, int wrong);
  Status keep_keys(const std::string& field_48);

  // One file a day, DIRECTORY/YYYYMMDD.csv, replaced whole: what moved money or had moved it. The day is the one the transaction
  // number begins with. Only days with a change since the last time.
  Status settle(const std::string& directory);

 private:
  Status append(const std::string& line);
  Status replay(std::string_view line);
  void apply_posting(Posting posting);
  void apply_undo(const std::string& key);

  net::Descriptor file_;
  std::int64_t balance_ = 0;
  std::map<std::string, Posting> postings_;
  std::map<std::string, std::int64_t> balances_;
  std::map<std::string, int> wrong_pins_;
  std::set<std::string> barred_;
  std::set<std::string> unsettled_;  // days
  std::string keys_, keys_before_;
};

}  // namespace tf::simulate::acquirer
