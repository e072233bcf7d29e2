// The phone's side of wallet at work: messages over HTTPS, the certificate file, what is kept on disk. docs/protocols/wallet.md.
#pragma once
#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "net/client/client.hpp"
#include "protocols/wallet/certificate_file.hpp"
#include "protocols/wallet/terminal_instruments.hpp"
#include "protocols/wallet/terminal.hpp"

namespace tf::terminal {

// From register to the end of activation.
struct WalletRegistering {
  wallet::RegisterUnderWay sent;
  wallet::Registered registered;
};

// What a phone keeps: DIRECTORY/NUMBER.p12, the certificate file, which needs this phone, this SIM and the password; and sealed
// under the storage key NUMBER.registering, while it registers, and NUMBER.session, while it is logged in.
class WalletFiles {
 public:
  WalletFiles(std::string directory, Secret<32> storage_key, Random& random) : directory_(std::move(directory)), key_(std::move(storage_key)), random_(random) {}
  [[nodiscard]] Status save(const std::string& number, const WalletRegistering& registering) const;
  // Code::not_found "terminal.not_registering".
  [[nodiscard]] Result<WalletRegistering> load_registering(const std::string& number) const;
  // Ends the registering.
  [[nodiscard]] Status save_file(const std::string& number, ByteView pkcs12) const;
  // Code::not_found "terminal.not_activated".
  [[nodiscard]] Result<Bytes> load_file(const std::string& number) const;
  [[nodiscard]] Status save(const wallet::PhoneSession& session, std::int64_t expires_ms) const;
  // Code::not_found "terminal.not_logged_in": none, or its time is over.
  [[nodiscard]] Result<wallet::PhoneSession> load_session(const std::string& number, std::int64_t now_ms) const;

 private:
  [[nodiscard]] std::string path_of(const std::string& number, const char* what) const { return directory_ + "/" + number + "." + what; }
  std::string directory_;
  Secret<32> key_;
  Random& random_;
};

// How messages reach the platform; an Error means that no answer came.
using WalletExchange = std::function<Result<net::HttpResponse>(const std::string& method, const std::string& target, const std::string& body)>;
WalletExchange wallet_over(net::HttpClient client);

struct WalletPorts {
  const Clock& clock;
  Random& random;
  pki::Certificate root;              // pinned
  std::string platform = "trustferry";  // the name we expect
  int file_iterations = 600'000;
  std::function<void(std::chrono::milliseconds)> wait = {};  // between two tries; empty: sleeps
};

// Errors: Code::refused "wallet.refused_<reason of the page>" when the platform refuses.
class WalletPhone {
 public:
  WalletPhone(WalletExchange exchange, WalletPorts ports) : exchange_(std::move(exchange)), ports_(std::move(ports)) {}

  // S02–S04. The confirmation code comes by SMS.
  Result<WalletRegistering> register_(const wallet::Subscriber& subscriber, const wallet::Person& person, const SecretBytes& password,
                                      const wallet::RegisterOptions& options);
  // S07–S08: the certificate file, PKCS#12. Waits for it where the platform makes it.
  Result<Bytes> activate(const WalletRegistering& registering, const SecretBytes& confirmation_code, const SecretBytes& password);
  // S09, S31–S33: needs the phone and the SIM it was made for.
  Result<wallet::UserKey> open(ByteView file, const wallet::Subscriber& subscriber, const SecretBytes& password) const;
  // S34–S39
  Result<wallet::PhoneSession> login(wallet::Suite suite, const wallet::Subscriber& subscriber, const wallet::UserKey& user, const SecretBytes& password);
  // S44–S46. A lost answer is asked for again with the same request: it is paid once.
  Result<wallet::ResultClaim> pay(const wallet::PhoneSession& session, const wallet::UserKey& user, const wallet::Purchase& purchase);
  // returned: what the network's gateway gave, of a direct order (wallet_gateway.hpp).
  Result<wallet::ResultClaim> query(const wallet::PhoneSession& session, const wallet::UserKey& user, const std::string& order, const std::string& returned = "");
  Result<wallet::ResultClaim> refund(const wallet::PhoneSession& session, const wallet::UserKey& user, const std::string& order, const std::string& refund,
                                     std::int64_t amount);

  // Enrols a card, or takes it away, or neither; what there is then.
  Result<std::vector<wallet::InstrumentView>> instruments(const wallet::PhoneSession& session, const wallet::UserKey& user, const wallet::InstrumentOrder& order);

  // The platform's keys, fetched once and checked.
  Result<const wallet::KnownPlatform*> platform();

 private:
  Result<std::string> post(std::string_view route, const std::string& body);
  Result<wallet::Challenge> challenge(wallet::ChallengePurpose purpose, wallet::Suite suite = wallet::Suite::modern);
  Result<wallet::ResultClaim> ask(std::string_view route, const wallet::RequestUnderWay& sent);
  void wait(std::chrono::milliseconds time) const;

  WalletExchange exchange_;
  WalletPorts ports_;
  std::optional<wallet::KnownPlatform> platform_;
};

}  // namespace tf::terminal
