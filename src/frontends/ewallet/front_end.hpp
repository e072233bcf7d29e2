// A front end to an e-wallet of the Alipay kind: POST of a signed form, a signed JSON answer. The platform takes the money
// from an account that agreed to it (agreement_no), after it has seen the user's PIN and signature itself.
//
// Codes of its own beside the gateway's: "net.…" when the exchange failed, "http_503" for another status than 200,
// "ewallet.signature" and "ewallet.response" for an answer that cannot be believed, "currency", "instrument";
// "not_sent" with Verdict::declined for a payment that never left us.
#pragma once
#include <memory>

#include "base/ports.hpp"
#include "frontends/exchange.hpp"
#include "frontends/ewallet/settings.hpp"
#include "payment/front_end.hpp"

namespace tf::frontends::ewallet {

// Live until the exchange has been stopped.
struct Ports {
  vault::Vault& vault;
  payment::Instruments& instruments;
  const Clock& clock;
  Exchange& exchange;
};

class FrontEnd final : public payment::FrontEnd {
 public:
  FrontEnd(Settings settings, Ports ports);
  ~FrontEnd() override;

  [[nodiscard]] std::string name() const override;
  [[nodiscard]] bool healthy() const override;
  [[nodiscard]] Resolves resolves() const override { return Resolves::by_query; }

  // No PIN goes to an e-wallet; a block is refused (declined, "pin").
  void pay(const payment::Payment& payment, std::optional<payment::PinBlock> pin, Done done) override;
  // An order that the gateway does not know is cancelled there, so that declined holds though its request is still under way.
  void query(const payment::Payment& payment, Done done) override;
  // Cancels: closes what is not paid, gives back what is; an order the gateway has not seen can never be paid afterwards.
  void reverse(const payment::Payment& payment, Done done) override;
  void refund(const payment::Refund& refund, Done done) override;
  // Closes an order that nobody has paid yet; declined: it is paid.
  void close(const payment::Payment& payment, Done done);
  // The gateway's daily file, day as "2026-11-21". Code::refused "ewallet.no_bill", Code::unavailable "ewallet.bill".
  using BillDone = std::move_only_function<void(Result<std::string>)>;
  void bill(const std::string& day, BillDone done);

 private:
  struct Core;
  std::shared_ptr<Core> core_;
};

}  // namespace tf::frontends::ewallet
