// payment::FrontEnd for a card network: ISO 8583:1987 over one TCP line to the acquirer's host.
//
//   pay      0200; done or declined by field 39; everything else is unknown, to be reversed by the books. What never left is
//            declined ("out_of_service", "link.down", …)
//   reverse  0400, its repetition 0401, then the advices 0420 and 0421, until one is answered or the profile's reversal_time
//            is over: then unknown, and the books, which keep it durably, call again. That call goes on with advices.
//   refund   0200 with processing code 20 and the original in field 90; unknown also when it did not leave, for an earlier
//            attempt may have
//   query    a card network cannot be asked: unknown, "not_supported"
#pragma once
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "frontends/card/line.hpp"
#include "frontends/card/requests.hpp"

namespace tf::frontends::card {

// All outlive the front end.
struct Ports {
  const vault::Vault& vault;
  Keys& keys;
  Instruments& instruments;
  const Clock& clock;
  Watch watch{};
};

class CardFrontEnd final : public payment::FrontEnd {
 public:
  CardFrontEnd(Profile profile, net::LinkOptions link, const Ports& ports);
  ~CardFrontEnd() override;

  // Code::invalid "card.profile"; errors of Keys::working. The line comes up in its own time.
  Status start();
  // Whatever waits is told unknown. Called by the destructor.
  void stop();

  [[nodiscard]] std::string name() const override { return profile_.name; }
  [[nodiscard]] bool healthy() const override { return line_.healthy(); }
  [[nodiscard]] Resolves resolves() const override { return Resolves::by_reversal; }
  void pay(const Payment& payment, std::optional<payment::PinBlock> pin, Done done) override;
  void query(const Payment& payment, Done done) override;
  void reverse(const Payment& payment, Done done) override;
  void refund(const Refund& refund, Done done) override;

 private:
  struct Reversal;
  using ReversalPtr = std::shared_ptr<Reversal>;
  struct Purchase {
    Message message;
    std::int64_t generation = 0;  // of the keys its PIN is under; 0: no PIN
  };
  Result<Purchase> purchase_of(const Payment& payment, const std::optional<payment::PinBlock>& pin);
  void attempt(const ReversalPtr& reversal);
  void answered(const ReversalPtr& reversal, const Answer& answer);
  void finish(const ReversalPtr& reversal, payment::Outcome outcome);

  const Profile profile_;
  const Ports ports_;
  KeyRing keys_;
  std::mutex mutex_;
  std::map<std::string, ReversalPtr> reversals_;  // under way, by transaction
  std::set<std::string> tried_;                   // transactions whose reversal was sent and not answered
  bool stopped_ = false;
  Line line_;
};

}  // namespace tf::frontends::card
