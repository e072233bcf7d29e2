#include "tests/cardsign/world.hpp"

#include <fmt/format.h>

#include "base/file.hpp"
#include "pki/leaf/leaf.hpp"
#include "pki/path/path.hpp"
#include "pki/profile/profile.hpp"

namespace tf::cardsign::test {
namespace {

constexpr const char* kServerKey = "cardsign.server";

pki::Issuer make_root(const char* name, Random& random, std::int64_t now_ms) {
  auto key = crypto::PrivateKey::generate_p256();
  auto certificate = must(pki::make_root(name, key, {now_ms, pki::kRootDays}, random));
  return {std::move(certificate), std::move(key)};
}

pki::Issuer below(const pki::Issuer& root, const char* name, const std::vector<pki::Usage>& usages, Random& random, std::int64_t now_ms) {
  auto key = crypto::PrivateKey::generate_p256();
  auto certificate = must(pki::issue_authority(root, name, usages, key.public_key(), {now_ms, pki::kAuthorityDays}, random));
  return {std::move(certificate), std::move(key)};
}

pki::Certificate leaf(const pki::Issuer& issuer, std::string_view profile_name, const pki::Names& names, const crypto::PublicKey& key, Random& random, std::int64_t now_ms) {
  const auto file = fmt::format("{}/packaging/profiles/{}.toml", TRUSTFERRY_SOURCE_DIR, profile_name);
  const auto profile = must(pki::parse_profile(as_text(must(read_file(file, 64 * 1024)))));
  const pki::RevocationPlaces places{"http://ca.test/{shard}.crl", 1, "http://ocsp.test/"};
  const auto built = must(pki::build_leaf({profile, names, key, issuer.certificate, places, now_ms, 0}, random));
  return must(pki::Certificate::from_der(must(pki::sign_leaf(built, issuer.key))));
}

SecretBytes passphrase() { return SecretBytes(as_bytes("cardsign test passphrase")); }

Error refused(const char* reason) { return {Code::refused, reason, "by the world"}; }

}  // namespace

void CardUnderTest::restart(Random& random) {
  in_reach.channel.reset();
  software.reset();
  software = must(card::SoftwareCard::over(storage, random));
  software->card().power_on();
  in_reach.channel = std::make_unique<card::InProcessChannel>(software->card());
}

World::World(std::string_view seed, Policy policy_in)
    : random(std::string(seed) + " platform"), openssl_random(std::string(seed) + " openssl"), guard(openssl_random),
      vault(must(vault::SoftwareVault::create(directory.file("vault.json"), passphrase(), random, {.n = 16, .r = 8, .p = 1}))),
      root(make_root("Cardsign test root", random, clock.now_ms())),
      cards(below(root, "cards", {pki::Usage::cardsign_payment, pki::Usage::cardsign_hash, pki::Usage::tls_client}, random, clock.now_ms())),
      platform(below(root, "platform", {pki::Usage::cardsign_server}, random, clock.now_ms())), manufacturer(make_root("Cards Inc.", random, clock.now_ms())),
      server(leaf(platform, "cardsign-server", {.subject = {{"commonName", kPlatform}}, .alternative = {}},
                  must(vault->generate(kServerKey, crypto::KeyKind::p256, 0, vault::Purpose::sign)), random, clock.now_ms())),
      policy(std::move(policy_in)) {}

PlatformPorts World::ports() { return {.clock = clock, .random = random, .vault = *vault, .platform = kPlatform, .server_key = kServerKey}; }
terminal::CardsignTrust World::trust() const { return {kPlatform, root.certificate, {manufacturer.certificate}}; }
PlatformKeys World::keys() const { return {kPlatform, {{kServerKey, {server.der(), platform.certificate.der()}}}}; }

std::unique_ptr<CardUnderTest> World::make_card(const std::string& serial, const pki::Issuer* by) {
  auto out = std::make_unique<CardUnderTest>();
  out->plan = card::default_plan(serial);
  out->plan.sign_hash = policy.classic;
  card::fill_in(out->plan, random);
  out->software = must(card::SoftwareCard::create_over(out->storage, out->plan, by != nullptr ? *by : manufacturer, clock.now_ms(), random));
  out->software->card().power_on();
  out->in_reach.channel = std::make_unique<card::InProcessChannel>(out->software->card());
  return out;
}

void World::add(const CardUnderTest& card, const std::string& user) {
  rows.insert_or_assign(card.serial(), CardRow{.serial = card.serial(), .user = user, .factory = {card.file(card::kFactoryCertificate)}, .channel = card.file(card::kChannelCertificate)});
  keys_of.insert_or_assign(card.serial(), &card);
}

void World::add_container(const CardUnderTest& card, std::uint8_t number, const std::string& user, const std::string& puk) {
  rows.at(card.serial()).user = user;
  rows.at(card.serial()).container = number;
  stored[card.serial()].clear();
  containers.insert_or_assign(card.serial(), Container{puk});
}

std::unique_ptr<CardUnderTest> World::enrolled(const std::string& serial, const std::string& user) {
  auto out = make_card(serial);
  add(*out, user);
  must(enrol(*out));
  return out;
}

Relay World::relay_of(CardUnderTest& card) const {
  return [&card](int, const Commands& commands) { return must(terminal::carry_out(card.in_reach, commands.apdus)).answers; };
}

Pad World::pad_of(std::string pin) const {
  return [this, pin](const Display& display) {
    const auto shown = must(terminal::verify_display(display, keys(), trust(), clock.now_ms()));
    return must(terminal::seal_pin_for(shown, SecretBytes(as_bytes(pin))));
  };
}

pki::Certificate World::issue(Slot slot, const std::string& user, const std::string& serial, const crypto::PublicKey& key) {
  ++issued;
  return leaf(cards, profile_of(slot, key.kind()), {.subject = {{"commonName", user}, {"serialNumber", serial}}, .alternative = {}}, key, random, clock.now_ms());
}

Result<Enrolled> World::enrol(CardUnderTest& card, const Relay& relay_in) {
  const Relay relay = relay_in ? relay_in : relay_of(card);
  EnrolmentSession session(policy, card.serial());
  auto next = session.begin();
  for (int exchange = 0;;) {
    if (!next) return next.error();
    if (auto* commands = std::get_if<Commands>(&*next)) {
      next = session.answered(relay(exchange++, *commands), ports());
    } else if (auto* wanted = std::get_if<CardWanted>(&*next)) {
      const auto row = rows.find(wanted->serial);
      if (row == rows.end()) return refused("cardsign.no_card");
      EnrolmentSnapshot at{.card = row->second, .keys = keys_of.at(wanted->serial)->plan.scp03.clone(), .manufacturers = {manufacturer.certificate}, .stored = {}};
      for (const auto& [slot, certificate] : stored[wanted->serial]) at.stored.push_back({slot, certificate});
      if (const auto made = containers.find(wanted->serial); made != containers.end() && made->second.state != "made")
        at.container = {.puk = SecretBytes(as_bytes(made->second.puk)), .intended = made->second.state == "intended"};
      next = session.found(std::move(at), ports());
    } else if (std::holds_alternative<ContainerWanted>(*next)) {
      containers.at(session.serial()).state = "intended";
      next = session.intended(ports());
    } else if (std::holds_alternative<ContainerMade>(*next)) {
      containers.at(session.serial()).state = "made";
      next = session.noted(ports());
    } else if (auto* made = std::get_if<CertificateWanted>(&*next)) {
      next = session.certified(issue(made->slot, rows.at(session.serial()).user, session.serial(), made->key).der());
    } else if (auto* slot = std::get_if<SlotStored>(&*next)) {
      stored[session.serial()][slot->slot] = slot->certificate;
      next = session.kept(ports());
    } else {
      return std::get<Enrolled>(*next);
    }
  }
}

PaymentSession::CheckCertificate World::checker() const {
  return [this](const pki::Certificate& certificate, pki::Usage usage) -> Status {
    if (revoked.contains(certificate.serial_hex())) return refused("cardsign.certificate_revoked");
    const auto path = pki::validate_path({.leaf = certificate, .intermediates = {cards.certificate}, .anchors = {root.certificate}, .at_ms = clock.now_ms(), .usage = usage});
    if (!path) return Error{Code::refused, "cardsign.certificate_unknown", describe(path.error())};
    return {};
  };
}

std::string World::order(const std::string& number, std::int64_t amount) {
  const std::string id = fmt::format("payment-{:0>14}", number);
  orders[id] = {.payment = id, .merchant = "SHOP1", .number = number, .amount = amount, .currency = "CNY", .subject = "Two coffees", .user = {}, .expires_ms = clock.now_ms() + 3'600'000};
  return id;
}

// Books as the platform does: state, counter and status in one.
Result<ResultClaim> World::pay(CardUnderTest& card, const std::string& payment, const Relay& relay_in, const Pad& pad_in) {
  const Relay relay = relay_in ? relay_in : relay_of(card);
  const Pad pad = pad_in ? pad_in : pad_of();
  auto session = TF_TRY(PaymentSession::make(policy, {.payment = payment, .suite = policy.classic ? Suite::classic : Suite::modern, .container = rows.at(card.serial()).container}));
  std::optional<Display> shown;
  auto next = session.begin();
  for (int exchange = 0;;) {
    if (!next) return next.error();
    if (auto* commands = std::get_if<Commands>(&*next)) {
      next = session.answered(relay(exchange++, *commands), ports());
    } else if (auto* wanted = std::get_if<CardWanted>(&*next)) {
      const auto row = rows.find(wanted->serial);
      if (row == rows.end()) return refused("cardsign.no_card");
      PaymentSnapshot at{.card = row->second, .order = orders.at(payment), .is_signed = signed_payments.contains(payment), .instrument = "account"};
      if (policy.sealed) at.keys = keys_of.at(wanted->serial)->plan.scp03.clone();
      next = session.found(std::move(at), checker(), ports());
    } else if (auto* display = std::get_if<Display>(&*next)) {
      shown = *display;
      const Bytes envelope = pad(*display);
      if (envelope.empty()) return refused("cardsign.card_removed");
      next = session.entered(envelope);
    } else if (auto* made = std::get_if<SignedPayment>(&*next)) {
      if (before_booking) before_booking(*made);
      TF_CHECK(checker()(session.certificate(), session.usage()));
      if (rows.at(made->serial).counter >= made->counter) return refused("cardsign.counter");
      if (!signed_payments.emplace(payment, *made).second) return refused("cardsign.payment_signed");
      rows.at(made->serial).counter = made->counter;
      const Order& order = orders.at(payment);
      next = session.booked({.transaction = "T-" + order.number, .outcome = Outcome::approved, .amount = order.amount, .currency = order.currency}, ports());
    } else {
      const auto verified = TF_TRY(terminal::verify_display(*shown, keys(), trust(), clock.now_ms()));
      return terminal::verify_result(std::get<Paid>(*next).result, verified, keys(), trust(), clock.now_ms());
    }
  }
}

Result<std::vector<std::string>> World::update(CardUnderTest& card, const Relay& relay_in) {
  const Relay relay = relay_in ? relay_in : relay_of(card);
  UpdateSnapshot at{.card = rows.at(card.serial()), .keys = card.plan.ota.clone(), .waiting = updates, .first_counter = ota_counters[card.serial()] + 1};
  ota_counters[card.serial()] += updates.size();
  auto session = TF_TRY(UpdateSession::make(std::move(at)));
  const auto commands = TF_TRY(session.begin());
  if (!commands) return std::vector<std::string>();
  const auto outcome = TF_TRY(session.answered(relay(0, *commands)));
  std::erase_if(updates, [&](const Update& each) { return std::ranges::find(outcome.done, each.id) != outcome.done.end(); });
  if (outcome.done.empty() && outcome.refused) return *outcome.refused;
  return outcome.done;
}

}  // namespace tf::cardsign::test
