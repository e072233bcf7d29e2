#include "tests/terminal_cardsign/site.hpp"

#include "apdu/channel.hpp"
#include "base/file.hpp"
#include "card/personalise.hpp"
#include "crypto/jose/jose.hpp"
#include "pki/issue.hpp"
#include "pki/leaf/leaf.hpp"
#include "pki/profile/profile.hpp"
#include "protocols/cardsign/refusal.hpp"

namespace tf::terminal::test {

using tf::test::must;

namespace {

const std::string kSession(22, 's');

pki::Certificate issued(const char* profile_name, const pki::Names& names, const crypto::PublicKey& key, const pki::Issuer& by, std::int64_t now_ms, Random& random) {
  const auto text = must(read_file(std::string(TRUSTFERRY_SOURCE_DIR) + "/packaging/profiles/" + profile_name + ".toml", 16'384));
  const pki::Profile profile = must(pki::parse_profile(as_text(text)));
  const pki::RevocationPlaces places{"http://lists.example/{shard}.crl", 1, "http://ocsp.example/ocsp"};
  const auto leaf = must(pki::build_leaf({.profile = profile, .names = names, .key = key, .issuer = by.certificate, .places = places, .now_ms = now_ms}, random));
  return must(pki::Certificate::from_der(must(pki::sign_leaf(leaf, by.key))));
}

pki::Issuer authority(const pki::Issuer& root, const char* name, const std::vector<pki::Usage>& usages, std::int64_t now_ms, Random& random) {
  auto key = crypto::PrivateKey::generate_p256();
  auto certificate = must(pki::issue_authority(root, name, usages, key.public_key(), {now_ms, pki::kAuthorityDays}, random));
  return {std::move(certificate), std::move(key)};
}

}  // namespace

Site::Site() {
  const std::int64_t now = clock.now_ms();
  auto root_key = crypto::PrivateKey::generate_p256();
  auto root_certificate = must(pki::make_root("Root", root_key, {now, pki::kRootDays}, random));
  root = pki::Issuer{std::move(root_certificate), std::move(root_key)};
  cards = authority(*root, "Cards", {pki::Usage::cardsign_payment, pki::Usage::cardsign_hash, pki::Usage::tls_client}, now, random);
  platform = authority(*root, "Platform", {pki::Usage::cardsign_server}, now, random);
  vault = must(vault::SoftwareVault::create(directory.file("vault"), SecretBytes(as_bytes("a passphrase of a test")), random, {.n = 16, .r = 8, .p = 1}));
  const auto server = must(vault->generate(kServerKey, crypto::KeyKind::p256, 0, vault::Purpose::sign));
  const auto certificate = issued("cardsign-server", {.subject = {{"commonName", kPlatform}}}, server, *platform, now, random);
  keys = {.platform = kPlatform, .results = {{kServerKey, {certificate.der(), platform->certificate.der()}}}};
  trust = CardsignTrust(kPlatform, root->certificate, {card::test::manufacturer().certificate});
  pcsc.readers[kReader] = {.card = true, .answer = [this](ByteView command) { return card.card().transmit(command); }};
  order = {.payment = kPayment, .merchant = "SHOP01", .number = "2026-0001", .amount = 1250, .currency = "EUR", .subject = "Tea", .user = {},
           .expires_ms = now + 600'000};
  row = {.serial = std::string(card::test::kSerial), .user = "anna", .factory = {}, .channel = {}};
  apdu::CommandApdu select = apdu::shield::select();
  (void)card.send(select);
  row.factory = must(apdu::shield::read_chain(card.send(apdu::shield::get_data(apdu::shield::Object::factory)).data));
  row.channel = card.send(apdu::shield::get_data(apdu::shield::Object::channel)).data;
}

CardInReach Site::reach() {
  auto channel = must(pcsc::PcscChannel::open(pcsc, kReader));
  auto* raw = channel.get();
  return {.channel = std::move(channel), .hold = [raw] { return raw->hold(); }, .name = kReader};
}

CardsignTerminal Site::terminal(CardInReach& card_in_reach, std::string pin) {
  return CardsignTerminal(exchange(), card_in_reach,
                          {.clock = clock, .trust = *trust,
                           .ask_pin = [this, pin = std::move(pin)](const Shown& what) -> Result<SecretBytes> {
                             shown.push_back(what);
                             if (pin.empty()) return Error{Code::refused, "test.gave_up", ""};
                             return SecretBytes(as_bytes(what.tries ? "123456" : pin));
                           },
                           .progress = {}, .wait = [](std::chrono::milliseconds) {}});
}

void Site::enrol() {
  auto reachable = reach();
  must(terminal(reachable).enrol(kCode));
}

std::string Site::sign(std::string_view typ, std::string_view payload) const {
  return must(crypto::jws_sign_es256([this](ByteView data) { return vault->sign_es256(kServerKey, data); }, typ, payload));
}

cardsign::Display Site::display(const cardsign::DisplayClaim& what) const {
  cardsign::Display out{.jws = sign(cardsign::typ::display, encode(what)), .channel = {row.channel}, .tries = {}};
  out.channel.insert(out.channel.end(), row.factory.begin(), row.factory.end());
  return out;
}

cardsign::DisplayClaim Site::claim() {
  const apdu::PaymentStructure payment{.domain = kPlatform, .payee = order.merchant, .amount = static_cast<std::uint64_t>(order.amount), .currency = order.currency,
                                       .order = order.number, .subject = order.subject, .nonce = random.array<32>(), .expires_ms = order.expires_ms};
  return {.platform = kPlatform, .user = "anna", .serial = row.serial, .payment = must(payment.encode()), .card_nonce = random.array<16>(), .counter = 1};
}

std::uint64_t Site::payments_on_card() {
  (void)card.send(apdu::shield::select());
  const Bytes octets = card.send(apdu::shield::get_data(apdu::shield::Object::counter)).data;
  std::uint64_t out = 0;
  for (const std::uint8_t octet : octets) out = out << 8 | octet;
  return out;
}

Bytes Site::certificate(const cardsign::CertificateWanted& wanted) {
  const std::string profile(cardsign::profile_of(wanted.slot, wanted.key.kind()));
  return issued(profile.c_str(), {.subject = {{"commonName", row.user}, {"serialNumber", row.serial}}}, wanted.key, *cards, clock.now_ms(), random).der();
}

CardsignExchange Site::exchange() {
  return [this](const std::string&, const std::string& target, const std::string& body) -> Result<net::HttpResponse> {
    asked.push_back(body);
    auto answer = handle(target.substr(std::string_view("/cardsign/v1/").size()), body);
    if (lost > 0) {
      --lost;
      return Error{Code::unavailable, "net.closed", "lost on the way"};
    }
    if (answer) return net::HttpResponse{.status = 200, .content_type = "application/json", .body = std::move(*answer), .headers = {}};
    return net::HttpResponse{.status = 403, .content_type = "application/problem+json", .body = cardsign::refusal_body(answer.error()), .headers = {}};
  };
}

Result<std::string> Site::handle(const std::string& route, const std::string& body) {
  if (route == "keys") return encode(keys);
  if (route == "relay") return relay(body);
  if (body == last_request_) return last_reply_;  // a lost answer
  last_request_ = body;
  step_ = 0;
  auto answer = [&]() -> Result<std::string> {
    if (route == "enrol") {
      if (TF_TRY(cardsign::decode_enrol_request(body)).code != kCode) return Error{Code::refused, "cardsign.wrong_code", ""};
      return go_on(TF_TRY(session_.emplace<cardsign::EnrolmentSession>(cardsign::Policy{.code_hours = 1}, "").begin()));
    }
    cardsign::Policy policy;
    policy.classic = true;
    session_ = TF_TRY(cardsign::PaymentSession::make(policy, TF_TRY(cardsign::decode_pay_request(body))));
    return go_on(TF_TRY(std::get<cardsign::PaymentSession>(session_).begin()));
  }();
  if (answer) last_reply_ = *answer;
  return answer;
}

Result<std::string> Site::relay(const std::string& body) {
  if (body == last_request_) return last_reply_;
  const auto request = TF_TRY(cardsign::decode_relay_request(body));
  if (request.removed) {
    told_removed = true;
    return Error{Code::refused, "cardsign.session", ""};
  }
  if (request.session != kSession || request.step != step_) return Error{Code::refused, "cardsign.session", ""};
  last_request_ = body;
  auto answer = [&]() -> Result<std::string> {
    if (auto* enrolment = std::get_if<cardsign::EnrolmentSession>(&session_)) return go_on(TF_TRY(enrolment->answered(request.answers, ports())));
    auto& payment = std::get<cardsign::PaymentSession>(session_);
    if (payment.asks_for_pin()) return go_on(TF_TRY(payment.entered(request.pin_envelope)));
    return go_on(TF_TRY(payment.answered(request.answers, ports())));
  }();
  if (answer) last_reply_ = *answer;
  return answer;
}

template <class Next>
Result<std::string> Site::go_on(Next next) {
  for (;;) {
    if (auto* commands = std::get_if<cardsign::Commands>(&next)) {
      if (command_lie) command_lie(commands->apdus);
      return reply(std::move(*commands));
    }
    if constexpr (std::is_same_v<Next, cardsign::EnrolmentSession::Next>) {
      auto& session = std::get<cardsign::EnrolmentSession>(session_);
      if (auto* done = std::get_if<cardsign::Enrolled>(&next)) return reply(cardsign::Done(std::move(*done)));
      if (std::holds_alternative<cardsign::CardWanted>(next)) {
        next = TF_TRY(session.found({.card = row, .keys = TF_TRY(card::scp03_keys(card.services().memory)), .manufacturers = trust->manufacturers, .stored = {}}, ports()));
      } else if (auto* wanted = std::get_if<cardsign::CertificateWanted>(&next)) {
        next = TF_TRY(session.certified(certificate(*wanted)));
      } else {
        next = TF_TRY(session.kept(ports()));
      }
    } else {
      auto& session = std::get<cardsign::PaymentSession>(session_);
      if (auto* display = std::get_if<cardsign::Display>(&next)) {
        if (display_lie) display_lie(*display);
        return reply(std::move(*display));
      }
      if (auto* paid = std::get_if<cardsign::Paid>(&next)) return reply(cardsign::Done(std::move(*paid)));
      if (std::holds_alternative<cardsign::CardWanted>(next)) {
        if (earlier) return reply(cardsign::Done(cardsign::Paid{sign(cardsign::typ::result, encode(*earlier))}));
        next = TF_TRY(session.found({.card = row, .order = order, .instrument = "i", .keys = {}}, [](const pki::Certificate&, pki::Usage) -> Status { return {}; }, ports()));
        continue;
      }
      const auto made = std::get<cardsign::SignedPayment>(next);
      row.counter = made.counter;
      if (!result_lie) {
        next = TF_TRY(session.booked({.transaction = "T1", .outcome = cardsign::Outcome::approved, .amount = order.amount, .currency = order.currency}, ports()));
        continue;
      }
      cardsign::ResultClaim claim{.platform = kPlatform, .user = row.user, .serial = row.serial, .digest = made.digest, .transaction = "T1",
                                  .outcome = cardsign::Outcome::approved, .amount = order.amount, .currency = order.currency, .time_ms = clock.now_ms()};
      result_lie(claim);
      return reply(cardsign::Done(cardsign::Paid{sign(cardsign::typ::result, encode(claim))}));
    }
  }
}

Result<std::string> Site::reply(std::variant<cardsign::Commands, cardsign::Display, cardsign::Done> next) {
  return encode(cardsign::SessionReply{.session = kSession, .step = ++step_, .next = std::move(next)});
}

}  // namespace tf::terminal::test
