// The platform's side of wallet over an in-memory store that keeps the promises of the database: what works once works once, a
// step's writes happen wholly or not at all, a row that changed meanwhile is a conflict, numbers are unique. Front end and SMS
// are lists that a test looks at.
#pragma once
#include <map>
#include <set>
#include <string>
#include <vector>

#include "pki/issue.hpp"
#include "protocols/wallet/platform_instruments.hpp"
#include "protocols/wallet/terminal_instruments.hpp"
#include "tests/support/deterministic.hpp"
#include "tests/support/estate.hpp"
#include "tests/support/expect.hpp"
#include "vault/software/software_vault.hpp"

namespace tf::wallet::test {

using tf::test::must;

inline constexpr crypto::ScryptCost kQuick{.n = 16, .r = 1, .p = 1};
inline constexpr int kFewIterations = 1000;
inline const std::string kPlatform = "wallet.test";

struct Paid {
  Order order;
  Booked booked;
};
struct GivenBack {
  RefundOrder refund;
  Booked booked;
};

// The root, a CA below it, and the platform's own certificates. Usage tells what a certificate of the test is for: the CN.
struct Authority {
  explicit Authority(Random& random, std::int64_t now_ms);
  [[nodiscard]] pki::Certificate issue(const std::string& name, const crypto::PublicKey& key) const;

  Random& random;
  std::int64_t now_ms;
  pki::Issuer root;
  pki::Issuer ca;
};

class World {
 public:
  // RSA keys take a third of a second: only who asks has one for the platform.
  explicit World(std::string_view seed = "wallet", bool with_rsa = false);

  // POST /wallet/v1/<route> or GET keys: the body of a 200 answer, or the exact reason there is none.
  Result<std::string> handle(std::string_view route, const std::string& body);
  [[nodiscard]] VerifyChain verifier() const;
  [[nodiscard]] std::string keys() const;
  // What runs off the request path: files that wait to be made.
  void run_jobs();
  // The newest confirmation code that went to this number, and the registration its SMS names.
  [[nodiscard]] std::pair<std::string, std::string> sms_of(const std::string& number) const;
  Registration& user_of(const std::string& number);  // the active one
  [[nodiscard]] int active_of(const std::string& number) const;
  void restart();  // sessions are gone

  tf::test::FixedClock clock;
  tf::test::DeterministicRandom random;
  tf::test::DeterministicRandom openssl_random;
  tf::test::OpenSslRandomness guard;
  tf::test::TemporaryDirectory directory;
  std::unique_ptr<vault::SoftwareVault> vault;
  Authority authority;
  Policy policy;
  protocols::SealedChallenges challenges;
  PlatformPorts ports;
  pki::Certificate encryption_p256;
  std::optional<pki::Certificate> encryption_rsa;
  pki::Certificate results;

  std::map<std::string, Registration> registrations;
  std::map<std::string, Session> sessions;
  std::map<std::string, Instrument> instruments{{"card-1", {true}}, {"card-2", {true}}, {"purse-1", {false}}};
  struct Enrolled {
    std::string registration, wallet, number, expiry, token;
    bool closed = false;
  };
  std::vector<Enrolled> enrolled;  // by phones
  std::set<std::string> gateways{"network"};
  std::vector<std::string> brought;  // what phones brought back from gateways
  std::map<std::pair<std::string, std::string>, Paid> orders;  // registration, order
  std::map<std::pair<std::string, std::string>, GivenBack> refunds;
  std::set<std::string> approvals;
  std::set<std::string> revoked;  // serials of certificates
  std::set<std::string> files_wanted;
  std::set<Hash256> used;
  std::vector<Sms> sms;
  std::vector<Alarm> alarms;
  std::vector<std::string> audit;  // "action: detail"
  Outcome front_end = Outcome::approved;
  int executed = 0;  // payments that a front end carried out
  int issued = 0;    // certificates
  std::optional<crypto::PrivateKey> pool;  // the KeyPool's one key

 private:
  Result<std::string> dispatch(std::string_view route, const std::string& body);
  Result<std::string> settle(Step step);
  Status perform(Writes& writes);
  Status update(Update& change);
  Result<std::string> on_activate(const std::string& body);
  Result<std::string> on_pay(const std::string& body);
  Result<std::string> on_instruments(const std::string& body);
  Result<std::string> on_inquiry(const OpenedInquiry& request);
  [[nodiscard]] const Session* session(const std::string& id) const;
  [[nodiscard]] bool is_active(const Session* session) const;
  ActivateSnapshot activate_snapshot(const std::string& id) const;
  std::string transaction();
};

// A phone with its SIM, its user and what it keeps.
struct Phone {
  World& world;
  Subscriber subscriber;
  std::string password_text = "correct horse";
  RegisterOptions options{Suite::modern, KeyMaker::phone, kQuick};
  crypto::KeyKind platform_kind = crypto::KeyKind::p256;
  // Over which it talks; none: straight to the world.
  std::function<Result<std::string>(std::string_view route, const std::string& body)> line = {};
  std::optional<KnownPlatform> known = {};
  std::optional<RegisterUnderWay> registering = {};
  std::optional<Registered> registered = {};
  Bytes file = {};  // the certificate file on its disk
  std::optional<PhoneSession> session = {};
  struct OpenedFile {
    Bytes file;
    std::string password;
    UserKey user;
  };
  std::optional<OpenedFile> opened = {};

  static Phone of(World& world, const std::string& number = "8613800000001");
  Result<std::string> send(std::string_view route, const std::string& body) { return line ? line(route, body) : world.handle(route, body); }
  Status know();  // fetches the platform's keys
  const KnownPlatform& platform();
  [[nodiscard]] SecretBytes password() const { return SecretBytes(as_bytes(password_text)); }
  Result<Challenge> challenge(ChallengePurpose purpose);  // none in classic, once it has logged in or is about to
  [[nodiscard]] Secret<32> codes(const std::string& confirmation);
  Status register_now();
  Status activate_now();  // with the code of the SMS
  Status activate_with(const std::string& confirmation);
  Status enrol();  // both
  Result<UserKey> open_file();
  Result<UserKey> user();  // the file's, opened anew when it or the password is another
  Status login_now();
  Purchase purchase(const std::string& order, std::int64_t amount = 1000, bool critical = false);
  Result<RequestUnderWay> payment(const Purchase& purchase);
  Result<ResultClaim> pay(const Purchase& purchase);
  Result<ResultClaim> query(const std::string& order);
  Result<ResultClaim> refund(const std::string& order, const std::string& number, std::int64_t amount);
  Result<std::vector<InstrumentView>> instrument(const InstrumentOrder& order);
  InstrumentOrder own_card() const;
};

}  // namespace tf::wallet::test
