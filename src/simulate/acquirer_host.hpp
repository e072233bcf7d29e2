// What the simulated acquirer answers: a pure matter of the message, its keys and its books. One thread at a time.
#pragma once
#include <optional>

#include "base/ports.hpp"
#include "frontends/card/message.hpp"
#include "simulate/acquirer_books.hpp"
#include "simulate/acquirer_keys.hpp"

namespace tf::simulate::acquirer {

using frontends::card::Message;

struct HostOptions {
  std::string pin;  // of every card; empty: test_pin(card number)
  int pin_tries = 3;
};

class Host {
 public:
  Host(Books& books, Keys& keys, const Clock& clock, HostOptions options)
      : books_(books), keys_(keys), clock_(clock), options_(std::move(options)) {}

  // which: the keys that made the request's MAC; not looked at for 0800. decline: the issuer does not honour a 0200 that is new.
  // Nothing: it is no message for a host. Errors are of the journal: nothing was done and nothing is answered.
  Result<std::optional<Message>> answer(const Message& request, std::size_t which, bool decline);

 private:
  Result<Message> network(const Message& request);
  Result<Message> financial(const Message& request, std::size_t which, bool decline);
  Result<Message> reversal(const Message& request);
  // Response code of a new 0200; a payment or refund that may be done is "00".
  Result<std::string> judge(const Message& request, const Posting& posting, std::size_t which);
  Result<std::string> judge_pin(const Message& request, const Posting& posting, std::size_t which);
  [[nodiscard]] std::string judge_refund(const Posting& posting) const;

  Books& books_;
  Keys& keys_;
  const Clock& clock_;
  HostOptions options_;
};

}  // namespace tf::simulate::acquirer
