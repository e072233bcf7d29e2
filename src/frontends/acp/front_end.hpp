// A front end to a card network's gateway of the UnionPay ACP 5.1 kind: POST of a signed form, a signed form back. A card is
// known there by a token (Instruments::account), so no card number passes here. What does not end at once is asked about
// after 1, 2, 4, 8, 16 and 32 s; then it is unknown.
//
// Codes of its own beside the gateway's respCode: "net.…", "http_503", "acp.signature" and the like, "stopping", "currency",
// "pin"; "not_sent" with Verdict::declined for a payment that never left us.
#pragma once
#include <memory>

#include "base/ports.hpp"
#include "frontends/acp/settings.hpp"
#include "frontends/exchange.hpp"
#include "payment/front_end.hpp"

namespace tf::frontends::acp {

// Live until the exchange and the timer have been stopped, the exchange last.
struct Ports {
  vault::Vault& vault;
  payment::Instruments& instruments;
  const Clock& clock;
  Exchange& exchange;
  Timer& timer;
};

class FrontEnd final : public payment::FrontEnd {
 public:
  FrontEnd(Settings settings, Ports ports);
  ~FrontEnd() override;

  [[nodiscard]] std::string name() const override;
  [[nodiscard]] bool healthy() const override;
  [[nodiscard]] Resolves resolves() const override { return Resolves::by_query; }

  void pay(const payment::Payment& payment, std::optional<payment::PinBlock> pin, Done done) override;
  // Asks once. An order that the gateway does not know is reversed there, so that declined holds though its request is still
  // under way.
  void query(const payment::Payment& payment, Done done) override;
  // A reversal (txnType 99); where the gateway has settled already, an undoing (31).
  void reverse(const payment::Payment& payment, Done done) override;
  void refund(const payment::Refund& refund, Done done) override;

  // The reference is the order's "tn". phone_result.hpp reads what the phone brings back. A phone may try one card after another: that one
  // was refused is no end while the gateway takes the order.
  [[nodiscard]] bool takes_phones() const override;
  void order_for_phone(const payment::Payment& payment, std::int64_t until_ms, Done done) override;

 private:
  struct Core;
  std::shared_ptr<Core> core_;
};

}  // namespace tf::frontends::acp
