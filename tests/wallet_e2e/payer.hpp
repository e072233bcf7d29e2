// A phone in this process that pays much, and goes on when the server dies under it.
#pragma once
#include <optional>
#include <string>

#include "tests/wallet_e2e/scene.hpp"

namespace tf::test {

class Payer {
 public:
  Payer(WalletScene& scene, Owner owner) : scene_(scene), owner_(std::move(owner)), line_(scene.line(&sent_)) {}
  Payer(const Payer&) = delete;  // its line writes to it
  Payer& operator=(const Payer&) = delete;

  // Registers, activates, logs in, enrols a card and an account.
  Status enrol();
  Status login();
  // A token of a card at the network, and what is paid with it through the network's gateway.
  Status enrol_token();
  Result<wallet::ResultClaim> pay_by_token(const std::string& order, std::int64_t amount) { return buy(order, amount, {token_, ""}); }
  // The direct path, its first half: the order waits for the phone.
  Result<wallet::ResultClaim> order_directly(const std::string& order, std::int64_t amount, const std::string& gateway = "network") { return buy(order, amount, {"", gateway}); }
  // Its second half: what the network's gateway gives the phone for it.
  Result<std::string> at_gateway(const wallet::ResultClaim& claim, std::int64_t amount, bool cancel = false);
  Result<wallet::ResultClaim> bring_back(const std::string& order, const std::string& returned) { return line_.query(*session_, *user_, order, returned); }
  // pin: another than the owner's.
  Result<wallet::ResultClaim> pay(const std::string& order, bool by_card, std::int64_t amount, const std::string& pin = "");
  Result<wallet::ResultClaim> query(const std::string& order) { return line_.query(*session_, *user_, order); }
  Result<wallet::ResultClaim> refund(const std::string& order, const std::string& refund, std::int64_t amount) {
    return line_.refund(*session_, *user_, order, refund, amount);
  }
  // Pays until it knows that the order is in the books, as a patient user would: logs in again, asks before it pays anew.
  Result<wallet::ResultClaim> insist(const std::string& order, bool by_card, std::int64_t amount);

  [[nodiscard]] const Owner& owner() const { return owner_; }
  [[nodiscard]] wallet::Subscriber subscriber() const { return {owner_.number, owner_.imei, owner_.iccid}; }
  [[nodiscard]] terminal::WalletPhone& line() { return line_; }
  [[nodiscard]] const wallet::UserKey& user() const { return *user_; }
  [[nodiscard]] const std::string& sent(const std::string& route) const { return sent_.at("/wallet/v1/" + route); }
  [[nodiscard]] wallet::Suite suite() const { return wallet::parse_suite(owner_.suite).value(); }

 private:
  Result<wallet::ResultClaim> buy(const std::string& order, std::int64_t amount, const std::pair<std::string, std::string>& means);
  Result<std::string> enrolled(const std::string& kind, const std::string& number, const std::string& expiry);

  WalletScene& scene_;
  Owner owner_;
  WalletScene::Sent sent_;
  terminal::WalletPhone line_;
  std::optional<wallet::UserKey> user_;
  std::optional<wallet::PhoneSession> session_;
  std::string card_, account_, token_;
};

SecretBytes secret(std::string_view text);

}  // namespace tf::test
