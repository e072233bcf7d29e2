// Merchants who are told by webhook: where, and the secret that their messages are signed with. The secret is shown once,
// when it is made; here it is a wrapped row that only the vault opens.
#pragma once
#include <map>
#include <shared_mutex>
#include <string>
#include <vector>

#include "audit/trail.hpp"
#include "base/ports.hpp"
#include "store/database.hpp"
#include "vault/vault.hpp"

namespace tf::payment {

vault::SymmetricSpec webhook_spec();
vault::RowId webhook_row(const std::string& merchant);

class Merchants {
 public:
  // Reads those there are. Database and vault outlive it.
  static Result<std::unique_ptr<Merchants>> open(store::Database& database, vault::Vault& vault);

  // url: https, or http to this machine. Again for the same merchant: another URL and another secret.
  // Code::invalid "payment.merchant", "payment.url".
  struct Enrolled {
    SecretBytes secret;  // 32 octets, for the merchant
  };
  Result<Enrolled> enrol(const std::string& merchant, const std::string& url, audit::Trail& trail, const std::string& actor, const Clock& clock, Random& random);

  [[nodiscard]] bool subscribes(const std::string& merchant) const;
  [[nodiscard]] Result<std::string> url(const std::string& merchant) const;  // Code::not_found "payment.no_merchant"
  // HMAC-SHA256 under the merchant's secret.
  [[nodiscard]] Result<Secret<32>> sign(const std::string& merchant, ByteView data) const;
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> list() const;  // merchant, URL

 private:
  Merchants(store::Database& database, vault::Vault& vault) : database_(database), vault_(vault) {}
  struct Entry {
    std::string url;
    vault::Wrapped wrapped;
  };
  [[nodiscard]] Result<Entry> entry(const std::string& merchant) const;

  store::Database& database_;
  vault::Vault& vault_;
  mutable std::shared_mutex mutex_;
  std::map<std::string, Entry> entries_;
};

// host and target of a webhook's URL. Code::invalid "payment.url".
struct HookUrl {
  std::string base;    // "https://shop.example:8443"
  std::string target;  // "/hooks?x=1"
};
Result<HookUrl> parse_hook_url(std::string_view url);

}  // namespace tf::payment
