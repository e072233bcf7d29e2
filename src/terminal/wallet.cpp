#include "terminal/wallet.hpp"

#include <memory>
#include <thread>

#include "pki/path/path.hpp"
#include "wire/json.hpp"

namespace tf::terminal {
namespace {

using namespace std::chrono_literals;

constexpr int kWalletAttempts = 3;
constexpr int kFileAttempts = 120;  // half a second apart

// The reasons of the page; a reason we do not know is told as it is.
Error wallet_refusal(const net::HttpResponse& response) {
  std::string reason;
  if (auto document = wire::JsonObject::parse(response.body)) reason = document->text("reason", 32).value_or("");
  static constexpr std::pair<const char*, const char*> known[] = {
      {"register", "wallet.refused_register"}, {"codes", "wallet.refused_codes"},   {"later", "wallet.refused_later"},   {"waiting", "wallet.refused_waiting"},       {"preparing", "wallet.refused_preparing"},
      {"challenge", "wallet.refused_challenge"}, {"time", "wallet.refused_time"},   {"login", "wallet.refused_login"},           {"password", "wallet.refused_password"},
      {"locked", "wallet.refused_locked"},     {"session", "wallet.refused_session"}, {"order", "wallet.refused_order"},         {"critical", "wallet.refused_critical"},
      {"instrument", "wallet.refused_instrument"}, {"gateway", "wallet.refused_gateway"}, {"pin", "wallet.refused_pin"}, {"expired", "wallet.refused_expired"}, {"refund", "wallet.refused_refund"},
      {"certificate", "wallet.refused_certificate"}};
  for (const auto& [word, ours] : known)
    if (reason == word) return {Code::refused, ours, "the platform refused: " + reason};
  return {Code::refused, "wallet.refused", "the platform refused: " + (reason.empty() ? "status " + std::to_string(response.status) : reason)};
}

}  // namespace

WalletExchange wallet_over(net::HttpClient client) {
  return [client = std::make_shared<net::HttpClient>(std::move(client))](const std::string& method, const std::string& target, const std::string& body) {
    return client->request({.method = method, .target = target, .content_type = body.empty() ? "" : "application/json", .body = body, .headers = {}});
  };
}

void WalletPhone::wait(std::chrono::milliseconds time) const {
  if (ports_.wait) return ports_.wait(time);
  std::this_thread::sleep_for(time);
}

Result<std::string> WalletPhone::post(std::string_view route, const std::string& body) {
  const auto response = TF_TRY(exchange_("POST", "/wallet/v1/" + std::string(route), body));
  if (response.status == 200) return response.body;
  if (response.status == 403) return wallet_refusal(response);
  return net::from_problem(response);
}

Result<wallet::Challenge> WalletPhone::challenge(wallet::ChallengePurpose purpose, wallet::Suite suite) {
  if (suite == wallet::Suite::classic) return wallet::Challenge{};  // has none
  return wallet::decode_challenge(TF_TRY(post("challenge", wallet::encode_challenge_request(purpose))));
}

Result<const wallet::KnownPlatform*> WalletPhone::platform() {
  if (platform_) return &*platform_;
  const auto response = TF_TRY(exchange_("GET", "/wallet/v1/keys", ""));
  if (response.status != 200) return net::from_problem(response);
  const auto verify = [this](const std::vector<Bytes>& chain, wallet::PlatformKeyUse use, const std::string& platform) -> Result<crypto::PublicKey> {
    const auto certificates = TF_TRY(pki::chain_from_der(chain));
    TF_CHECK(pki::validate_path({.leaf = certificates.front(), .intermediates = {certificates.begin() + 1, certificates.end()}, .anchors = {ports_.root},
                                 .at_ms = ports_.clock.now_ms(),
                                 .usage = use == wallet::PlatformKeyUse::encryption ? pki::Usage::wallet_encryption : pki::Usage::wallet_results}));
    if (certificates.front().common_name() != platform) return Error{Code::refused, "wallet.other_platform", "the certificate is another platform's"};
    return certificates.front().public_key();
  };
  platform_ = TF_TRY(wallet::read_platform_keys(response.body, ports_.platform, crypto::KeyKind::p256, verify));
  return &*platform_;
}

Result<WalletRegistering> WalletPhone::register_(const wallet::Subscriber& subscriber, const wallet::Person& person, const SecretBytes& password,
                                                 const wallet::RegisterOptions& options) {
  const auto* known = TF_TRY(platform());
  auto sent = TF_TRY(wallet::begin_register(*known, subscriber, person, password, options, TF_TRY(challenge(wallet::ChallengePurpose::registration)), ports_.random));
  auto registered = TF_TRY(wallet::finish_register(sent, TF_TRY(post("register", sent.body))));
  return WalletRegistering{std::move(sent), std::move(registered)};
}

Result<Bytes> WalletPhone::activate(const WalletRegistering& registering, const SecretBytes& confirmation_code, const SecretBytes& password) {
  const auto* known = TF_TRY(platform());
  const auto& sent = registering.sent;
  const Secret<32> codes = TF_TRY(wallet::codes_of(*known, registering.registered, confirmation_code, sent.options));
  const auto own = wallet::own_passwords(wallet::info3_key(sent.subscriber, password), sent.subscriber.number);
  const auto request = TF_TRY(wallet::begin_activate(*known, sent, registering.registered, codes, TF_TRY(challenge(wallet::ChallengePurpose::activate)), ports_.random));
  const auto certificate = TF_TRY(wallet::finish_activate(*known, sent, request, codes, TF_TRY(post("activate", request.body))));
  if (certificate) {
    if (!sent.key) return Error{Code::internal, "wallet.other_certificate", "a certificate for a key that is not ours"};
    return wallet::make_certificate_file(*sent.key, *certificate, own, ports_.file_iterations);
  }
  for (int attempt = 0; attempt < kFileAttempts; ++attempt) {
    wait(500ms);
    const auto fetch = wallet::begin_fetch(*known, sent, registering.registered, codes, TF_TRY(challenge(wallet::ChallengePurpose::activate)));
    const auto file = TF_TRY(wallet::finish_fetch(*known, sent, fetch, codes, TF_TRY(post("registration", fetch.body))));
    if (file) return wallet::take_over_file(*file, wallet::codes_mac_password(codes, registering.registered.registration), own, ports_.file_iterations);
  }
  return Error{Code::unavailable, "wallet.preparing", "the platform has not made the certificate file yet; activate again later"};
}

Result<wallet::UserKey> WalletPhone::open(ByteView file, const wallet::Subscriber& subscriber, const SecretBytes& password) const {
  auto opened = TF_TRY(wallet::open_certificate_file(file, wallet::own_passwords(wallet::info3_key(subscriber, password), subscriber.number), ports_.file_iterations));
  return wallet::UserKey{std::move(opened.key), std::move(opened.certificate)};
}

Result<wallet::PhoneSession> WalletPhone::login(wallet::Suite suite, const wallet::Subscriber& subscriber, const wallet::UserKey& user, const SecretBytes& password) {
  const auto* known = TF_TRY(platform());
  const auto sent = TF_TRY(wallet::begin_login(*known, suite, subscriber, user, password, TF_TRY(challenge(wallet::ChallengePurpose::login, suite)),
                                               ports_.clock.now_ms(), ports_.random));
  return wallet::finish_login(*known, subscriber, user, sent, TF_TRY(post("login", sent.body)));
}

Result<wallet::ResultClaim> WalletPhone::ask(std::string_view route, const wallet::RequestUnderWay& sent) {
  for (int attempt = 1;; ++attempt) {
    const auto answer = post(route, sent.body);
    if (answer) return wallet::finish_result(*TF_TRY(platform()), sent, *answer);
    const Code code = answer.error().code;
    if ((code != Code::unavailable && code != Code::overloaded) || attempt == kWalletAttempts) return answer.error();
    wait(attempt * 500ms);
  }
}

Result<wallet::ResultClaim> WalletPhone::pay(const wallet::PhoneSession& session, const wallet::UserKey& user, const wallet::Purchase& purchase) {
  const auto* known = TF_TRY(platform());
  return ask("pay", TF_TRY(wallet::begin_pay(*known, session, user, purchase, TF_TRY(challenge(wallet::ChallengePurpose::pay, session.suite)), ports_.random)));
}

Result<wallet::ResultClaim> WalletPhone::query(const wallet::PhoneSession& session, const wallet::UserKey& user, const std::string& order, const std::string& returned) {
  const auto* known = TF_TRY(platform());
  return ask("query", TF_TRY(wallet::begin_query(*known, session, user, order, TF_TRY(challenge(wallet::ChallengePurpose::query, session.suite)), ports_.clock.now_ms(),
                                                 ports_.random, returned)));
}

Result<wallet::ResultClaim> WalletPhone::refund(const wallet::PhoneSession& session, const wallet::UserKey& user, const std::string& order, const std::string& refund,
                                                std::int64_t amount) {
  const auto* known = TF_TRY(platform());
  return ask("refund", TF_TRY(wallet::begin_refund(*known, session, user, order, refund, amount, TF_TRY(challenge(wallet::ChallengePurpose::refund, session.suite)),
                                                   ports_.clock.now_ms(), ports_.random)));
}

Result<std::vector<wallet::InstrumentView>> WalletPhone::instruments(const wallet::PhoneSession& session, const wallet::UserKey& user, const wallet::InstrumentOrder& order) {
  const auto* known = TF_TRY(platform());
  const auto sent = TF_TRY(wallet::begin_instruments(*known, session, user, order, TF_TRY(challenge(wallet::ChallengePurpose::instruments)), ports_.random));
  return wallet::finish_instruments(session, sent, TF_TRY(post("instruments", sent.body)));
}

}  // namespace tf::terminal
